import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opened } from './call.ts';

const MESSAGE = { code: 20001, message: 'Without effect.' };
const ERROR = { code: 1004, message: 'It is no name.', source: { pointer: '/name' } };

test('an envelope is an answer or a refusal, with what stands beside', () => {
  const info = { count: 1, per_page: 20 };
  assert.deepEqual(opened(200, { success: true, result: [1], result_info: info, messages: [MESSAGE], errors: [] }), {
    kind: 'answer',
    result: [1],
    info,
    messages: [MESSAGE],
  });
  assert.deepEqual(opened(400, { success: false, result: null, messages: [], errors: [ERROR, MESSAGE] }), {
    kind: 'refused',
    status: 400,
    problems: [
      { code: 1004, message: 'It is no name.', pointer: '/name' },
      { code: 20001, message: 'Without effect.', pointer: null },
    ],
  });
});

test('what somebody in between answers is no envelope, and a refusal without a reason is none of ours', () => {
  for (const found of [
    null,
    'Bad gateway',
    [],
    {},
    { success: 'true', result: [] },
    { success: true },
    { success: true, result: [], messages: 'all well' },
    { success: false, result: null, errors: [{ reason: 'backend' }] },
    { success: false, result: null, errors: [null] },
    { success: false, result: null, errors: [] },
  ])
    assert.equal(opened(502, found), null, JSON.stringify(found));
});
