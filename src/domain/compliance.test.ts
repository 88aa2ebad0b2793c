import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMPLIANCE_MODES, COMPLIANCE_SETS, COMPLIANCES, complianceOf } from './compliance.ts';

test('a set of modes has one spelling, whatever the order and however often one is named', () => {
  assert.equal(complianceOf([]), 'none');
  assert.equal(complianceOf(['pqh', 'fips', 'pqh']), 'fips_pqh');
  for (const set of COMPLIANCE_SETS) assert.equal(complianceOf(COMPLIANCES[set].modes.toReversed()), set);
  assert.deepEqual(new Set(COMPLIANCE_SETS), new Set(Object.keys(COMPLIANCES)));
});

test('what is no mode makes no set', () => {
  for (const modes of [['cnsa2'], ['fips', 'cnsa2'], ['FIPS'], ['none'], [''], [null], [['fips']]]) {
    assert.equal(complianceOf(modes), null, JSON.stringify(modes));
  }
});

test('several modes allow what each of them allows, and that is never nothing', () => {
  for (const set of COMPLIANCE_SETS) {
    const { modes, groups } = COMPLIANCES[set];
    if (groups === null) continue;
    const each = modes.map((mode) => new Set<string>(COMPLIANCES[mode].groups));
    const common = [...(each[0] ?? [])].filter((group) => each.every((own) => own.has(group)));
    assert.deepEqual(new Set(groups), new Set(common));
    assert.ok(groups.length > 0);
  }
  assert.equal(COMPLIANCE_SETS.length, 2 ** COMPLIANCE_MODES.length);
});
