import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../http1/limits.ts';
import { parseRequestList, parseTrailerList } from './request-head.ts';

type Field = readonly [name: string, value: string];

const GET: readonly Field[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'www.a.test'],
  [':path', '/'],
];

const judge = (fields: readonly Field[], ended = true) => parseRequestList(fields.flat(), { scheme: 'https', ended });

function without(name: string): readonly Field[] {
  return GET.filter(([other]) => other !== name);
}

function withField(name: string, value: string): readonly Field[] {
  return GET.map((field) => (field[0] === name ? [name, value] : field));
}

function refusal(fields: readonly Field[], ended = true): string | null {
  const head = judge(fields, ended);
  return head.kind === 'refusal' ? head.code : null;
}

test('a header list becomes the head that HTTP/1.1 would have sent', () => {
  const head = judge([
    ...withField(':path', '/a?b'),
    ['accept', '*/*'],
    ['x-a', ''],
    ['cookie', 'a=1'],
    ['x-a', '2'],
    ['cookie', 'b=2'],
  ]);
  assert.ok(head.kind === 'request');
  assert.deepEqual(
    [head.method, head.path, head.form, head.host, head.port, head.authority, head.version],
    ['GET', '/a?b', 'origin', 'www.a.test', null, 'www.a.test', '2'],
  );
  assert.deepEqual(head.fields.names, ['accept', 'x-a', 'cookie', 'x-a']);
  assert.deepEqual(head.fields.values, ['*/*', '', 'a=1; b=2', '2']);
  assert.deepEqual(head.framing, { kind: 'none' });
});

test('the length of a body is what is declared, else unknown until it ends', () => {
  const framing = (fields: readonly Field[], ended: boolean) => {
    const head = judge(fields, ended);
    return head.kind === 'request' ? head.framing : head.code;
  };
  assert.deepEqual(framing([...GET, ['content-length', '5']], false), { kind: 'length', length: 5 });
  assert.deepEqual(framing([...GET, ['content-length', '0']], true), { kind: 'length', length: 0 });
  assert.deepEqual(framing(GET, false), { kind: 'chunked' });
  assert.equal(framing([...GET, ['content-length', '5']], true), 'bad_length');
  assert.equal(framing([...GET, ['content-length', '+5']], false), 'bad_length');
  assert.equal(framing([...GET, ['content-length', '5'], ['content-length', '5']], false), 'repeated_length');
});

test('host and :authority say the same or the request is refused', () => {
  const hosted = judge([...without(':authority'), ['host', 'WWW.a.test:8443']]);
  assert.ok(hosted.kind === 'request');
  assert.equal(hosted.authority, 'www.a.test:8443');
  assert.equal(refusal([...GET, ['host', 'www.a.test:443']]), null);
  assert.equal(refusal([...GET, ['host', 'other.a.test']]), 'host_mismatch');
  assert.equal(refusal([...GET, ['host', 'www.a.test:8443']]), 'host_mismatch');
  assert.equal(refusal([...GET, ['host', 'a b']]), 'bad_host');
  assert.equal(refusal([...GET, ['host', 'www.a.test'], ['host', 'www.a.test']]), 'repeated_host');
  assert.equal(refusal(without(':authority')), 'missing_host');
  assert.equal(refusal(withField(':authority', 'user@www.a.test')), 'bad_host');
  assert.equal(refusal(withField(':authority', '')), 'bad_host');
});

test('pseudo-fields are there, once, before all others, and no others are', () => {
  for (const name of [':method', ':scheme', ':path']) assert.equal(refusal(without(name)), 'bad_pseudo_field', name);
  for (const field of GET) assert.equal(refusal([...GET, field]), 'bad_pseudo_field', field[0]);
  assert.equal(refusal([['x-a', '1'], ...GET]), 'bad_pseudo_field');
  assert.equal(refusal([...GET, [':status', '200']]), 'bad_pseudo_field');
  assert.equal(refusal([...GET, [':protocol', 'websocket']]), 'bad_pseudo_field');
  assert.equal(refusal([...GET, [':', '1']]), 'bad_pseudo_field');
});

