import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from '../support/availability.ts';
import { fieldValues } from '../support/echo-application.ts';
import { knock } from '../support/knock.ts';
import { pullCredentials, type WrongCredential } from '../support/pull-credentials.ts';
import { assertAnswered, assertRefused, describeLock, VERSIONS, wrongOnes } from './lock-suite.ts';
import { HOST, type LockOptions, startLocked, ZONE } from './locked-origin.ts';
import { describeOwnCallers } from './own-callers-suite.ts';
import { describeRevocation } from './revocation-suite.ts';
import { describeSeveral } from './several-suite.ts';
import { describeVariants } from './variant-suite.ts';

describeLock('haproxy');
describeVariants('haproxy');
describeRevocation('haproxy');
describeSeveral('haproxy');
describeOwnCallers('haproxy');

/** What stands in a file that is read before the fragment, loosely set. */
const around: LockOptions['around'] = (fragment, { directory, httpPort, application }) => `
global
  log stderr format raw local0 info
  tune.ssl.cachesize 20000
  ssl-default-bind-options ssl-min-ver TLSv1.0
defaults
  mode http
  option forwardfor
  option accept-invalid-http-request
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend other
  bind 127.0.0.1:${httpPort} ssl crt ${directory}/site.pem
  default_backend other
backend other
  server app 127.0.0.1:${application.port}

${fragment}`;

test('the HAProxy fragment holds behind loose settings and beside other sessions', needs('haproxy'), async () => {
  const credentials = await pullCredentials(ZONE, Date.now());
  const request: LockOptions['request'] = () => ({ form: 'fragment', listenHttp: 'off' });
  await using origin = await startLocked('haproxy', { credentials, around, request });
  for (const tlsVersion of VERSIONS) {
    const to = { port: origin.tlsPort, sni: HOST, tlsVersion };
    const right = { ...to, credential: credentials.right };
    const seen = await assertAnswered(origin, knock(right), 'right');
    assert.deepEqual(fieldValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
    assert.deepEqual(fieldValues(seen, 'X-Forwarded-For'), []);
    for (const [what, credential] of wrongOnes(credentials)) {
      await assertRefused(origin, knock({ ...to, credential }), what);
    }
    const other = await knock({ ...right, port: origin.httpPort });
    assert.equal(other.kind === 'answered' && other.status, 200, 'the other listener is open');
    const own = await knock(right);
    for (const session of [...other.sessions, ...own.sessions]) {
      await assertRefused(origin, knock({ ...to, session }), 'a session');
    }
  }
});

/** Numbers of RFC 8446 §6, for TLS 1.2 and 1.3. */
const ALERTS: Partial<Record<WrongCredential, readonly [number, number]>> = {
  'no certificate': [40, 116],
  'self-signed certificate': [48, 48],
  "neighbour zone's valid certificate": [48, 48],
  'expired certificate': [45, 45],
  'certificate for servers only': [43, 43],
};

test('HAProxy refuses with an alert that says why', needs('haproxy'), async () => {
  const credentials = await pullCredentials(ZONE, Date.now());
  await using origin = await startLocked('haproxy', { credentials });
  for (const [index, tlsVersion] of VERSIONS.entries()) {
    for (const [what, credential] of wrongOnes(credentials)) {
      const outcome = await knock({ port: origin.tlsPort, sni: HOST, tlsVersion, credential });
      const expected = ALERTS[what]?.[index];
      if (expected !== undefined) assert.equal(outcome.kind === 'refused' && outcome.how, expected, what);
    }
  }
});
