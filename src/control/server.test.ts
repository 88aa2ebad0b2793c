import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { codes, startApi } from './api/api.fixture.ts';
import { ROUTES } from './api/table.ts';

test('paths that do not exist are 404 in the envelope, with code 7003', async (t) => {
  const { call } = await startApi(t);
  for (const path of ['/nothing', '/client/v4', '/client/v4/zones/x/y/z', '/%zz', '/client/v4/zones/%']) {
    const answer = await call('GET', path.startsWith('/client') ? path : `/client/v4/..${path}`);
    assert.deepEqual([answer.status, codes(answer), answer.success], [404, [7003], false], path);
  }
});

test('methods that a path does not have are 405 with Allow, also beside routes with parameters', async (t) => {
  const { call, zone } = await startApi(t);
  const base = `/zones/${await zone()}/origin_tls_client_auth`;
  const wrong = [
    ['GET', `${base}/hostnames`, 'PUT'],
    ['DELETE', `${base}/settings`, 'GET, HEAD, PUT'],
    ['POST', `${base}/settings`, 'GET, HEAD, PUT'],
    ['PUT', `${base}/hostnames/certificates`, 'GET, HEAD, POST'],
    ['OPTIONS', '/zones', 'GET, HEAD, POST'],
    ['PUT', '/zones', 'GET, HEAD, POST'],
  ] as const;
  for (const [method, path, allow] of wrong) {
    const answer = await call(method, path);
    assert.deepEqual([answer.status, codes(answer), answer.headers['allow']], [405, [7001], allow], path);
  }
});

test('a zone may not be named like a literal of the path', async (t) => {
  const { call, zone } = await startApi(t);
  const { status } = await call('GET', `/zones/${await zone()}/origin_tls_client_auth/hostnames/certificates`);
  assert.equal(status, 200);
});