test('method, scheme and path are judged as in a request line', () => {
  assert.equal(refusal(withField(':method', 'GE T')), 'bad_method');
  assert.equal(refusal(withField(':method', '')), 'bad_method');
  assert.equal(refusal(withField(':scheme', 'http')), 'bad_scheme');
  assert.equal(refusal(withField(':scheme', 'ftp')), 'bad_scheme');
  for (const path of ['', 'a', '/a b', '/a#b', '/a\r\nX: y', '/\0', '/é', '*', 'https://www.a.test/', '/a HTTP/1.1'])
    assert.equal(refusal(withField(':path', path)), 'bad_target', JSON.stringify(path));
  assert.equal(refusal(withField(':path', `/${'a'.repeat(DEFAULT_LIMITS.maxTargetBytes)}`)), 'target_too_long');
  const options = judge([
    [':method', 'OPTIONS'],
    [':scheme', 'https'],
    [':authority', 'www.a.test'],
    [':path', '*'],
  ]);
  assert.ok(options.kind === 'request');
  assert.equal(options.form, 'asterisk');
});

test('CONNECT names an authority and nothing else', () => {
  const connect: readonly Field[] = [
    [':method', 'CONNECT'],
    [':authority', 'www.a.test:443'],
  ];
  assert.equal(refusal(connect), null);
  assert.equal(refusal([...connect, [':path', '/']]), 'bad_pseudo_field');
  assert.equal(refusal([...connect, [':protocol', 'websocket']]), 'bad_pseudo_field');
  assert.equal(refusal([[':method', 'CONNECT']]), 'bad_pseudo_field');
});

test('names and values that HTTP/1.1 could not carry are refused', () => {
  for (const name of ['', 'X-A', 'x a', 'x:a', 'x\n', 'é', 'x-a:'])
    assert.equal(refusal([...GET, [name, '1']]), 'bad_field_name', JSON.stringify(name));
  for (const value of ['a\r\nb', 'a\nb', '\0', ' a', 'a\t', '\x7f', 'a\rb'])
    assert.equal(refusal([...GET, ['x-a', value]]), 'bad_field_value', JSON.stringify(value));
  assert.equal(refusal([...GET, ['x-a', 'caf\xe9 \t!']]), null);
});

test('fields that belong to HTTP/1.1 connections are refused', () => {
  for (const name of ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])
    assert.equal(refusal([...GET, [name, 'close']]), 'connection_field', name);
  assert.equal(refusal([...GET, ['te', 'gzip']]), 'connection_field');
  assert.equal(refusal([...GET, ['te', 'trailers, gzip']]), 'connection_field');
  assert.equal(refusal([...GET, ['te', 'trailers']]), null);
});

test('there are only so many fields, crumbs of a cookie counting as one', () => {
  const many = (name: (at: number) => string): Field[] => Array.from({ length: 200 }, (_, at) => [name(at), '1']);
  assert.equal(refusal([...GET, ...many((at) => `x-${at}`)]), 'too_many_fields');
  assert.equal(refusal([...GET, ...many(() => 'cookie')]), null);
});

test('an expectation that cannot be met is refused', () => {
  assert.equal(refusal([...GET, ['expect', '100-continue']], false), null);
  assert.equal(refusal([...GET, ['expect', 'magic']], false), 'expectation_failed');
});

test('trailers frame, route and authorise nothing', () => {
  assert.deepEqual(parseTrailerList(['x-sum', '1']), { names: ['x-sum'], rawNames: ['x-sum'], values: ['1'] });
  assert.equal(parseTrailerList([':path', '/']), 'bad_pseudo_field');
  assert.equal(parseTrailerList(['content-length', '1']), 'bad_trailer');
  assert.equal(parseTrailerList(['host', 'a.test']), 'bad_trailer');
  assert.equal(parseTrailerList(['transfer-encoding', 'chunked']), 'connection_field');
  assert.equal(parseTrailerList(Array.from({ length: 200 }, (_, at) => `x-${at}`)), 'trailer_too_large');
});
