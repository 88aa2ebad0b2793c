import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { pullCredentials, type WrongCredential } from '../support/pull-credentials.ts';
import { describeFragment } from './fragment-suite.ts';
import { describeLock, VERSIONS, wrongOnes } from './lock-suite.ts';
import { HOST, type LockOptions, startLocked, ZONE } from './locked-origin.ts';
import { describeOwnCallers } from './own-callers-suite.ts';
import { describeRevocation } from './revocation-suite.ts';
import { describeSeveral } from './several-suite.ts';
import { describeVariants } from './variant-suite.ts';

describeLock('apache');
describeVariants('apache');
describeRevocation('apache');
describeSeveral('apache');
describeOwnCallers('apache');

const MODULES = [
  'mpm_event',
  'authz_core',
  'setenvif',
  'headers',
  'ssl',
  'socache_shmcb',
  'proxy',
  'proxy_http',
  'rewrite',
];

/** A server as people have it: sessions, a loose name policy, an open host and one of another authority. */
const around: LockOptions['around'] = (fragment, { directory, tlsPort, httpPort, application }) => {
  const site = `SSLEngine on
      SSLCertificateFile ${directory}/site.pem
      SSLCertificateKeyFile ${directory}/site.key
      ProxyPass / http://127.0.0.1:${application.port}/`;
  return `
      ${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
      User www-data
      Group www-data
      ServerName stock.test
      DefaultRuntimeDir ${directory}
      PidFile ${directory}/stock.pid
      ErrorLog ${directory}/error.log
      LogLevel warn ssl:info
      Listen 127.0.0.1:${tlsPort} https
      Listen 127.0.0.1:${httpPort}
      ErrorDocument 403 /fallback
      ErrorDocument 421 /fallback
      SSLSessionCache shmcb:${directory}/sessions(512000)
      <IfDirective SSLVHostSNIPolicy>
        SSLVHostSNIPolicy insecure
      </IfDirective>
      <VirtualHost 127.0.0.1:${tlsPort}>
        ServerName open.test
        ${site}
      </VirtualHost>
      <VirtualHost 127.0.0.1:${tlsPort}>
        ServerName neighbour.test
        ${site}
        SSLVerifyClient require
        SSLVerifyDepth 2
        SSLCACertificateFile ${directory}/neighbour.pem
      </VirtualHost>
      ${fragment}`;
};

describeFragment('apache', around);

/** Numbers of RFC 8446 §6, for TLS 1.2 and 1.3. */
const ALERTS: Partial<Record<WrongCredential, readonly [number, number]>> = {
  'no certificate': [40, 116],
  'self-signed certificate': [48, 48],
  "another authority's certificate": [48, 48],
  'certificate of an authority with the same name and another key': [48, 48],
  "neighbour zone's valid certificate": [48, 48],
  'expired certificate': [45, 45],
  'certificate that is not yet valid': [42, 42],
  'certificate for servers only': [43, 43],
};

test('Apache refuses with an alert that says why', needs('apache2'), async () => {
  const credentials = await pullCredentials(ZONE, Date.now());
  await using origin = await startLocked('apache', { credentials });
  for (const [index, tlsVersion] of VERSIONS.entries()) {
    for (const [what, credential] of wrongOnes(credentials)) {
      const outcome = await knock({ port: origin.tlsPort, sni: HOST, tlsVersion, credential });
      const expected = ALERTS[what]?.[index];
      if (expected !== undefined) assert.equal(outcome.kind === 'refused' && outcome.how, expected, what);
    }
  }
});