test('every answer carries a request id and the security headers, and none allows other origins', async (t) => {
  const { call } = await startApi(t);
  for (const path of ['/zones', '/nothing', '/healthz']) {
    const { headers } = await call('GET', path, undefined, { origin: 'https://evil.test' });
    assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});

test('over loopback only names of this machine, and those configured, are answered', async (t) => {
  const { call } = await startApi(t, { hosts: ['API.example.test'] });
  const good = [
    'localhost',
    'localhost:8080',
    'LOCALHOST.',
    '127.0.0.1:1',
    '127.9.9.9',
    '[::1]:80',
    'api.example.test',
  ];
  for (const host of good) {
    assert.equal((await call('GET', '/zones', undefined, { host })).status, 200, host);
  }
  const bad = ['evil.test', 'localhost.evil.test', '127.0.0.1.nip.io', '10.0.0.1', '[::2]', '0.0.0.0', 'a b'];
  for (const host of bad) {
    const answer = await call('GET', '/zones', undefined, { host });
    assert.deepEqual([answer.status, codes(answer)], [421, [10403]], host);
  }
});

test('bodies that are no JSON object are 400, and too large ones 413', async (t) => {
  const { call } = await startApi(t);
  for (const body of ['{', '{"name":}', 'name=a.test', '\u0000', '{"name":"a.test"}x', "{'name':'a.test'}"]) {
    const answer = await call('POST', '/zones', body);
    assert.deepEqual([answer.status, codes(answer)], [400, [6006]], body);
  }
  for (const body of ['null', '[]', '"a"', '7', '', undefined]) {
    const answer = await call('POST', '/zones', body);
    assert.deepEqual([answer.status, answer.errors[0]?.code], [400, 6007], body);
    assert.match(answer.errors[0]?.message ?? '', /must be an object/);
  }
  const large = await call('POST', '/zones', JSON.stringify({ name: 'a'.repeat(1024 * 1024) }));
  assert.deepEqual([large.status, codes(large)], [413, [6009]]);
});

test('a body that is no JSON is told where it stops being it, and is not quoted', async (t) => {
  const { call } = await startApi(t);
  const said = async (body: string) => (await call('POST', '/zones', body)).errors[0]?.message ?? '';
  assert.match(await said('{"name":\n "a.test",,}'), /at position 19 \(line 2 column 11\)/);
  assert.match(await said('{"name": "a.test"'), /position 17|ends too early/);
  assert.doesNotMatch(await said('{"private_key": secret'), /secret/);
});

test('keys that would reach a prototype, and deep nesting, are 400', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const bodies = [
    '{"__proto__": {"paused": true}}',
    '{"constructor": {"prototype": {"paused": true}}}',
    '{"a": {"__proto__": null}}',
    '{"a": [{"\\u005f_proto__": 1}]}',
    `{"a": ${'['.repeat(100_000)}{"__proto__": 1}${']'.repeat(100_000)}}`,
  ];
  for (const body of bodies) {
    const answer = await call('PATCH', `/zones/${id}`, body);
    assert.deepEqual([answer.status, codes(answer)], [400, [6006]], body.slice(0, 100));
    assert.match(answer.errors[0]?.message ?? '', /a key that is never allowed/);
  }
  assert.equal((await call('PATCH', `/zones/${id}`, '{"constructor": "__proto__"}')).status, 200);
  // Found by fuzzing: zod's own length checks also look at what only seems to have a length.
  const posing = { name: { length: [{ toString: null }] } };
  assert.deepEqual(codes(await call('POST', '/zones', posing)), [6007]);
  const deep = `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  assert.deepEqual(codes(await call('POST', '/zones', deep)), [6007]);
  assert.equal((await call('GET', `/zones/${id}`)).result['paused'], false);
});

test('a body is read as JSON whatever its content type says', async (t) => {
  const { app, call, token } = await startApi(t);
  for (const [index, type] of [
    'application/json; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
  ].entries()) {
    const answer = await call('POST', '/zones', { name: `a${index}.test` }, { 'content-type': type });
    assert.equal(answer.status, 200, type);
  }
  const headers = { authorization: `Bearer ${token}` };
  const none = await app.inject({ method: 'POST', url: '/client/v4/zones', headers, payload: '{"name":"b.test"}' });
  assert.equal(none.statusCode, 200, none.body);
});

test('what is not HTTP, or has two hosts or too large fields, is answered as that and the connection ends', async (t) => {
  const { app } = await startApi(t);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const said = async (bytes: string) => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    socket.end(bytes);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  };
  const path = '/client/v4/ips';
  assert.match(await said('GET / HTTP/9.9\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request\r\n.*"code":6000/s);
  const two = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\nConnection: close\r\n\r\n`;
  assert.match(await said(two), /^HTTP\/1\.1 400 .*"code":6000/s);
  const large = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`;
  assert.match(await said(large), /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n.*"code":6011/s);
  const elsewhere = `GET http://evil.test${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  assert.match(await said(elsewhere), /^HTTP\/1\.1 421 .*"code":10403/s);
  assert.match(await said(elsewhere.replace('evil.test', 'localhost')), /^HTTP\/1\.1 200 /);
});

test('the table names each call once, and says what it answers', () => {
  const names = ROUTES.map(({ method, path }) => `${method} ${path}`);
  assert.equal(new Set(names).size, names.length);
  for (const { answers } of ROUTES) assert.match(answers, /^[A-Z].+\.$/);
});

test('a mutation that no edge confirms in time says that it is pending', async (t) => {
  const { call, plane, zone } = await startApi(t, { inForceWithin: 20 });
  const id = await zone();
  const gone = plane.connect({
    send: () => undefined,
    receive: (handler) => handler({ kind: 'hello', edge: 'silent' }),
    ended: () => undefined,
  });
  t.after(gone);
  const { status, messages } = await call('PATCH', `/zones/${id}`, { paused: true });
  assert.deepEqual([status, messages[0]?.code], [200, 20103]);
});
