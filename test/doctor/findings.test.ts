import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FINDINGS, type FindingCode } from '../../src/doctor/diagnosis/findings.ts';
import { MEANINGS } from '../../src/doctor/diagnosis/meaning/meanings.ts';
import type { FindingKind } from '../../src/doctor/diagnosis/severity.ts';
import { run } from '../scenarios/program.ts';

const ROWS = Object.entries(FINDINGS) as readonly (readonly [FindingCode, FindingKind])[];

describe('the table of findings', () => {
  test('says in one sentence what is wrong, what it means, how it is seen, and what to do', () => {
    for (const [code, { title, fix, refs }] of ROWS) {
      const { means, seen } = MEANINGS[code];
      assert.match(title, /^[A-Z"'][^\n]*\.$/, code);
      for (const text of [fix, means, seen]) assert.match(text, /^[A-Za-z"'][^\n]*\.$/, `${code}: ${text}`);
      for (const ref of refs) assert.match(ref, /^(?:NE|TT|HT|LO)-\d\d$/, code);
    }
  });
});

test('a finding is explained by its code, however it is written, and by an id of the catalogue', async () => {
  const { code, stdout } = await run(['doctor', '--explain', 'NE-03']);
  assert.equal(code, 0);
  const expected = ROWS.filter(([, { refs }]) => refs.includes('NE-03'));
  assert.ok(expected.length > 0);
  for (const [one, { title }] of expected) assert.ok(stdout.includes(one) && stdout.includes(title), one);
  assert.ok(stdout.split('\n').every((line) => line.length <= 100));
  const json = await run(['doctor', '--explain', 'Plain-HTTP', '--format', 'json']);
  const [told] = JSON.parse(json.stdout) as readonly {
    readonly code: string;
    readonly means: string;
    readonly refs: readonly string[];
  }[];
  assert.deepEqual(
    [told?.code, told?.refs, told?.means],
    ['plain_http', FINDINGS.plain_http.refs, MEANINGS.plain_http.means],
  );
});
