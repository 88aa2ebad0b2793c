import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { problemMessage } from './envelope.ts';
import { faults, ignoredFields, shown } from './faults.ts';

test('values are shown short, on one line, and keys never', () => {
  assert.equal(shown('a\nb'), '"a\\nb"');
  assert.equal(shown('\u009b2J\u202e'), '"\\u009b2J\\u202e"');
  assert.equal(shown('x'.repeat(100)).length, 61 + ' (102 characters)'.length);
  assert.equal(shown('-----BEGIN PRIVATE KEY-----'), 'a private key');
  assert.deepEqual([shown([]), shown([1, 2]), shown({}), shown(null)], ['[]', 'an array of 2', 'an object', 'null']);
});

test('a fault names field, value and rule, and points at the field', () => {
  const schema = z.object({ body: z.object({ 'a/b~c': z.string() }), query: z.object({ page: z.string() }) });
  const raw = { body: { 'a/b~c': 7 }, query: {} };
  const found = faults(schema.safeParse(raw).error?.issues ?? [], raw, { body: 'bad_record' });
  assert.deepEqual(found, [
    { kind: 'problem', code: 'bad_record', detail: 'a/b~c is 7, must be a string', pointer: '/a~1b~0c' },
    { kind: 'problem', code: 'bad_query', detail: 'page is missing, must be a string' },
  ]);
  assert.equal(
    found[0] && problemMessage(found[0]),
    'DNS Validation Error: a/b~c is 7, must be a string. Mend the field named.',
  );
});

test('a value in the place of a key is not repeated', () => {
  const raw = { body: { private_key: 'c2VjcmV0' } };
  const schema = z.object({ body: z.object({ private_key: z.string().max(1) }) });
  const [fault] = faults(schema.safeParse(raw).error?.issues ?? [], raw, { body: 'bad_body' });
  assert.doesNotMatch(JSON.stringify(fault), /c2VjcmV0/);
});

test('fields that no schema kept are named, also inside', () => {
  const raw = { a: 1, b: [{ c: 1, d: 2 }], e: { f: 1 } };
  assert.deepEqual(ignoredFields(raw, { a: 1, b: [{ c: 1 }] }), ['/b/0/d', '/e']);
  assert.deepEqual(ignoredFields('text', {}), []);
});
