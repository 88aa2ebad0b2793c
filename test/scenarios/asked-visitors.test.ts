import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { needs, programPath } from '../support/availability.ts';
import { fieldValues, foldedValues } from '../support/echo-application.ts';
import type { Credential } from '../support/knock.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { clientAuthority, type ServerAuthority, serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { lockedSite, type Site, statusOf, visit, visitPlain } from './site.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const ZONE = 'team.test';

/** The site of a team: the edge asks its members for certificates, and the origin lets only the edge in. */
describe('a hostname that asks its visitors, before a locked nginx', needs('nginx', 'curl', 'openssl'), () => {
  let postern: Postern;
  let authority: ServerAuthority;
  let site: Site;
  let staff: { readonly ca: string; readonly credential: Credential };
  let list = '';

  before(async () => {
    [postern, authority, staff] = await Promise.all([startPostern(), serverAuthority(), clientAuthority('Staff CA')]);
    site = await lockedSite('nginx', postern, { name: ZONE, authority });
    list = `/postern/v1/zones/${site.zone}/hostnames/${site.host}/visitor_authorities`;
  });
  after(async () => {
    await site?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  const member = () => visit(postern, site.host, { credential: staff.credential });
  const seen = () => site.origin.application.seen;

  test('is open until the list is there, and in force when the API answers', async () => {
    assert.equal(statusOf(await visit(postern, site.host)), 200);
    await postern.call('PUT', list, { certificates: staff.ca, name: 'staff' });
    const before = seen().length;
    assert.equal(statusOf(await visit(postern, site.host)), 403);
    assert.equal(seen().length, before);
    assert.equal(statusOf(await member()), 200);
  });

  test('tells its application by Client-Cert who came, and nothing that the visitor claims', async () => {
    const headers = ['Client-Cert', 'Client_Cert', 'client-cert', 'Client-Cert-Chain'].map((name) => {
      return [name, ':AAAA:'] as const;
    });
    assert.equal(statusOf(await visit(postern, site.host, { credential: staff.credential, headers })), 200);
    const last = seen().at(-1) ?? assert.fail('nothing came');
    const der = staff.credential.cert.replaceAll(/-----[A-Z ]+-----|\s/g, '');
    assert.deepEqual(foldedValues(last, 'Client-Cert'), [`:${der}:`]);
    assert.deepEqual(fieldValues(last, 'Client-Cert-Chain'), []);
  });

  test('is reached by curl with the certificate, over HTTP/1.1 and HTTP/2, and not without', async () => {
    using scratch = scratchDirectory();
    const [cert, key] = [join(scratch.path, 'me.pem'), join(scratch.path, 'me.key')];
    writeFileSync(cert, staff.credential.cert);
    writeFileSync(key, staff.credential.key, { mode: 0o600 });
    const at = `${site.host}:${postern.https}`;
    const curl = async (...more: readonly string[]) => {
      const options = ['-sk', '-o', '/dev/null', '-w', '%{http_code}', '--resolve', `${at}:127.0.0.1`, ...more];
      return (await run(programPath('curl'), [...options, `https://${at}/`])).stdout;
    };
    for (const version of ['--http1.1', '--http2']) {
      assert.equal(await curl(version), '403');
      assert.equal(await curl(version, '--cert', cert, '--key', key), '200');
    }
  });

  test('says in the handshake whose certificates it wants, and a neighbour on the same edge asks for none', async () => {
    const names = async (host: string, version: string) => {
      const asked = ['s_client', '-connect', `127.0.0.1:${postern.https}`, '-servername', host, version];
      const child = run(programPath('openssl'), asked);
      child.child.stdin?.end();
      return (await child).stdout;
    };
    for (const version of ['-tls1_2', '-tls1_3']) {
      assert.match(await names(site.host, version), /Acceptable client certificate CA names\nCN = Staff CA\n/);
      assert.match(await names(`shop.${ZONE}`, version), /No client certificate CA names sent/);
    }
  });

  test('sends plain HTTP to https, and serves nothing by it where that is off', async () => {
    assert.equal(statusOf(await visitPlain(postern, site.host)), 301);
    await postern.call('PATCH', `/zones/${site.zone}/settings/always_use_https`, { value: 'off' });
    const before = seen().length;
    assert.equal(statusOf(await visitPlain(postern, site.host)), 403);
    assert.equal(seen().length, before);
    await postern.call('PATCH', `/zones/${site.zone}/settings/always_use_https`, { value: 'on' });
  });

  test('knows its list also in a worker that comes later', async () => {
    postern.signal('SIGHUP');
    await until('the workers are new', () => postern.logged('reloaded').length > 0);
    assert.equal(statusOf(await visit(postern, site.host)), 403);
    assert.equal(statusOf(await member()), 200);
  });

  test('names who is turned away in the log, and counts them', async () => {
    const [line] = postern.logged('visitor_not_admitted');
    assert.deepEqual([line?.['host'], line?.['because']], [site.host, 'none_shown']);
    const metrics = await (await fetch(`${postern.base}/metrics`)).text();
    assert.match(metrics, /postern_refused_total\{.*visitor_certificate_required.*\} [1-9]/);
  });

  test('is open again once the list is dropped', async () => {
    await postern.call('DELETE', list);
    assert.equal(statusOf(await visit(postern, site.host)), 200);
    const last = seen().at(-1) ?? assert.fail('nothing came');
    assert.deepEqual(foldedValues(last, 'Client-Cert'), []);
  });
});
