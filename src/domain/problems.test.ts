import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROBLEMS, problem } from './problems.ts';

/** Rows that share a number on purpose: number → why. */
const SHARED_CODES: Readonly<Record<number, string>> = {
  7003: 'Cloudflare answers an unknown zone as it does a path it cannot route; clients match on the number',
};

const ROWS = Object.entries(PROBLEMS);

test('every problem has a number that clients can match on and a status that says whose fault it is', () => {
  for (const [name, { code, status }] of ROWS) {
    assert.ok(Number.isInteger(code) && code >= 1000, name);
    assert.ok(status >= 400 && status < 600, name);
  }
});

test('no problem is a conflict: clients of Cloudflare’s API send a 409 again, and a mistake stays one', () => {
  assert.deepEqual(
    ROWS.filter(([, { status }]) => Number(status) === 409),
    [],
  );
});

test('only what the control plane itself could not do is its own fault', () => {
  const own = ROWS.filter(([, { status }]) => status >= 500).map(([name]) => name);
  assert.deepEqual(own, ['internal', 'unavailable', 'backup_failed', 'list_unavailable', 'bundle_unsigned']);
});

test('no two problems share a number without a reason', () => {
  const byCode = Map.groupBy(ROWS, ([, { code }]) => code);
  for (const [code, rows] of byCode) {
    const names = rows.map(([name]) => name).join(' and ');
    assert.equal(rows.length > 1, code in SHARED_CODES, `${names} have the number ${code}`);
  }
});

test('a detail can follow the text, and the fix is a sentence of its own', () => {
  for (const [name, { text, fix }] of ROWS) {
    assert.match(text, /^\S.*[^\s:,;]$/, name);
    assert.doesNotMatch(text, /[.?!]\s/, `${name}: one sentence`);
    assert.match(fix, /^[A-Z].*\.$/, name);
    assert.notEqual(text, fix, name);
  }
});

test('a problem carries what was wrong in this case, and the field where one is to blame', () => {
  assert.deepEqual(problem('bad_body'), { kind: 'problem', code: 'bad_body', detail: '' });
  assert.deepEqual(problem('bad_body', 'ttl', '/ttl'), {
    kind: 'problem',
    code: 'bad_body',
    detail: 'ttl',
    pointer: '/ttl',
  });
});
