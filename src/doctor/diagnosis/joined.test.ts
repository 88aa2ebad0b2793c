import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnosis } from './diagnose.ts';
import type { Finding } from './finding.ts';
import { joined } from './joined.ts';

function part(host: string, change: Partial<Diagnosis>) {
  const diagnosis: Diagnosis = { verdict: 'locked', targets: [], findings: [], checked: [], notChecked: [], ...change };
  return { host, diagnosis };
}

function finding(code: Finding['code'], host: string): Finding {
  return { code, target: `${host} at 127.0.0.1:443`, where: null, detail: '', server: null, evidence: [] };
}

test('the worst verdict of all hosts counts, and the worst findings come first, each in the order of hosts', () => {
  const whole = joined(
    [
      part('a.test', { findings: [finding('no_revocation', 'a.test')] }),
      part('b.test', { verdict: 'open', findings: [finding('not_asked', 'b.test')] }),
      part('c.test', { verdict: 'broken', findings: [finding('not_asked', 'c.test')] }),
    ],
    [],
  );
  assert.equal(whole.verdict, 'open');
  assert.deepEqual(
    whole.findings.map(({ code, target }) => `${code} ${target?.slice(0, 1)}`),
    ['not_asked b', 'not_asked c', 'no_revocation a'],
  );
});

test('what was checked at no host is said once, and what was not at some names them', () => {
  const row = (what: string) => ({ what, why: 'no key' });
  const whole = joined(
    [
      part('a.test', { notChecked: [row('revocation'), row('pins')] }),
      part('b.test', { notChecked: [row('revocation')] }),
    ],
    [row('HTTP/3')],
  );
  assert.deepEqual(
    whole.notChecked.map(({ what }) => what),
    ['HTTP/3', 'revocation', 'pins: a.test'],
  );
});

test('nothing to join is unknown', () => {
  assert.equal(joined([], []).verdict, 'unknown');
});
