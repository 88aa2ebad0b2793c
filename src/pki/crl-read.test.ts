import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../domain/ids.ts';
import { crlPem, writeCrl } from './crl.ts';
import { listedBy, loadCrls } from './crl-read.ts';
import { type Authority, createAuthority, validFor } from './issue.ts';
import { generateKey } from './keys.ts';
import { PkiError } from './pki-error.ts';
import { PROFILES } from './profiles.ts';

const NOW = instant(Date.UTC(2030, 0, 1));
const TIMES = { thisUpdate: NOW, nextUpdate: instant(Date.UTC(2051, 0, 1)) };

async function authority(commonName: string): Promise<Authority> {
  return createAuthority({
    profile: PROFILES.pullRoot,
    subject: { commonName },
    key: await generateKey(),
    validity: validFor(NOW, 86_400_000),
  });
}

function listOf(issuer: Authority, count: number): Buffer {
  const revoked = Array.from({ length: count }, (_, index) => {
    return { serial: (0x1000_0000 + index).toString(16), at: NOW, reason: 'superseded' as const };
  });
  return writeCrl(issuer, { number: 1, ...TIMES, revoked });
}

test('lists are read as they were written, several in one text, and large ones', async () => {
  const [first, second, other] = [await authority('first'), await authority('second'), await authority('other')];
  const [none, many] = [listOf(first, 0), listOf(second, 20_000)];
  const text = `# two lists\n${crlPem(none)}\r\n${crlPem(many).replaceAll('\n', '\r\n')}`;
  const lists = loadCrls(text);
  assert.deepEqual(
    lists.map(({ thisUpdate, nextUpdate, revoked }) => ({ thisUpdate, nextUpdate, revoked })),
    [
      { ...TIMES, revoked: 0 },
      { ...TIMES, revoked: 20_000 },
    ],
  );
  assert.deepEqual(
    [first, second, other, await authority('first')].map(({ certificate }) => listedBy(lists, certificate)),
    [true, true, false, false],
    'not even of a CA with the same name and another key',
  );
});

test('what is no list, or only a part of one, is refused', async () => {
  const pem = crlPem(listOf(await authority('first'), 3));
  const refused: readonly (readonly [what: string, text: string, code: string])[] = [
    ['nothing', '', 'pem_empty'],
    ['words', 'not a list', 'pem_empty'],
    ['a certificate', pem.replaceAll('X509 CRL', 'CERTIFICATE'), 'pem_unexpected_block'],
    ['one that is cut off', `${pem}${pem.slice(0, -40)}`, 'pem_unclosed'],
    ['other bytes', '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n', 'crl_unparsable'],
    ['a shorter body', pem.replace(/\n.{64}\n/, '\n'), 'crl_unparsable'],
  ];
  for (const [what, text, code] of refused) {
    assert.throws(
      () => loadCrls(text),
      (error) => error instanceof PkiError && error.code === code,
      what,
    );
  }
});
