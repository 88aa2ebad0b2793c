import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CredentialKind, NameKind, Probe, Spelling } from '../probe.ts';
import { HERE, observations } from './notation.fixture.ts';
import { probeText, seenText } from './told.ts';

function told(line: string): readonly string[] {
  return observations(line).map((one) => `${probeText(one.probe)}: ${seenText(one)}`);
}

test('a look and what it saw are told in words', () => {
  const lines: readonly [string, string][] = [
    [
      'none 1.3 -> alert 116 asks=CN=edge',
      'no certificate, TLS 1.3: refused: alert 116 certificate_required; certificate asked for, 1 authority named',
    ],
    [
      'foreign 1.2 sni=other -> 200 "<title>Welcome</title>"',
      'foreign certificate, TLS 1.2, b.test in the handshake: answered 200 "Welcome"',
    ],
    ['none http -> 301 to=https://a.test/', 'no certificate, plain HTTP: answered 301 to https://a.test/'],
    [
      'none 1.3 resumes=none@other -> not_resumed',
      'no certificate, TLS 1.3, session made with no certificate under b.test: session not taken up',
    ],
    ['none 1.3 -> 200 "x" asks=none', 'no certificate, TLS 1.3: answered 200; no certificate asked for'],
    ['none 1.3 -> alert 200', 'no certificate, TLS 1.3: refused: alert 200 unknown'],
    ['none 1.3 -> refused', 'no certificate, TLS 1.3: nothing listens there'],
  ];
  for (const [line, words] of lines) assert.deepEqual(told(line), [words]);
});

const name = fc.constantFrom<NameKind>('locked', 'other', 'none', 'unknown', 'address');
const kind = fc.constantFrom<CredentialKind>('none', 'right', 'foreign', 'unwanted', 'forged');
const turn = fc.nat(2);
const otherName = fc.constantFrom('b.test', 'c.test');
const probe: fc.Arbitrary<Probe> = fc
  .record({
    target: fc.constant(HERE),
    credential: kind,
    tls: fc.constantFrom('TLSv1.2', 'TLSv1.3'),
    protocol: fc.constantFrom('http/1.1', 'h2'),
    sni: name,
    host: name,
    otherName,
    spelling: fc.constantFrom<Spelling>('plain', 'upper_case', 'trailing_dot', 'with_port', 'absolute_form', 'shouted'),
    resumes: fc.option(fc.record({ credential: kind, sni: name, turn, otherName })),
    forges: fc.constantFrom(null, 'success', 'failure', 'https'),
    path: fc.constantFrom('/', '/admin'),
    turn,
  })
  .map((one) => ({
    ...one,
    otherName: one.sni === 'other' || one.host === 'other' ? one.otherName : null,
    resumes: one.resumes?.sni === 'other' ? one.resumes : one.resumes && { ...one.resumes, otherName: null },
  }));

test('two looks that differ never read the same', () => {
  fc.assert(
    fc.property(probe, probe, (one, other) => {
      assert.equal(probeText(one) === probeText(other), JSON.stringify(one) === JSON.stringify(other));
    }),
    { numRuns: 2000 },
  );
  const all = fc.sample(probe, 20_000);
  const byText = Map.groupBy(all, probeText);
  for (const [text, group] of byText) assert.equal(new Set(group.map((one) => JSON.stringify(one))).size, 1, text);
});
