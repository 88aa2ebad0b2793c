import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { all, count, get, list } from './fields.ts';
import { parseRequestHead, parseResponseHead, type RequestHead } from './head.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const request = (text: string) => parseRequestHead(latin1(text), { start: 0, end: text.length });

function accepted(text: string): RequestHead {
  const head = request(text);
  assert.equal(head.kind, 'request', `${JSON.stringify(text)}: ${JSON.stringify(head)}`);
  return head as RequestHead;
}

const line = (start: string) => `${start}\r\nHost: a.test\r\n\r\n`;
const withFields = (...fields: string[]) => `POST /p HTTP/1.1\r\nHost: a.test\r\n${fields.join('\r\n')}\r\n\r\n`;
const withHost = (host: string) => `GET / HTTP/1.1\r\nHost:${host}\r\n\r\n`;

test('reads the parts of a request', () => {
  const head = accepted(
    'GET /a?b=c HTTP/1.1\r\nHost: A.Test:8443\r\nX-Y:  \t z \t\r\nx-y:\r\nACCEPT: \u00fc"x\r\n\r\n',
  );
  assert.equal(head.method, 'GET');
  assert.deepEqual([head.form, head.target, head.path], ['origin', '/a?b=c', '/a?b=c']);
  assert.deepEqual([head.host, head.port, head.authority], ['a.test', 8443, 'a.test:8443']);
  assert.deepEqual(head.fields, {
    names: ['host', 'x-y', 'x-y', 'accept'],
    rawNames: ['Host', 'X-Y', 'x-y', 'ACCEPT'],
    values: ['A.Test:8443', 'z', '', '\u00fc"x'],
  });
  assert.deepEqual([head.version, head.framing, head.keepAlive], ['1.1', { kind: 'none' }, true]);
  assert.deepEqual([head.upgrade, head.expectContinue], [null, false]);
});

test('finds fields by lower-case name, also where they are repeated', () => {
  const { fields } = accepted(withFields('Via: a, B', 'X: 1', 'via:', 'via: ,c '));
  assert.equal(get(fields, 'via'), 'a, B');
  assert.equal(get(fields, 'nothing'), undefined);
  assert.deepEqual(all(fields, 'via'), ['a, B', '', ',c']);
  assert.equal(count(fields, 'via'), 3);
  assert.deepEqual(list(fields, 'via'), ['a', 'b', 'c']);
});

test('a name that is not known beforehand is spelt and folded like one that is', () => {
  for (const name of ['HOST', 'hOsT', 'Host', 'host']) {
    assert.equal(accepted(`GET / HTTP/1.1\r\n${name}: a.test\r\n\r\n`).host, 'a.test');
  }
  const { fields } = accepted(withFields('hosT-x: 1', "!#$%&'*+-.^_`|~0aZ: 2", 'Hoss: 3', 'uSER-AGENT: 4'));
  assert.deepEqual(fields.names.slice(1), ['host-x', "!#$%&'*+-.^_`|~0az", 'hoss', 'user-agent']);
  assert.equal(fields.rawNames[4], 'uSER-AGENT');
});

test('parses only its own span of the buffer', () => {
  const text = withFields('Content-Length: 3');
  const bytes = latin1(`junk\n${text}abcGET /`);
  const head = parseRequestHead(bytes, { start: 5, end: 5 + text.length });
  assert.equal(head.kind, 'request');
  assert.deepEqual(head.kind === 'request' && head.framing, { kind: 'length', length: 3 });
});

test('passes methods that it does not know, as they are', () => {
  for (const method of ['PURGE', 'get', 'M-SEARCH', "!#$%&'*+-.^_`|~"]) {
    assert.equal(accepted(line(`${method} / HTTP/1.1`)).method, method);
  }
});

