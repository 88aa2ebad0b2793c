import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant } from '../domain/ids.ts';
import { needs } from '../../test/support/availability.ts';
import { oid, sequence, set } from './der.ts';
import { DerError } from './der-read.ts';
import { createAuthority, validFor } from './issue.ts';
import { generateKey } from './keys.ts';
import { distinguishedName } from './name.ts';
import { nameText } from './name-text.ts';
import { PROFILES } from './profiles.ts';
import { reread } from './read.ts';

test('a name is written as OpenSSL writes it after RFC 4514', needs('openssl'), async () => {
  const names = ['plain', ' #leading and trailing ', 'a,b+c"d\\e<f>g;h', 'Größe=ß'];
  for (const commonName of names) {
    const { certificate } = createAuthority({
      profile: PROFILES.pullRoot,
      subject: { commonName, organization: 'O, Inc.' },
      key: await generateKey(),
      validity: validFor(instant(Date.now()), 60_000),
    });
    const said = execFileSync('openssl', ['x509', '-noout', '-subject', '-nameopt', 'RFC2253,-esc_msb,utf8'], {
      input: certificate.pem,
      encoding: 'utf8',
    });
    assert.equal(`subject=${nameText(reread(certificate).der.subject)}\n`, said);
  }
});

test('attributes without a short name, and values that are no text, are written in hexadecimal', () => {
  const odd = sequence(
    set(sequence(oid('1.2.3.4'), Buffer.of(0x04, 1, 7))),
    set(sequence(oid('2.5.4.3'), Buffer.of(0x02, 1, 9))),
  );
  assert.equal(nameText(odd), 'CN=#020109,1.2.3.4=#040107');
});

test('several attributes in one part are joined, and control characters never reach a terminal', () => {
  assert.equal(nameText(Buffer.from(distinguishedName({ commonName: 'x', organization: 'y' }))), 'CN=x,O=y');
  const cn = (text: string) =>
    sequence(oid('2.5.4.3'), Buffer.concat([Buffer.of(0x0c, text.length), Buffer.from(text)]));
  assert.equal(nameText(sequence(set(cn('a'), cn('\u001b[2J')))), 'CN=a+CN=\\1b[2J');
});

test('bytes that are no name are refused, never misread', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        assert.equal(typeof nameText(bytes), 'string');
      } catch (error) {
        assert.ok(error instanceof DerError);
      }
    }),
  );
});
