import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notTried } from '../../doctor/not-tried.ts';
import { FINDINGS } from '../../doctor/diagnosis/findings.ts';
import { inPageWords } from './page-words.ts';

const NOTHING = { kind: 'hand' as const, identity: null, unwanted: [], authority: null, lists: [], made: {} };
const FLAG = /--[a-z]/;

test('what a look leaves untried is told without flags', () => {
  const told = notTried(() => 0, NOTHING, []).map(({ why }) => why);
  assert.ok(told.filter((why) => FLAG.test(why)).length >= 4);
  assert.deepEqual(
    told.map(inPageWords).filter((why) => FLAG.test(why)),
    [],
  );
  assert.equal(
    inPageWords('none was named (--other-name)'),
    'none was named (each name that has a proxied record of its own is looked at by itself)',
  );
});

test('flags in brackets go, known or not, and nothing else does', () => {
  assert.equal(inPageWords('read it (--no-such-flag), then look'), 'read it, then look');
  assert.equal(inPageWords('nginx (1.22) -- as it is'), 'nginx (1.22) -- as it is');
  for (const { fix } of Object.values(FINDINGS)) assert.doesNotMatch(inPageWords(fix), /\(--/);
});
