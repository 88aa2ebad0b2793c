import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsCertificate, claimsVisitor } from './identity-fields.ts';
import { foldedName } from './sent-on.ts';

test('what proxies tell about visitors and certificates is known by name, in every spelling', () => {
  for (const name of ['X-Forwarded', 'x_scheme', 'X-Original-URI', 'X-Original_Method', 'X-ProxyUser-IP'])
    assert.ok(claimsVisitor(foldedName(name)), name);
  const certificates = [
    'X-Forwarded-Tls-Client-Cert',
    'X-Forwarded-Tls-Client-Cert-Info',
    'Tls_Client_Cert',
    'X-Tls-Client-Dn',
  ];
  for (const name of certificates) assert.ok(claimsCertificate(foldedName(name)), name);
});

test('what says nothing of the kind goes on', () => {
  for (const name of ['X-Requested-With', 'X-Schema', 'X-Original', 'Tls-Version', 'X-Request-Id', 'Origin']) {
    assert.ok(!claimsVisitor(foldedName(name)) && !claimsCertificate(foldedName(name)), name);
  }
});