test('reads each form of target', () => {
  const forms: [string, string, string][] = [
    ['OPTIONS * HTTP/1.1', 'asterisk', '*'],
    ['OPTIONS http://a.test HTTP/1.1', 'absolute', '*'],
    ['OPTIONS http://a.test/ HTTP/1.1', 'absolute', '/'],
    ['GET http://a.test HTTP/1.1', 'absolute', '/'],
    ['GET HTTPS://A.TEST:443?x=/y HTTP/1.1', 'absolute', '/?x=/y'],
    ['GET http://a.test:80/b//c?d@e HTTP/1.0', 'absolute', '/b//c?d@e'],
    ['GET //b.test/c HTTP/1.1', 'origin', '//b.test/c'],
    ['GET /"<>\\^`{|}:@[] HTTP/1.1', 'origin', '/"<>\\^`{|}:@[]'],
  ];
  for (const [start, form, path] of forms) {
    const head = accepted(line(start));
    assert.deepEqual([head.form, head.path, head.authority], [form, path, 'a.test']);
  }
  const connect = accepted('CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n');
  assert.deepEqual([connect.form, connect.path, connect.authority], ['authority', '', 'a.test:443']);
});

test('reads names, IPv4 and IPv6 addresses as Host', () => {
  const hosts: [string, string, number | null][] = [
    ['a', 'a', null],
    ['A_b-1.Test.', 'a_b-1.test.', null],
    ['127.0.0.1:65535', '127.0.0.1', 65_535],
    ['[::1]', '[::1]', null],
    ['[FE80::1.2.3.4]:1', '[fe80::1.2.3.4]', 1],
  ];
  for (const [value, host, port] of hosts) {
    const head = accepted(withHost(value));
    assert.deepEqual([head.host, head.port], [host, port]);
  }
});

test('frames by Content-Length or by one chunked', () => {
  assert.deepEqual(accepted(withFields('Content-Length: 0')).framing, { kind: 'length', length: 0 });
  const largest = accepted(withFields('Content-Length:9007199254740991')).framing;
  assert.deepEqual(largest, { kind: 'length', length: Number.MAX_SAFE_INTEGER });
  assert.deepEqual(accepted(withFields('Transfer-Encoding:\tChunKed ')).framing, { kind: 'chunked' });
});

test('Connection decides about reuse and upgrade', () => {
  const cases: [string, string[], boolean, string | null][] = [
    ['1.1', [], true, null],
    ['1.0', [], false, null],
    ['1.0', ['Connection: Keep-Alive'], true, null],
    ['1.0', ['Connection: keep-alive, close'], false, null],
    ['1.1', ['Connection: keep-alive'], true, null],
    ['1.1', ['Connection: x, CLOSE'], false, null],
    ['1.1', ['Connection: x', 'Connection: close'], false, null],
    ['1.1', ['Connection: closed'], true, null],
    ['1.1', ['Connection: Upgrade', 'Upgrade: WebSocket'], true, 'websocket'],
    ['1.1', ['Connection: upgrade'], true, null],
    ['1.1', ['Upgrade: websocket'], true, null],
    ['1.0', ['Connection: keep-alive, upgrade', 'Upgrade: websocket'], true, null],
  ];
  for (const [version, fields, keepAlive, upgrade] of cases) {
    const head = accepted(`GET / HTTP/${version}\r\n${['Host: a', ...fields].join('\r\n')}\r\n\r\n`);
    assert.deepEqual([head.keepAlive, head.upgrade], [keepAlive, upgrade], fields.join());
  }
});

test('an expectation counts only in HTTP/1.1 and where a body is to come', () => {
  assert.equal(accepted(withFields('Expect: 100-Continue', 'Content-Length: 1')).expectContinue, true);
  assert.equal(accepted(withFields('Expect: 100-continue')).expectContinue, false);
  const old = 'POST / HTTP/1.0\r\nHost: a\r\nExpect: other\r\nContent-Length: 1\r\n\r\n';
  assert.equal(accepted(old).expectContinue, false);
});

test('no bytes make the parsers throw', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.string({ maxLength: 80 }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(
      bytes,
      fc.constantFrom('', 'GET / HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost: a\r\n', 'HTTP/1.1 200 OK\r\n'),
      (tail, start) => {
        const all = Buffer.concat([latin1(start), tail]);
        const span = { start: 0, end: all.length };
        assert.ok(['request', 'refusal'].includes(parseRequestHead(all, span).kind));
        assert.ok(['response', 'refusal'].includes(parseResponseHead(all, span, { requestMethod: 'GET' }).kind));
      },
    ),
    { numRuns: 2000 },
  );
});
