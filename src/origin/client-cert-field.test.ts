import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { writePem } from '../pki/pem.ts';
import { clientCertField, readClientCert } from './client-cert-field.ts';

test('what is written is read, in RFC 9440’s form and in nginx’s', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), (bytes) => {
      assert.deepEqual(readClientCert(clientCertField(bytes)), Buffer.from(bytes));
      const escaped = encodeURIComponent(writePem('CERTIFICATE', bytes));
      assert.deepEqual(readClientCert(escaped), escaped.length > 12_000 ? null : Buffer.from(bytes));
    }),
  );
});

test('anything else is nothing: no parameters, no lists, no other alphabets, no endless ones', () => {
  const good = clientCertField(Buffer.from('certificate!'));
  const pem = writePem('CERTIFICATE', Buffer.from('certificate!'));
  const refused = [
    '',
    '::',
    ':',
    good.slice(1),
    good.slice(0, -1),
    `${good};a=b`,
    `${good}, ${good}`,
    ` ${good}`,
    ':Y2VydA:',
    ':Y2Vy dA==:',
    ':Y2Vy-_==:',
    `:${'A'.repeat(12_000)}:`,
    pem,
    encodeURIComponent(pem + pem),
    encodeURIComponent(pem).replace('%0A', '%G0'),
    encodeURIComponent(pem).slice(0, -10),
    encodeURIComponent(pem.replaceAll('CERTIFICATE', 'PUBLIC KEY')),
  ];
  for (const value of refused) assert.equal(readClientCert(value), null, value.slice(0, 80));
});
