import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { configPath } from '../../src/origin/config-path.ts';
import { generate, trustFiles } from '../../src/origin/generate/generate.ts';
import { type OriginRequest, originRequirement } from '../../src/origin/requirement.ts';
import type { OriginProblemCode } from '../../src/origin/problems.ts';
import type { OpenNameRequest, SiteRequest } from '../../src/origin/site.ts';
import { needs, programPath } from '../support/availability.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { writeCredential, ZONE } from './locked-origin.ts';
import { type LockedServer, traitsOf } from './traits.ts';

/** Every mixture of what can be asked for: the servers' own tests of the syntax must pass them all. */

const MODES = ['enforce', 'watch'] as const;
const KINDS = ['zone', 'shared'] as const;
const CONTENTS = ['proxy', 'socket', 'static'] as const;

// stunnel has no test of its own; the other suites start it.
type CheckedServer = Exclude<LockedServer, 'stunnel'>;

/** How each server tests a file. A part to include is tested where it stands alone. */
const CHECKS: Readonly<Record<CheckedServer, { readonly argv: (file: string) => string[]; readonly parts: boolean }>> =
  {
    nginx: { argv: (file) => ['-t', '-c', file], parts: false },
    apache: { argv: (file) => ['-t', '-f', file], parts: false },
    haproxy: { argv: (file) => ['-c', '-f', file], parts: true },
    caddy: { argv: (file) => ['validate', '--adapter', 'caddyfile', '--config', file], parts: true },
    lighttpd: { argv: (file) => ['-tt', '-f', file], parts: false },
    node: { argv: (file) => ['--check', file], parts: false },
  };

let scratch: Scratch;
let credentials: PullCredentials;
before(async () => {
  scratch = scratchDirectory();
  credentials = await pullCredentials(ZONE, Date.now());
  writeFileSync(join(scratch.path, 'bundle.pem'), credentials.bundle);
  writeFileSync(join(scratch.path, 'neighbour.pem'), credentials.neighbourBundle);
  writeFileSync(join(scratch.path, 'own.pem'), credentials.own.authority.certificate.pem);
  mkdirSync(join(scratch.path, 'files'));
  writeCredential(scratch.path, 'site', credentials.server);
});
after(() => scratch?.[Symbol.dispose]());

function contentOf(kind: (typeof CONTENTS)[number]): Pick<SiteRequest, 'upstream' | 'root'> {
  switch (kind) {
    case 'proxy':
      return { upstream: 'http://127.0.0.1:3000' };
    case 'socket':
      return { upstream: `unix:${join(scratch.path, 'app.sock')}` };
    case 'static':
      return { root: join(scratch.path, 'files') };
  }
}

function requests(server: CheckedServer): readonly (readonly [what: string, request: OriginRequest])[] {
  const forms = CHECKS[server].parts ? (['complete', 'fragment'] as const) : (['complete'] as const);
  const each = forms.flatMap((form) =>
    MODES.flatMap((mode) => KINDS.flatMap((kind) => CONTENTS.map((content) => ({ form, mode, kind, content })))),
  );
  return each.flatMap(({ form, mode, kind, content }) => {
    const what = `${form}, ${mode}, ${kind}, ${content}`;
    const bundle = (name: string) => {
      const path = join(scratch.path, name);
      return kind === 'zone' ? { kind, path } : { kind, path, pins: [credentials.right.cert, credentials.next.cert] };
    };
    const own: SiteRequest = {
      zone: ZONE,
      hostnames: ['www.example.test', '*.apps.example.test'],
      bundle: bundle('bundle.pem'),
      mode,
      ...contentOf(content),
    };
    const others: readonly SiteRequest[] = MODES.map((other) => ({
      ...own,
      zone: 'other.test',
      hostnames: [`${other}.other.test`],
      bundle: bundle('neighbour.pem'),
      mode: other,
      verifiedHeader: 'X-Other-Verified',
    }));
    const openNames: readonly OpenNameRequest[] = [{ hostname: 'open.apps.example.test', ...contentOf(content) }];
    const common = {
      form,
      serverCert: join(scratch.path, 'site.pem'),
      serverKey: join(scratch.path, 'site.pem.key'),
      listen: ['127.0.0.1:8443', '[::1]:9443'],
      listenHttp: ['127.0.0.1:8080'],
      runtimeDirectory: scratch.path,
    };
    const callers = { alsoTrust: join(scratch.path, 'own.pem') };
    const alsoListen = ['127.0.0.1:9444', '127.0.0.2:8443'];
    return [
      [`one site: ${what}`, { sites: [own], ...common }],
      [`several: ${what}`, { sites: [own, ...others], openNames, ...common }],
      [`own callers: ${what}`, { sites: [{ ...own, ...callers }, ...others], openNames, ...common, alsoListen }],
    ];
  });
}

/** What the server says of a configuration; `null` where it takes it, `unable` where there is none to be made. */
async function complaint(server: CheckedServer, request: OriginRequest): Promise<string | null> {
  const requirement = originRequirement(request);
  assert.ok(!('kind' in requirement), JSON.stringify(requirement));
  const made = generate(server, requirement);
  if (made.kind === 'problem' && isAbility(made.code)) return 'unable';
  assert.ok(made.kind === 'config', JSON.stringify(made));
  const trust = ['bundle.pem', 'neighbour.pem', 'own.pem'].flatMap((name) => {
    const path = configPath(join(scratch.path, name)) ?? assert.fail(name);
    return trustFiles(server, { path, text: readFileSync(path, 'utf8') });
  });
  for (const { path, text } of [...made.files, ...trust]) writeFileSync(path, text);
  // Node goes by the name; the others look at none.
  const file = join(scratch.path, `${server}.cjs`);
  writeFileSync(file, made.text);
  return new Promise((resolve) => {
    execFile(programPath(traitsOf(server).program), CHECKS[server].argv(file), (error, stdout, stderr) =>
      resolve(error === null ? null : `${stdout}${stderr}\n${made.text}`),
    );
  });
}

/** Whether a refusal is about what a server can do, not about what was asked. */
function isAbility(code: OriginProblemCode): boolean {
  return code.startsWith('no_') || code === 'one_lock' || code === 'also_trust_unsupported';
}

for (const server of Object.keys(CHECKS) as CheckedServer[]) {
  describe(`${server} takes`, needs(traitsOf(server).program), () => {
    test('every mixture of what can be asked for', async () => {
      const all = requests(server);
      const found = new Map<string, string | null>();
      for (const [what, request] of all) found.set(what, await complaint(server, request));
      const tested = [...found].filter(([, said]) => said !== 'unable');
      for (const [what, said] of tested) assert.equal(said, null, what);
      assert.ok(tested.length >= 6, String(tested.length));
    });
  });
}
