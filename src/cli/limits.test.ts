import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from './failure.ts';
import { chosenLimits } from './limits.ts';

const NOTHING = { flags: [], env: undefined, file: undefined };

test('a flag beats the environment, the environment the file, each limit for itself', () => {
  const chosen = chosenLimits({
    flags: ['zones=3'],
    env: 'zones=2, tokens=2',
    file: { zones: 1, tokens: 1, records_per_zone: 1 },
  });
  assert.deepEqual(chosen, { zones: 3, tokens: 2, recordsPerZone: 1 });
  assert.deepEqual(chosenLimits(NOTHING), {});
});

test('what is no limit, or no number for one, is refused with where it was said', () => {
  const bad: readonly (readonly [Partial<Parameters<typeof chosenLimits>[0]>, RegExp])[] = [
    [{ flags: ['zone=3'] }, /^--limit: there is no limit "zone"/],
    [{ flags: ['zones'] }, /^--limit: zones is ""/],
    [{ flags: ['zones=0'] }, /"0", which is not a whole number from 1/],
    [{ env: 'zones=many' }, /^POSTERN_LIMITS: zones is "many"/],
    [{ env: 'zones=99999999999' }, /POSTERN_LIMITS/],
    [{ file: { zones: -1 } }, /^limits in the file: zones/],
    [{ file: { constructor: 1 } }, /no limit "constructor"/],
  ];
  for (const [said, message] of bad) {
    assert.throws(
      () => chosenLimits({ ...NOTHING, ...said }),
      (error) => error instanceof Failure && message.test(error.message) && error.fix !== '',
    );
  }
});
