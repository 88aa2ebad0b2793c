import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequestHead } from './head.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { REFUSALS, type RefusalCode } from './refusals.ts';

const line = (start: string): string => `${start}\r\nHost: a.test\r\n\r\n`;
const fields = (...lines: string[]): string => `POST /p HTTP/1.1\r\nHost: a.test\r\n${lines.join('\r\n')}\r\n\r\n`;
const target = (text: string): string => line(`GET ${text} HTTP/1.1`);
const version = (text: string): string => line(`GET / ${text}`);
const host = (value: string): string => `GET / HTTP/1.1\r\nHost:${value}\r\n\r\n`;
const length = (value: string): string => fields(`Content-Length: ${value}`);
const encoding = (value: string): string => fields(`Transfer-Encoding: ${value}`);

/** For each code, requests that must be refused with it and nothing else. */
const REFUSED: { readonly [code in RefusalCode]?: readonly string[] } = {
  bare_lf: [
    'GET / HTTP/1.1\nHost: a.test\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a.test\nX: y\r\n\r\n',
    fields('X: a\nTransfer-Encoding: chunked'),
    fields('X: a', '\nY: b'),
  ],
  bare_cr: [
    'GET / HTTP/1.1\rHost: a.test\r\n\r\n',
    fields('X: a\rb'),
    fields('X: a\r\r\nY: b'),
    fields('X\r: a'),
    encoding('chunked\r'),
    target('/\r'),
  ],
  nul: [fields('X: a\0b'), fields('X\0: a'), target('/\0'), host(' a\0.test'), encoding('chunked\0')],
  bad_method: [line(' / HTTP/1.1'), line('G(T / HTTP/1.1'), line('G\u00c9T / HTTP/1.1'), line('GET\t/ HTTP/1.1')],
  bad_request_line: [line('GET'), line('GET '), target(' /'), target('/ a'), target('/ ')],
  bad_target: [
    ...['a', '*', '/a#b', '/\tb', '/\u00e9', '/\x7f', '/\x0b', '#'].map(target),
    ...['ftp://a.test/', 'http:/a.test/', 'http:///x', 'http://u@a.test/', 'http://u:p@a.test/'].map(target),
    ...['http://a.test:/', 'http://a.test\\b/', 'http://', 'http://a.test%00/'].map(target),
    ...['/', 'a.test', 'a.test:', 'http://a.test:443', 'a.test:0', 'a.test:65536', '*'].map((text) =>
      line(`CONNECT ${text} HTTP/1.1`),
    ),
    line('OPTIONS ** HTTP/1.1'),
  ],
  target_too_long: [target(`/${'a'.repeat(DEFAULT_LIMITS.maxTargetBytes)}`)],
  bad_version: [
    ...['http/1.1', 'HtTP/1.1', 'HTTP/1', 'HTTP/1.', 'HTTP/1.1 ', 'HTTP/1.1x', 'HTTP/01.1', 'HTTP/1.01'].map(version),
    ...['HTTP/ 1.1', 'HTTP/1 .1', 'HTTP/1,1', 'HTTP/1.x', 'HTTP/x.1', 'HTTP/', 'HTTP/11', 'HTTP/-1.1'].map(version),
  ],
  version_not_supported: ['1.2', '1.9', '0.9', '2.0', '3.0', '9.9'].map((digits) => version(`HTTP/${digits}`)),
  http_0_9: [line('GET /'), 'GET /\r\n\r\n', 'GET /x\r\n\r\n'],
  h2_preface: ['PRI * HTTP/2.0\r\n\r\n'],
  bad_field_name: [': a', 'X', 'X[0]: a', 'X\u00e9: a', 'X@Y: a', 'X"Y: a', 'X/Y: a', '\x01X: a', '\x0bX: a', '{}'].map(
    (text) => fields(text),
  ),
  space_before_colon: [
    ...['X : a', 'X\t: a', 'Content-Length : 5', 'Transfer-Encoding : chunked', 'X Y: a'].map((text) => fields(text)),
    'GET / HTTP/1.1\r\nHost : a.test\r\n\r\n',
  ],
  obsolete_fold: [
    fields('X: a', ' b'),
    fields('X: a', '\tb'),
    fields('X: a', ' '),
    fields('Transfer-Encoding:', ' chunked'),
    'GET / HTTP/1.1\r\n Host: a.test\r\n\r\n',
    'GET / HTTP/1.1\r\n \r\nHost: a.test\r\n\r\n',
  ],
  bad_field_value: [
    ...['a\x01', '\x08', 'a\x1fb', 'a\x7fb', '\x0ba', '\x1b[0m'].map((value) => fields(`X: ${value}`)),
    encoding('\x0bchunked'),
    encoding('chunked\x0c'),
    length('\x0b5'),
  ],
  too_many_fields: [fields(...Array.from({ length: DEFAULT_LIMITS.maxFields }, () => 'X: y'))],
  missing_host: [
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.0\r\n\r\n',
    'GET http://a.test/ HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nHosts: a.test\r\n\r\n',
  ],
  repeated_host: [
    ...['Host: a.test', 'host: b.test', 'HOST:'].map((text) => fields(text)),
    'GET / HTTP/1.0\r\nHost: a.test\r\nHost: a.test\r\n\r\n',
  ],
  bad_host: [
    ['', ' ', ' a.test, b.test', ' a b', ' u@a.test', ' a.test/', ' a.test/x', ' a.test?x', ' a.test#x', ' .a.test'],
    [' a..test', ' .', ' a.test:', ' a.test:0', ' a.test:65536', ' a.test:080', ' a.test:+80', ' a.test: 80'],
    [' a.test:80:80', ' :80', ' [::1', ' ::1', ' []', ' [::1]x', ' [::1%25eth0]', ' [::1%eth0]', ' [1.2.3.4]'],
    [' [gggg::1]', ' [v1.x]', ' \u00e9.test', ' a%2e.test', ' http://a.test', ' "a.test"', ' a\\b', ' [::1]:'],
    [' *.a.test', ` ${'a'.repeat(256)}`, ' a]:80', ' a:b]'],
  ]
    .flat()
    .map(host),
  host_mismatch: [
    ...['http://b.test/', 'http://a.test:8080/', 'https://a.test:80/', 'http://a.test.:80/', 'http://a.test:443/'].map(
      target,
    ),
    line('OPTIONS http://b.test HTTP/1.1'),
    line('CONNECT a.test:443 HTTP/1.1'),
  ],
  length_and_encoding: [
    fields('Content-Length: 5', 'Transfer-Encoding: chunked'),
    fields('Transfer-Encoding: chunked', 'Content-Length: 0'),
    fields('Transfer-Encoding: identity', 'Content-Length: 5'),
    fields('transfer-encoding:', 'content-length: 5'),
  ],
  repeated_length: [
    fields('Content-Length: 5', 'Content-Length: 5'),
    fields('Content-Length: 5', 'content-length: 6'),
    ...['5, 5', '5,6', '5, 5, 5', ',5', '5,'].map(length),
  ],
  bad_length: [
    ['', '-1', '-0', '+5', '5 5', '5_0', '0x5', '0o5', '0b1', '5.0', '5e1', 'five', '05', '00', '007', '\u00b2'],
    ['9007199254740992', '18446744073709551616', '99999999999999999999', '5;', '"5"', 'Infinity', 'NaN'],
  ]
    .flat()
    .map(length),
  bad_encoding: [
    ...[
      ['', ',', ', chunked', 'chunked,', ',chunked', 'chunked, chunked', 'chunked, gzip', 'gzip', 'identity'],
      ['xchunked', 'chunked;q=1', '"chunked"', "'chunked'", 'chunked identity', 'chunkedx', 'chun ked'],
      ['chunked\u00a0', 'gzip;q=1, chunked', 'chunked, identity, chunked', 'gzip,,chunked'],
    ]
      .flat()
      .map(encoding),
    ...['chunked', 'gzip', ''].map((first) => fields(`Transfer-Encoding: ${first}`, 'transfer-encoding: chunked')),
  ],
  encoding_not_supported: ['gzip, chunked', 'identity,chunked', 'gzip,\tdeflate , Chunked'].map(encoding),
  encoding_in_1_0: ['POST / HTTP/1.0\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n'],
  expectation_failed: [
    ...['200-ok', '', '100-continue, x', '100-continue;x'].map((value) => fields(`Expect: ${value}`)),
    fields('Expect: 100-continue', 'Expect: 100-continue'),
  ],
};

for (const [code, inputs] of Object.entries(REFUSED)) {
  test(`refuses as ${code}: ${REFUSALS[code as RefusalCode].text}`, () => {
    for (const input of inputs) {
      const head = parseRequestHead(Buffer.from(input, 'latin1'), { start: 0, end: input.length });
      assert.deepEqual(head, { kind: 'refusal', code }, JSON.stringify(input));
    }
  });
}

test('every refusal has a status of its class and a text', () => {
  for (const { status, text } of Object.values(REFUSALS)) {
    assert.ok(status >= 400 && status < 600 && text.length > 10);
  }
});
