import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outcome, PLAIN_POLICY, type Policy } from './policy.ts';
import { finding, reportWith } from './report.fixture.ts';

const TODAY = '2026-11-30';

function policy(change: Partial<Policy>): Policy {
  return { ...PLAIN_POLICY, ...change };
}

const UNKNOWN = reportWith([], {
  verdict: 'unknown',
  targets: [{ host: 'a.test', connect: '127.0.0.1:8443', door: 'https', verdict: 'unknown' }],
});
const LOCKED = reportWith([finding({ code: 'no_revocation', severity: 'medium' })], {
  verdict: 'locked',
  targets: [{ host: 'a.test', connect: '127.0.0.1:8443', door: 'https', verdict: 'locked' }],
});

describe('without a policy', () => {
  test('what is open fails, what is unknown is undetermined, what is locked passes whatever was found', () => {
    assert.equal(outcome(reportWith([finding()]), PLAIN_POLICY, TODAY).kind, 'failed');
    assert.equal(outcome(UNKNOWN, PLAIN_POLICY, TODAY).kind, 'undetermined');
    assert.equal(outcome(LOCKED, PLAIN_POLICY, TODAY).kind, 'passed');
  });

  test('a report on nothing is undetermined, and what a configuration opens elsewhere fails', () => {
    assert.equal(
      outcome(reportWith([], { verdict: 'unknown', targets: [] }), PLAIN_POLICY, TODAY).kind,
      'undetermined',
    );
    assert.equal(outcome({ ...LOCKED, verdict: 'open' }, PLAIN_POLICY, TODAY).kind, 'failed');
  });
});

describe('a policy', () => {
  test('lets severities and codes fail at a locked target', () => {
    assert.equal(outcome(LOCKED, policy({ severities: ['medium'] }), TODAY).kind, 'failed');
    assert.equal(outcome(LOCKED, policy({ codes: ['no_revocation'] }), TODAY).kind, 'failed');
    assert.equal(outcome(LOCKED, policy({ severities: ['high'] }), TODAY).kind, 'passed');
  });

  test('accepts a finding until its day, and says when that is over', () => {
    const accepted = { code: 'optional', target: null, reason: 'watching', until: TODAY } as const;
    const report = reportWith([finding()]);
    assert.equal(outcome(report, policy({ accepted: [accepted] }), TODAY).kind, 'passed');
    const late = outcome(report, policy({ accepted: [accepted] }), '2026-12-01');
    assert.equal(late.kind, 'failed');
    assert.deepEqual(late.notes, ['The acceptance of optional ended on 2026-11-30.']);
  });

  test('accepts at one target only, by name, by address, or by both', () => {
    const report = reportWith([finding()]);
    for (const [target, kind] of [
      ['a.test', 'passed'],
      ['127.0.0.1:8443', 'passed'],
      ['a.test at 127.0.0.1:8443', 'passed'],
      ['b.test', 'failed'],
    ] as const) {
      const accepted = [{ code: 'optional', target, reason: 'known', until: '2027-01-01' } as const];
      assert.equal(outcome(report, policy({ accepted }), TODAY).kind, kind, target);
    }
  });

  test('does not excuse an open target for what was accepted beside something grave', () => {
    const accepted = [{ code: 'optional', target: null, reason: 'known', until: '2027-01-01' } as const];
    const report = reportWith([finding(), finding({ code: 'plain_http' })]);
    const found = outcome(report, policy({ accepted }), TODAY);
    assert.equal(found.kind, 'failed');
    assert.deepEqual(found.failures, ['a.test at 127.0.0.1:8443 is open']);
    assert.equal(outcome(reportWith([]), policy({ accepted }), TODAY).kind, 'failed');
  });

  test('says which acceptances are not needed any more', () => {
    const accepted = [{ code: 'plain_http', target: 'a.test', reason: 'known', until: '2027-01-01' } as const];
    assert.deepEqual(outcome(LOCKED, policy({ accepted }), TODAY).notes, [
      'The acceptance of plain_http at a.test is not needed any more: nothing of the kind was found.',
    ]);
  });
});
