import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type { Probe } from '../../src/doctor/probe.ts';
import { type Given, reproduce } from '../../src/doctor/report/reproduce.ts';
import { endWithTests } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { type Site, startSite } from './site.ts';

const HOST = 'www.example.test';

describe('the commands of a probe say what the probe said', needs('nginx', 'curl', 'openssl'), () => {
  let site: Site;
  before(async () => {
    site = await startSite(
      'ssl_client_certificate bundle.pem; ssl_verify_client optional_no_ca; ssl_session_timeout 1h;',
    );
  });
  after(() => site[Symbol.asyncDispose]());

  function probe(change: Partial<Probe>): Probe {
    return {
      target: { host: HOST, address: '127.0.0.1', port: site.https, door: 'https' },
      credential: 'none',
      tls: 'TLSv1.3',
      protocol: 'http/1.1',
      sni: 'locked',
      host: 'locked',
      otherName: null,
      spelling: 'plain',
      resumes: null,
      forges: null,
      path: '/',
      turn: 0,
      ...change,
    };
  }

  const given = (): Given => ({
    identity: { cert: site.file('good.pem'), key: site.file('good.key') },
    unwanted: [{ cert: site.file('neighbour.pem'), key: site.file('neighbour.key') }],
    verifiedHeader: 'X-Who',
  });

  /** What nginx saw: name in the handshake, Host, request line, version, subject, forged header. */
  async function seen(change: Partial<Probe>): Promise<{ readonly line: string; readonly out: string }> {
    using scratch = scratchDirectory();
    const before = log().length;
    const commands = reproduce(probe(change), given());
    assert.ok(commands.length > 0);
    const out = await shell(commands.join('\n'), scratch.path);
    const line = await until('nginx has written a line', () => log().slice(before).trim().split('\n').at(-1) || null);
    return { line, out };
  }

  const log = () => readFileSync(site.file('access.log'), 'utf8');

  const CASES: readonly (readonly [what: string, change: Partial<Probe>, line: RegExp])[] = [
    ['no certificate', {}, /^www\.example\.test\|www\.example\.test\|GET \/ HTTP\/1\.1\|TLSv1\.3\|-\|curl/],
    ['TLS 1.2 alone', { tls: 'TLSv1.2' }, /\|TLSv1\.2\|/],
    ['the right certificate', { credential: 'right' }, /\|TLSv1\.3\|CN=[^|]+\|/],
    ['a neighbour', { credential: 'unwanted' }, /\|TLSv1\.3\|CN=[^|]+\|/],
    ['one that signed itself', { credential: 'self_signed' }, /\|CN=stranger\|/],
    ['one of another authority', { credential: 'foreign' }, /\|CN=stranger\|/],
    ['upper case', { spelling: 'upper_case' }, /\|WWW\.EXAMPLE\.TEST\|/],
    ['a final dot', { spelling: 'trailing_dot' }, /\|www\.example\.test\.\|/],
    ['absolute form', { spelling: 'absolute_form' }, /\|GET https:\/\/www\.example\.test\/ HTTP/],
    ['a forged header', { forges: 'success' }, /\|SUCCESS$/],
    ['an odd path', { path: "/a/../b?q=[x]&y='%41" }, /\|GET \/a\/\.\.\/b\?q=\[x\]&y='%41 HTTP/],
    [
      'a session taken up again',
      { resumes: { credential: 'none', sni: 'locked', turn: 0, otherName: null } },
      /^www\.example\.test\|www\.example\.test\|GET \/ HTTP\/1\.1\|TLSv1\.3\|/,
    ],
  ];

  for (const [what, change, expected] of CASES) {
    test(what, async () => {
      const { line, out } = await seen(change);
      assert.match(line, expected);
      if (change.resumes !== undefined) assert.match(out, /HTTP\/1\.1 200[\s\S]*HTTP\/1\.1 200/);
    });
  }

  test('a name that no site has, or none, is refused as the probe was', async () => {
    for (const sni of ['unknown', 'none', 'address'] as const) {
      const out = await shell(`${reproduce(probe({ sni }), given()).join('\n')} 2>&1`, site.nginx.directory);
      assert.match(out, /unrecognized[ _]name/, sni);
    }
  });

  test('plain HTTP is asked at its own door', async () => {
    const door = { ...probe({}).target, port: site.http, door: 'http' as const };
    const out = await shell(
      reproduce(probe({ target: door, tls: null, sni: 'none' }), given()).join('\n'),
      site.nginx.directory,
    );
    assert.match(out, /HTTP\/1\.1 301[\s\S]*Location: https:\/\/www\.example\.test\//);
  });

  test('what takes a key that nobody has cannot be reproduced', () => {
    for (const credential of ['forged', 'expired', 'neighbour', 'same_name'] as const)
      assert.deepEqual(reproduce(probe({ credential }), given()), []);
    assert.deepEqual(reproduce(probe({ credential: 'right' }), { ...given(), identity: null }), []);
  });
});

async function shell(script: string, cwd: string): Promise<string> {
  const child = spawn('bash', ['-c', script], { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  endWithTests(child);
  return textOf(child.stdout);
}
