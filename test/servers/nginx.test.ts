import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { fieldValues } from '../support/echo-application.ts';
import { knock } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { assertAnswered, assertRefused, describeLock, VERSIONS, wrongOnes } from './lock-suite.ts';
import { HOST, type LockOptions, startLocked, writeCredential, ZONE } from './locked-origin.ts';
import { describeOwnCallers } from './own-callers-suite.ts';
import { describeRevocation } from './revocation-suite.ts';
import { describeSeveral } from './several-suite.ts';
import { describeVariants } from './variant-suite.ts';

describeLock('nginx');
describeVariants('nginx');
describeRevocation('nginx');
describeSeveral('nginx');
describeOwnCallers('nginx');

/** A server as people have it, with everything around the fragment that could open it. */
const around: LockOptions['around'] = (fragment, { directory, tlsPort, application }) => {
  writeCredential(directory, 'neighbour', { cert: neighbourBundle, key: '' });
  return `
error_log stderr info;
events { worker_connections 64; }
http {
  access_log off;
  # For stapling, as guides have it; and a page for errors that is the application.
  ssl_trusted_certificate ${join(directory, 'neighbour.pem')};
  error_page 400 495 496 =200 /fallback;
  underscores_in_headers on;
  ignore_invalid_headers off;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:all:1m;
  ssl_certificate ${join(directory, 'site.pem')};
  ssl_certificate_key ${join(directory, 'site.key')};
  server {
    listen 127.0.0.1:${tlsPort} ssl default_server;
    server_name neighbour.test;
    ssl_client_certificate ${join(directory, 'neighbour.pem')};
    ssl_verify_client on;
    return 200 neighbour;
  }
  server {
    listen 127.0.0.1:${tlsPort} ssl;
    server_name open.test;
    error_page 598 /;
    location / { proxy_pass http://127.0.0.1:${application.port}; }
  }
${fragment}
}
`;
};
let neighbourBundle = '';

describe('the nginx fragment among other servers', needs('nginx'), () => {
  let credentials: PullCredentials;
  before(async () => {
    credentials = await pullCredentials(ZONE, Date.now());
    neighbourBundle = credentials.neighbourBundle;
  });
  const start = () => startLocked('nginx', { credentials, around, request: () => ({ form: 'fragment' }) });

  test('lets the right certificate in and no other, whatever http { } says', async () => {
    await using origin = await start();
    for (const tlsVersion of VERSIONS) {
      const to = { port: origin.tlsPort, sni: HOST, tlsVersion };
      const headers = [
        ['X_Postern_Verified', 'spoofed'],
        ['X-Postern_Verified', 'spoofed'],
      ] as const;
      const seen = await assertAnswered(origin, knock({ ...to, headers, credential: credentials.right }), 'right');
      assert.deepEqual(fieldValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
      assert.deepEqual(fieldValues(seen, 'X_Postern_Verified'), []);
      assert.deepEqual(fieldValues(seen, 'X-Postern_Verified'), []);
      for (const [what, credential] of wrongOnes(credentials)) {
        await assertRefused(origin, knock({ ...to, credential }), what);
      }
    }
  });

  test('is not entered through the default server with a certificate of its authority', async () => {
    await using origin = await start();
    const credential = credentials.wrong["neighbour zone's valid certificate"];
    for (const tlsVersion of VERSIONS) {
      for (const sni of [null, 'unknown.test', 'neighbour.test']) {
        const to = { port: origin.tlsPort, sni, host: HOST, tlsVersion };
        const first = await assertRefused(origin, knock({ ...to, credential }), `SNI ${sni}`);
        for (const session of first.sessions) await assertRefused(origin, knock({ ...to, session }), 'its session');
      }
    }
  });

  test('is not entered through an open name or with its session', async () => {
    await using origin = await start();
    for (const tlsVersion of VERSIONS) {
      const open = { port: origin.tlsPort, sni: 'open.test', tlsVersion };
      const first = await knock(open);
      assert.equal(first.kind === 'answered' && first.status, 200, 'the open name is open');
      assert.ok(first.sessions.length > 0, 'the open name gives sessions');
      await assertRefused(origin, knock({ ...open, host: HOST }), 'SNI of the open name');
      for (const session of first.sessions) {
        await assertRefused(origin, knock({ ...open, sni: HOST, session }), 'session of the open name');
        await assertRefused(origin, knock({ ...open, sni: null, host: HOST, session }), 'session without SNI');
      }
    }
  });
});

test('nginx tells in the 400 page whether a certificate was missing or wrong', needs('nginx'), async () => {
  const credentials = await pullCredentials(ZONE, Date.now());
  await using origin = await startLocked('nginx', { credentials });
  for (const [what, credential] of wrongOnes(credentials)) {
    const outcome = await knock({ port: origin.tlsPort, sni: HOST, credential });
    assert.ok(outcome.kind === 'answered' && outcome.status === 400, what);
    const title = credential === null ? 'No required SSL certificate was sent' : 'The SSL certificate error';
    assert.ok(outcome.body.includes(title), outcome.body);
  }
});
