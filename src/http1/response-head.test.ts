import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from './fields.ts';
import { parseResponseHead, type ResponseHead } from './head.ts';
import type { RefusalCode } from './refusals.ts';

const response = (text: string, requestMethod = 'GET') =>
  parseResponseHead(Buffer.from(text, 'latin1'), { start: 0, end: text.length }, { requestMethod });

function answered(text: string, requestMethod = 'GET'): ResponseHead {
  const head = response(text, requestMethod);
  assert.equal(head.kind, 'response', `${JSON.stringify(text)}: ${JSON.stringify(head)}`);
  return head as ResponseHead;
}

const status = (code: number, ...fields: string[]) => `${[`HTTP/1.1 ${code} OK`, ...fields].join('\r\n')}\r\n\r\n`;

test('reads the parts of a response', () => {
  const head = answered('HTTP/1.1 404 Not \u00e9 Found\r\nContent-Length: 2\r\nA: b\r\n\r\n');
  assert.deepEqual([head.status, head.reason, head.version], [404, 'Not \u00e9 Found', '1.1']);
  assert.deepEqual([head.framing, head.keepAlive, head.interim], [{ kind: 'length', length: 2 }, true, false]);
  assert.equal(get(head.fields, 'a'), 'b');
  assert.equal(answered('HTTP/1.1 200 \r\n\r\n').reason, '');
  assert.equal(answered('HTTP/1.1 200\r\n\r\n').reason, '');
});

test('frames a response by status, method and fields', () => {
  const cases: [string, string, string, boolean][] = [
    [status(200), 'GET', 'close', false],
    [status(200, 'Transfer-Encoding: chunked'), 'GET', 'chunked', true],
    [status(200, 'Transfer-Encoding: chunked', 'Connection: close'), 'GET', 'chunked', false],
    [status(200, 'Content-Length: 5'), 'HEAD', 'none', true],
    [status(200, 'Transfer-Encoding: chunked'), 'HEAD', 'none', true],
    [status(304, 'Content-Length: 5'), 'GET', 'none', true],
    [status(204), 'GET', 'none', true],
    [status(204, 'Content-Length: 0'), 'GET', 'none', true],
    [status(204, 'Content-Length: 5'), 'GET', 'none', false],
    [status(204, 'Transfer-Encoding: chunked'), 'GET', 'none', false],
    [status(103, 'Link: x'), 'GET', 'none', true],
    [status(200), 'CONNECT', 'none', true],
    ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n', 'GET', 'length', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n', 'GET', 'length', true],
  ];
  for (const [text, method, kind, keepAlive] of cases) {
    const head = answered(text, method);
    assert.deepEqual([head.framing.kind, head.keepAlive], [kind, keepAlive], text);
  }
});

test('an interim response is told from a change of protocol', () => {
  assert.equal(answered(status(100)).interim, true);
  const changed = answered(status(101, 'Connection: upgrade', 'Upgrade: websocket'));
  assert.deepEqual([changed.interim, changed.upgrade, changed.framing.kind], [false, 'websocket', 'none']);
});

const BAD_RESPONSES: [RefusalCode, string][] = [
  ['bad_version', 'HTTQ/1.1 200 OK\r\n\r\n'],
  ['bad_version', 'ICY 200 OK\r\n\r\n'],
  ['version_not_supported', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['bad_status_line', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['bad_status_line', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['bad_status_line', 'HTTP/1.1  200 OK\r\n\r\n'],
  ['bad_status_line', 'HTTP/1.1 099 OK\r\n\r\n'],
  ['bad_status_line', 'HTTP/1.1 200 O\x01K\r\n\r\n'],
  ['bad_status_line', 'HTTP/1.1 200OK\r\n\r\n'],
  ['bare_lf', 'HTTP/1.1 200 OK\nA: b\r\n\r\n'],
  ['nul', 'HTTP/1.1 200 O\0K\r\n\r\n'],
  ['obsolete_fold', status(200, 'A: b', ' c')],
  ['length_and_encoding', status(200, 'Content-Length: 1', 'Transfer-Encoding: chunked')],
  ['repeated_length', status(200, 'Content-Length: 1', 'Content-Length: 1')],
  ['repeated_length', status(304, 'Content-Length: 1, 2')],
  ['bad_length', status(200, 'Content-Length: 1 2')],
  ['bad_encoding', status(200, 'Transfer-Encoding: gzip')],
  ['bad_encoding', status(200, 'Transfer-Encoding: identity')],
  ['encoding_not_supported', status(200, 'Transfer-Encoding: gzip, chunked')],
  ['encoding_in_1_0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
];

test('refuses a response that it would have to guess about', () => {
  for (const [code, text] of BAD_RESPONSES) {
    assert.deepEqual(response(text), { kind: 'refusal', code }, JSON.stringify(text));
  }
});
