import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinSentence, VERDICT_SENTENCES, verdictSentence } from './lock.ts';
import type { Evidence, Finding } from './evidence.ts';
import { kinLetIn, matricesOf } from './matrix.ts';

const TARGET = 'www.example.test at 192.0.2.1:443';

function evidence(looks: readonly (readonly [probe: string, saw: string])[], findings: readonly Finding[] = []) {
  const checked = looks.map(([probe, saw]) => ({ probe, saw, target: TARGET }));
  return { findings, checked, notChecked: [] } satisfies Evidence;
}

function finding(severity: string, probe: string): Finding {
  const seen = [{ probe, saw: '' }];
  return { code: 'one', severity, title: '', fix: '', target: TARGET, evidence: seen };
}

/** What stands in a cell: its word, and how it is judged. */
function cellAt(of: Evidence, { isOpen = false, credential = '', door = 'TLS 1.3', how = '' }) {
  const [matrix] = matricesOf(of, isOpen).matrices;
  const row = [...(matrix?.rows ?? []), ...(matrix?.detours ?? [])].find(
    (one) => one.credential === credential && one.how === how,
  );
  const cell = row?.cells.get(door);
  return cell === undefined ? null : [cell.word, cell.judged];
}

test('a stranger who is refused is good, and so is the edge that is let in', () => {
  const of = evidence([
    ['no certificate, TLS 1.3', 'refused: alert 116 certificate_required'],
    ['right certificate, TLS 1.3', 'answered 200 "Home"'],
  ]);
  assert.deepEqual(cellAt(of, { credential: 'no certificate' }), ['Refused', 'good']);
  assert.deepEqual(cellAt(of, { credential: 'right certificate' }), ['Let in', 'good']);
  assert.equal(cellAt(of, { credential: 'right certificate', door: 'TLS 1.2' }), null);
});

test('an answer is bad only where a grave finding rests on it, or the origin is open and the edge gets the same', () => {
  const looks = [
    ['right certificate, TLS 1.3', 'answered 200'],
    ['no certificate, TLS 1.3', 'answered 200; certificate asked for'],
    ['no certificate, plain HTTP', 'answered 301 to https://www.example.test/'],
  ] as const;
  const credential = 'no certificate';
  assert.deepEqual(cellAt(evidence(looks), { credential }), ['Answered 200', 'plain']);
  assert.deepEqual(cellAt(evidence(looks), { credential, isOpen: true }), ['Let in', 'bad']);
  assert.deepEqual(cellAt(evidence(looks), { credential, isOpen: true, door: 'plain HTTP' }), [
    'Answered 301',
    'plain',
  ]);
  const grave = evidence(looks, [finding('critical', 'no certificate, TLS 1.3')]);
  assert.deepEqual(cellAt(grave, { credential }), ['Let in', 'bad']);
  const slight = evidence(looks, [finding('low', 'no certificate, TLS 1.3')]);
  assert.deepEqual(cellAt(slight, { credential }), ['Let in', 'warn']);
});

test('an edge that is refused is bad where a finding says so', () => {
  const looks = [['right certificate, TLS 1.3', 'closed without an answer']] as const;
  const broken = evidence(looks, [finding('critical', 'right certificate, TLS 1.3')]);
  assert.deepEqual(cellAt(broken, { credential: 'right certificate' }), ['Refused', 'bad']);
});

test('what is done besides showing a certificate stands among the ways around, and a version that is not spoken is none', () => {
  const of = evidence([
    ['right certificate, TLS 1.3, path /status', 'answered 200'],
    ['no certificate, TLS 1.2, path /status', 'refused: alert 70 protocol_version'],
    ["server's own certificate, forged key, TLS 1.3, path /status", 'refused: alert 51 decrypt_error'],
    ['no certificate, TLS 1.3, HTTP/2, no name in the handshake, path /status', 'refused: alert 112 unrecognized_name'],
  ]);
  const [matrix] = matricesOf(of, false).matrices;
  assert.deepEqual(matrix?.doors, ['TLS 1.2', 'TLS 1.3', 'TLS 1.3, HTTP/2']);
  assert.deepEqual(
    matrix?.rows.map(({ credential }) => credential),
    ['right certificate', 'no certificate', "server's own certificate, forged key"],
  );
  assert.deepEqual(cellAt(of, { credential: 'no certificate', door: 'TLS 1.2' }), ['Not spoken', 'plain']);
  const around = { credential: 'no certificate', door: 'TLS 1.3, HTTP/2', how: 'no name in the handshake' };
  assert.deepEqual(cellAt(of, around), ['Refused', 'good']);
});

test('421 refuses: neither the certificate of the edge under no name nor a stranger is let in by it', () => {
  const probe = 'right certificate, TLS 1.3, no name in the handshake';
  const of = evidence(
    [
      [probe, 'answered 421 "421 Misdirected Request"'],
      ['no certificate, TLS 1.3', 'answered 421 "421 Misdirected Request"'],
    ],
    [finding('info', probe)],
  );
  const unnamed = { credential: 'right certificate', how: 'no name in the handshake' };
  assert.deepEqual(cellAt(of, unnamed), ['Refused', 'warn']);
  assert.deepEqual(cellAt(of, { credential: 'no certificate' }), ['Refused', 'good']);
});

test('a certificate of the own authority that is let in with a flaw is told as no stranger, beside the findings', () => {
  const probe = 'certificate without a purpose, TLS 1.3';
  const looks = [
    [probe, 'answered 200 "Home"'],
    ['no certificate, TLS 1.3', 'refused: alert 116 certificate_required'],
  ] as const;
  const flawed = evidence(looks, [finding('low', probe)]);
  assert.deepEqual(kinLetIn(flawed), ['certificate without a purpose']);
  assert.deepEqual(kinLetIn(evidence(looks)), []);
  assert.deepEqual(
    matricesOf(flawed, false).matrices[0]?.rows.map(({ credential, kin }) => [credential, kin !== null]),
    [
      ['certificate without a purpose', true],
      ['no certificate', false],
    ],
  );
  const told = kinSentence({ verdict: 'locked', evidence: flawed });
  assert.match(told ?? '', /^Also let in: certificate without a purpose\..*no stranger/);
  assert.equal(kinSentence({ verdict: 'open', evidence: flawed }), null);
  assert.equal(kinSentence({ verdict: 'locked', evidence: evidence(looks) }), null);
  assert.equal(verdictSentence({ verdict: 'locked', evidence: flawed }), VERDICT_SENTENCES.locked, 'no alarm there');
});

test('a look that is at no door, such as one at DNS, stands beside the matrix', () => {
  const { matrices, others } = matricesOf(evidence([['A and AAAA of www.example.test', '192.0.2.1']]), false);
  assert.deepEqual(matrices, []);
  assert.deepEqual(
    others.map(({ probe }) => probe),
    ['A and AAAA of www.example.test'],
  );
});
