import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Framing } from '../http1/framing.ts';
import { Unwritable } from '../http1/write.ts';
import { type OriginRequest, requestList, requestText } from './origin-request.ts';

const REQUEST: OriginRequest = {
  method: 'GET',
  path: '/a?b=c',
  authority: 'www.a.test',
  fields: {
    names: ['accept', 'x-kept', 'x-left'],
    rawNames: ['Accept', 'X-Kept', 'X-Left'],
    values: ['*/*', 'one', 'two'],
  },
  keeps: (name) => name !== 'x-left',
  forwarding: { fields: [['X-Forwarded-Proto', 'https']], lines: 'X-Forwarded-Proto: https\r\n' },
  clientCert: null,
  loop: 'edge',
  ray: '0123456789abcdef',
  framing: { kind: 'none' },
  upgrade: null,
};

const HEAD =
  'GET /a?b=c HTTP/1.1\r\nHost: www.a.test\r\nAccept: */*\r\nX-Kept: one\r\nX-Forwarded-Proto: https\r\n' +
  'CDN-Loop: edge\r\nCF-Ray: 0123456789abcdef\r\n';

test('a request for HTTP/1.1 has what goes along of the visitor, what the edge says, and one framing', () => {
  const written = (framing: Framing) => requestText({ ...REQUEST, framing });
  assert.equal(written({ kind: 'none' }), `${HEAD}\r\n`);
  assert.equal(written({ kind: 'length', length: 0 }), `${HEAD}Content-Length: 0\r\n\r\n`);
  assert.equal(written({ kind: 'length', length: 7 }), `${HEAD}Content-Length: 7\r\n\r\n`);
  assert.equal(written({ kind: 'chunked' }), `${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
});

test('a change of protocol is asked for on this connection only', () => {
  const text = requestText({ ...REQUEST, upgrade: 'websocket' });
  assert.equal(text, `${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
});

test('a visitor whose certificate was verified is named, and nobody else', () => {
  const text = requestText({ ...REQUEST, clientCert: ':AAAA:' });
  assert.equal(text, `${HEAD.replace('CDN-Loop', 'Client-Cert: :AAAA:\r\nCDN-Loop')}\r\n`);
});

test('nothing that could end its line is written', () => {
  for (const bad of [{ method: 'GET /' }, { path: '/ HTTP/1.1\r\nA: b' }, { authority: 'a.test\r\nA: b' }]) {
    assert.throws(() => requestText({ ...REQUEST, ...bad }), Unwritable);
  }
});

test('HTTP/2 is told the same in its own words', () => {
  const list = requestList({ ...REQUEST, clientCert: ':AAAA:', framing: { kind: 'length', length: 5 } });
  assert.deepEqual(list.slice(0, 8), [
    ':method',
    'GET',
    ':scheme',
    'https',
    ':authority',
    REQUEST.authority,
    ':path',
    '/a?b=c',
  ]);
  const told = list.map((text, at) => (at % 2 === 0 ? `${text}: ${list[at + 1]}` : '')).filter((line) => line !== '');
  for (const line of ['x-forwarded-proto: https', 'client-cert: :AAAA:', 'cdn-loop: edge', 'content-length: 5'])
    assert.ok(told.includes(line), line);
  assert.ok(!told.some((line) => line.startsWith('x-left') || line.startsWith('host')), told.join('\n'));
  assert.ok(!requestList(REQUEST).includes('client-cert'));
});
