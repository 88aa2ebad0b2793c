import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configPath } from '../../src/origin/config-path.ts';
import { trustFiles } from '../../src/origin/generate/generate.ts';
import { needs, programPath } from '../support/availability.ts';
import { fieldValues, foldedValues } from '../support/echo-application.ts';
import { type Credential, type Knock, knock } from '../support/knock.ts';
import { pullCredentials } from '../support/pull-credentials.ts';
import { describeFragment } from './fragment-suite.ts';
import { assertAnswered, assertRefused, describeLock, VERSIONS } from './lock-suite.ts';
import { HOST, type LockOptions, startLocked, ZONE } from './locked-origin.ts';
import { describeOwnCallers } from './own-callers-suite.ts';
import { describeSeveral } from './several-suite.ts';
import { describeVariants } from './variant-suite.ts';

describeLock('caddy');
describeVariants('caddy');
describeSeveral('caddy');
describeOwnCallers('caddy');

/** A Caddyfile as people have it, with the check that SNI and Host agree switched off. */
const around: LockOptions['around'] = (fragment, { directory, tlsPort, application }) => `{
	admin "unix/${directory}/caddy.sock"
	auto_https off
	servers {
		strict_sni_host insecure_off
	}
}
https://open.test:${tlsPort} {
	bind 127.0.0.1
	tls ${directory}/site.pem ${directory}/site.key
	reverse_proxy 127.0.0.1:${application.port}
}
https://neighbour.test:${tlsPort} {
	bind 127.0.0.1
	tls ${directory}/site.pem ${directory}/site.key {
		client_auth {
			mode require_and_verify
			trusted_ca_cert_file ${directory}/neighbour.pem
		}
	}
	reverse_proxy 127.0.0.1:${application.port}
}
${fragment}`;

describeFragment('caddy', around);

test('the Caddy fragment keeps own callers apart behind loose settings', needs('caddy'), async () => {
  const credentials = await pullCredentials(ZONE, Date.now());
  const request: LockOptions['request'] = () => ({ form: 'fragment' });
  const plain = { plainHttp: false };
  await using origin = await startLocked('caddy', { credentials, around, request, ownCallers: true, ...plain });
  const claims = [
    ['X-Forwarded-For', '203.0.113.66'],
    ['CF_Connecting_IP', '203.0.113.66'],
    ['X.Postern.Via', 'edge'],
  ] as const;
  for (const tlsVersion of VERSIONS) {
    const at = (port: number, credential: Credential | null): Knock => ({ port, sni: HOST, tlsVersion, credential });
    const own = at(origin.ownPort, credentials.own.right);
    const seen = await assertAnswered(origin, knock({ ...own, headers: claims }), 'a caller');
    assert.deepEqual(foldedValues(seen, 'X-Postern-Via'), ['own']);
    assert.deepEqual(fieldValues(seen, 'X-Forwarded-For'), ['127.0.0.1']);
    assert.deepEqual(foldedValues(seen, 'CF-Connecting-IP'), []);
    const pulled = await assertAnswered(origin, knock(at(origin.tlsPort, credentials.right)), 'the edge');
    assert.deepEqual(foldedValues(pulled, 'X-Postern-Via'), ['edge']);
    await assertRefused(origin, knock({ ...own, credential: credentials.right }), "the edge at the callers'");
    await assertRefused(origin, knock({ ...own, port: origin.tlsPort }), "a caller at the edge's");
    // The check that SNI and Host agree is off here, and these names are open beside the lock.
    for (const sni of ['open.test', 'neighbour.test', null])
      await assertRefused(origin, knock({ ...own, sni, host: HOST, port: origin.tlsPort }), `by way of ${sni}`);
  }
});

/** All that a program says. */
function output(program: string, argv: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, argv, { encoding: 'utf8' }, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
  });
}

test('Caddy does not start without a CA, where it would trust those of the system', needs('caddy'), async () => {
  const credentials = await pullCredentials(ZONE, Date.now());
  await using origin = await startLocked('caddy', { credentials });
  const place = configPath(join(origin.server.directory, 'bundle.pem')) ?? assert.fail();
  const [file] = trustFiles('caddy', { path: place, text: credentials.bundle });
  assert.ok(file);
  const whole = readFileSync(join(origin.server.directory, 'server.conf'), 'utf8');
  const config = join(origin.server.directory, 'server.conf');
  const told = () => output(programPath('caddy'), ['validate', '--adapter', 'caddyfile', '--config', config]);
  assert.ok(whole.includes(file.path));
  assert.match(await told(), /Valid configuration/);
  for (const none of ['', '\n', '# no CA\n', file.text.replace(/^\(.*/gm, '(other) {')]) {
    writeFileSync(file.path, none);
    assert.match(await told(), /^Error: /m, none);
  }
  for (const tlsVersion of VERSIONS) {
    const to = { port: origin.tlsPort, sni: HOST, tlsVersion };
    await assertAnswered(origin, knock({ ...to, credential: credentials.right }), 'what runs goes on');
    await assertRefused(origin, knock(to), 'nobody');
  }
});
