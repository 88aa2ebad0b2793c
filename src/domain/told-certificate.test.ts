import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fingerprint, type Hostname, instant } from './ids.ts';
import { keptCertificates, tellsOthers, toldByOrigin, type Witness } from './told-certificate.ts';

const NOW = instant(1_924_952_400_000);
const MINUTE = 60_000;
const HOST = 'www.example.test' as Hostname;
const print = (letter: string) => letter.repeat(64) as Fingerprint;

function witness(letter: string, over: Partial<Witness> = {}): Witness {
  const told = { hostname: HOST, fingerprint: print(letter), subject: 'CN=www.example.test', isSelfSigned: true };
  return { ...told, host: 'web-1', since: NOW, at: NOW, ...over };
}

test('what nobody tells is not told, and nobody who tells the same silences who tells another of late', () => {
  assert.deepEqual(toldByOrigin(print('a'), [], NOW), { kind: 'not_told' });
  const own = witness('a', { host: 'web-2', at: instant(NOW - 5 * MINUTE) });
  assert.deepEqual(toldByOrigin(print('a'), [own], NOW), { kind: 'same', by: own });
  assert.deepEqual(toldByOrigin(print('a'), [witness('b'), own], NOW), { kind: 'other', by: witness('b') });
  const silent = witness('b', { at: instant(NOW - 16 * MINUTE) });
  assert.deepEqual(toldByOrigin(print('a'), [silent, own], NOW), { kind: 'same', by: own });
});

test('a machine that shows several agrees with each of them, and not with what it showed before', () => {
  const [first, second] = [witness('a'), witness('b')];
  assert.deepEqual(toldByOrigin(print('a'), [first, second], NOW), { kind: 'same', by: first });
  const before = witness('a', { at: instant(NOW - MINUTE) });
  assert.deepEqual(toldByOrigin(print('a'), [before, second], NOW), { kind: 'other', by: second });
});

test('another certificate is told by who told it last, and not by who has said nothing for long', () => {
  const [older, newer] = [witness('b', { at: instant(NOW - 3 * MINUTE) }), witness('c', { host: 'web-2' })];
  assert.deepEqual(toldByOrigin(print('a'), [older, newer], NOW), { kind: 'other', by: newer });
  const silent = witness('b', { at: instant(NOW - 16 * MINUTE) });
  assert.deepEqual(toldByOrigin(print('a'), [silent], NOW), { kind: 'not_told' });
  assert.deepEqual(toldByOrigin(print('b'), [silent], NOW).kind, 'same', 'a word once given holds for what it was of');
});

test('a certificate is kept since it was told first, and only while it is told', () => {
  const { host: _, ...known } = witness('a', { since: instant(NOW - MINUTE), at: instant(NOW - MINUTE) });
  const { host: __, since: ___, at: ____, ...fresh } = witness('b');
  const kept = keptCertificates([known], [known, fresh], NOW);
  assert.deepEqual(
    kept.map(({ since, at }) => [since, at]),
    [
      [NOW - MINUTE, NOW],
      [NOW, NOW],
    ],
  );
  assert.deepEqual(keptCertificates([known], [], NOW), []);
  assert.deepEqual(
    [tellsOthers([known], [known]), tellsOthers([], [known]), tellsOthers([known], []), tellsOthers([known], [fresh])],
    [false, true, true, true],
  );
});
