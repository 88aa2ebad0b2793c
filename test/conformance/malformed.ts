import { type Case, chunked, get, passed, post, refused, request, waits } from './case.ts';

const MUCH = 100_000;
/** Bytes that are no HTTP, the same in each run. */
const GARBAGE = Buffer.from(Array.from({ length: 256 }, (_, index) => (index * 167 + 13) % 256)).toString('latin1');

/** What is no HTTP, or too much of it. */
export const MALFORMED: readonly Case[] = [
  refused('MAL-BINARY-GARBAGE', `${GARBAGE}\r\n\r\n`),
  refused('MAL-LONG-URL', request(`GET /${'a'.repeat(MUCH)} HTTP/1.1`), 414),
  refused('MAL-LONG-HEADER-VALUE', get(`X-Long: ${'a'.repeat(MUCH)}`), 431),
  refused('MAL-LONG-HEADER-NAME', get(`${'a'.repeat(MUCH)}: value`), 431),
  refused('MAL-LONG-METHOD', request(`${'A'.repeat(MUCH)} / HTTP/1.1`), 414),
  refused('MAL-MANY-HEADERS', get(...Array.from({ length: 10_000 }, (_, index) => `X-${index}: v`)), 431),
  refused('MAL-NUL-IN-URL', request('GET /a\0b HTTP/1.1')),
  refused('MAL-NUL-IN-HEADER-VALUE', get('X-Test: a\0b')),
  refused('MAL-CONTROL-CHARS-HEADER', get('X-Test: a\x01\x02b')),
  refused('MAL-NON-ASCII-HEADER-NAME', get('X-\xc3\xab: value')),
  refused('MAL-NON-ASCII-URL', request('GET /caf\xc3\xa9 HTTP/1.1')),
  refused('MAL-URL-OVERLONG-UTF8', request('GET /\xc0\xaf HTTP/1.1')),
  refused('MAL-WHITESPACE-ONLY-LINE', '   \r\n\r\n'),
  refused('MAL-H2-PREFACE', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505),
  refused('MAL-CL-OVERFLOW', post(['Content-Length: 99999999999999999999'])),
  refused('MAL-CL-EMPTY', post(['Content-Length:'])),
  passed('MAL-CL-TAB-BEFORE-VALUE', post(['Content-Length:\t5'], 'hello'), { body: 'hello' }),
  refused('MAL-CHUNK-SIZE-OVERFLOW', chunked('FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n')),
  refused('MAL-CHUNK-EXT-64K', chunked(`5;x=${'a'.repeat(65_536)}\r\nhello\r\n0\r\n\r\n`)),
  waits('MAL-INCOMPLETE-REQUEST', get('X-Test: value').slice(0, -2), 408),
  waits('MAL-EMPTY-REQUEST', ''),
  waits('MAL-POST-CL-HUGE-NO-BODY', post(['Content-Length: 999999999']), 408),
  // The path is the origin's to read; what is escaped stays escaped on the way there.
  passed('MAL-URL-PERCENT-NULL', request('GET /a%00b HTTP/1.1'), { url: '/a%00b' }),
  passed('MAL-URL-PERCENT-CRLF', request('GET /a%0d%0aX:y HTTP/1.1'), { url: '/a%0d%0aX:y' }),
  passed('MAL-URL-BACKSLASH', request('GET /a\\b HTTP/1.1'), { url: '/a\\b' }),
  passed('MAL-RANGE-OVERLAPPING', get(`Range: bytes=${Array(1_000).fill('0-').join(',')}`)),
];

/** Names that a lenient reader takes for another name. */
export const NORMALIZATION: readonly Case[] = [
  passed('NORM-UNDERSCORE-CL', post(['Content_Length: 99']), { lacks: ['content_length'] }),
  passed('NORM-UNDERSCORE-TE', post(['Transfer_Encoding: chunked']), { lacks: ['transfer_encoding'] }),
  refused('NORM-SP-BEFORE-COLON-CL', post(['Content-Length : 5'], 'hello')),
  refused('NORM-TAB-IN-NAME', post(['Content\tLength: 5'], 'hello')),
  passed('NORM-CASE-TE', post(['TRANSFER-ENCODING: chunked'], '5\r\nhello\r\n0\r\n\r\n'), { body: 'hello' }),
];
