import {
  type Case,
  chunked,
  get,
  HOST,
  originDecides,
  passed,
  passedAndClosed,
  post,
  refused,
  request,
  turnedAway,
  waits,
} from './case.ts';

const WEBSOCKET = [
  'Upgrade: websocket',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Version: 13',
] as const;
const LONG_PATH = `/${'a'.repeat(7_990)}`;

/** What RFC 9110 and RFC 9112 ask of a server about messages that are mostly well-formed. */
export const COMPLIANCE: readonly Case[] = [
  passed('COMP-BASELINE', get()),

  // Line ends and the request line (RFC 9112 §2.2, §3)
  refused('RFC9112-2.2-BARE-LF-REQUEST-LINE', `GET / HTTP/1.1\nHost: ${HOST}\r\n\r\n`),
  refused('RFC9112-2.2-BARE-LF-HEADER', `GET / HTTP/1.1\r\nHost: ${HOST}\nX-Test: value\r\n\r\n`),
  refused('RFC9112-3-CR-ONLY-LINE-ENDING', `GET / HTTP/1.1\rHost: ${HOST}\r\n\r\n`),
  refused('RFC9112-3-MULTI-SP-REQUEST-LINE', request('GET  / HTTP/1.1')),
  refused('RFC9112-3-MISSING-TARGET', request('GET HTTP/1.1')),
  refused('RFC9112-3.2-FRAGMENT-IN-TARGET', request('GET /path#part HTTP/1.1')),
  refused('COMP-REQUEST-LINE-TAB', request('GET\t/ HTTP/1.1')),
  refused('COMP-SPACE-IN-TARGET', request('GET /pa th HTTP/1.1')),
  // RFC 9112 §2.2 lets servers ignore an empty line because old clients sent one after a body: there it is ignored, but
  // a connection does not begin with one.
  refused('COMP-LEADING-CRLF', `\r\n\r\n${get()}`),
  passed('COMP-LONG-URL-OK', request(`GET ${LONG_PATH} HTTP/1.1`), { url: LONG_PATH }),

  // Versions (RFC 9112 §2.3)
  refused('RFC9112-2.3-INVALID-VERSION', request('GET / HTTP/9.9'), 505),
  refused('RFC9112-2.3-HTTP09-REQUEST', 'GET /\r\n'),
  refused('COMP-VERSION-MISSING-MINOR', request('GET / HTTP/1')),
  refused('COMP-VERSION-LEADING-ZEROS', request('GET / HTTP/01.01')),
  refused('COMP-VERSION-WHITESPACE', request('GET / HTTP/ 1.1')),
  refused('COMP-VERSION-CASE', request('GET / http/1.1')),
  refused('COMP-HTTP12-VERSION', request('GET / HTTP/1.2'), 505),

  // Fields (RFC 9112 §5)
  refused('RFC9112-5.1-OBS-FOLD', get('X-Test: value', ' continued')),
  refused('RFC9110-5.6.2-SP-BEFORE-COLON', get('X-Test : value')),
  refused('RFC9112-5-EMPTY-HEADER-NAME', get(': value')),
  refused('RFC9112-5-INVALID-HEADER-NAME', get('Bad[Name: value')),
  refused('RFC9112-5-HEADER-NO-COLON', get('NoColonHere')),
  refused('COMP-WHITESPACE-BEFORE-HEADERS', `GET / HTTP/1.1\r\n \r\nHost: ${HOST}\r\n\r\n`),

  // Host and the forms of a target (RFC 9112 §3.2)
  refused('RFC9112-7.1-MISSING-HOST', 'GET / HTTP/1.1\r\n\r\n'),
  refused('RFC9110-5.4-DUPLICATE-HOST', get('Host: other.test')),
  refused('COMP-DUPLICATE-HOST-SAME', get(`Host: ${HOST}`)),
  refused('COMP-HOST-WITH-USERINFO', `GET / HTTP/1.1\r\nHost: user@${HOST}\r\n\r\n`),
  refused('COMP-HOST-WITH-PATH', `GET / HTTP/1.1\r\nHost: ${HOST}/path\r\n\r\n`),
  refused('COMP-HOST-EMPTY-VALUE', 'GET / HTTP/1.1\r\nHost: \r\n\r\n'),
  // HTTP/1.0 allows it, but nobody could tell whom it is for.
  refused('COMP-HTTP10-NO-HOST', 'GET / HTTP/1.0\r\n\r\n'),
  refused('COMP-ASTERISK-WITH-GET', request('GET * HTTP/1.1')),
  passed('COMP-OPTIONS-STAR', request('OPTIONS * HTTP/1.1'), { url: '*' }),
  passed('COMP-ABSOLUTE-FORM', request(`GET https://${HOST}/ HTTP/1.1`)),

  // Methods (RFC 9110 §9). What a method means is for the origin to say, but CONNECT and TRACE are never passed on.
  originDecides('COMP-METHOD-CASE', request('get / HTTP/1.1'), 400),
  originDecides('COMP-UNKNOWN-METHOD', request('FOOBAR / HTTP/1.1'), 400),
  turnedAway(
    'COMP-METHOD-CONNECT',
    request(`CONNECT ${HOST}:443 HTTP/1.1`).replace(`Host: ${HOST}`, `Host: ${HOST}:443`),
    405,
  ),
  turnedAway('COMP-METHOD-TRACE', request('TRACE / HTTP/1.1'), 405),
  turnedAway('COMP-TRACE-SENSITIVE', request('TRACE / HTTP/1.1', ['Authorization: Bearer secret']), 405),
  refused('COMP-TRACE-WITH-BODY', request('TRACE / HTTP/1.1', ['Content-Length: 5'], 'hello'), 405),
  turnedAway('COMP-405-ALLOW', request('TRACE / HTTP/1.1'), 405, /\r\nallow: [A-Z, ]+\r\n/i),

  // Bodies with a length (RFC 9112 §6)
  passed('COMP-POST-CL-BODY', post(['Content-Length: 5'], 'hello'), { body: 'hello' }),
  passed('COMP-POST-CL-ZERO', post(['Content-Length: 0']), { body: '' }),
  passed('COMP-POST-NO-CL-NO-TE', post([]), { body: '' }),
  passed('COMP-GET-WITH-CL-BODY', request('GET / HTTP/1.1', ['Content-Length: 5'], 'hello'), { body: 'hello' }),
  waits('COMP-POST-CL-UNDERSEND', post(['Content-Length: 10'], 'hello'), 408),
  refused('RFC9112-6.1-CL-NON-NUMERIC', post(['Content-Length: abc'])),
  refused('RFC9112-6.1-CL-PLUS-SIGN', post(['Content-Length: +5'], 'hello')),

  // Chunked bodies (RFC 9112 §7.1)
  passed('COMP-CHUNKED-BODY', chunked('5\r\nhello\r\n0\r\n\r\n'), { body: 'hello' }),
  passed('COMP-CHUNKED-MULTI', chunked('5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'), { body: 'hello world' }),
  passed('COMP-CHUNKED-EMPTY', chunked('0\r\n\r\n'), { body: '' }),
  passed('COMP-CHUNKED-EXTENSION', chunked('5;ext=value\r\nhello\r\n0\r\n\r\n'), { body: 'hello' }),
  passed('COMP-CHUNKED-TRAILER-VALID', chunked('5\r\nhello\r\n0\r\nX-Checksum: abc\r\n\r\n'), { body: 'hello' }),
  passed('COMP-CHUNKED-HEX-UPPERCASE', chunked('A\r\nhelloworld\r\n0\r\n\r\n'), { body: 'helloworld' }),
  waits('COMP-CHUNKED-NO-FINAL', chunked('5\r\nhello\r\n'), 408),
  refused('COMP-UNKNOWN-TE-501', post(['Transfer-Encoding: gzip'])),

  // Persistence (RFC 9112 §9.3) and expectations (RFC 9110 §10.1.1)
  passedAndClosed('COMP-CONNECTION-CLOSE', get('Connection: close')),
  passedAndClosed('COMP-HTTP10-DEFAULT-CLOSE', request('GET / HTTP/1.0')),
  passedAndClosed(
    'COMP-NO-1XX-HTTP10',
    request('POST / HTTP/1.0', ['Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    {
      body: 'hello',
    },
  ),
  refused('COMP-EXPECT-UNKNOWN', get('Expect: 200-ok'), 417),

  // Upgrade (RFC 9110 §7.8, RFC 6455 §4.1): what is no complete request for one is an ordinary request.
  passed('COMP-UPGRADE-POST', post(['Connection: Upgrade', ...WEBSOCKET]), { lacks: ['upgrade'] }),
  passed('COMP-UPGRADE-MISSING-CONN', get(...WEBSOCKET), { lacks: ['upgrade'] }),
  passed('COMP-UPGRADE-UNKNOWN', get('Connection: Upgrade', 'Upgrade: made-up/1.0'), { lacks: ['upgrade'] }),
  passedAndClosed('COMP-UPGRADE-HTTP10', request('GET / HTTP/1.0', ['Connection: Upgrade', ...WEBSOCKET]), {
    lacks: ['upgrade'],
  }),
  // Whether the version will do is for the origin: this one does not switch, and the request has its ordinary answer.
  passed('COMP-UPGRADE-INVALID-VER', get('Connection: Upgrade', ...WEBSOCKET).replace('Version: 13', 'Version: 99')),

  // What an edge neither decides nor touches
  passed('COMP-HEAD-NO-BODY', request('HEAD / HTTP/1.1')),
  passed('COMP-RANGE-POST', post(['Content-Length: 5', 'Range: bytes=0-10'], 'hello'), {
    body: 'hello',
    has: ['range: bytes=0-10'],
  }),
  passed('COMP-RANGE-INVALID', get('Range: bytes=abc-xyz'), { has: ['range: bytes=abc-xyz'] }),
  passed('COMP-ACCEPT-NONSENSE', get('Accept: application/x-nonsense'), { has: ['accept: application/x-nonsense'] }),
  passed('COMP-POST-UNSUPPORTED-CT', post(['Content-Length: 2', 'Content-Type: application/x-unknown'], '{}'), {
    body: '{}',
    has: ['content-type: application/x-unknown'],
  }),
  passed(
    'COMP-DUPLICATE-CT',
    post(['Content-Length: 5', 'Content-Type: text/plain', 'Content-Type: text/html'], 'hello'),
    {
      has: ['content-type: text/plain', 'content-type: text/html'],
    },
  ),
  passed('COMP-DATE-HEADER', get()),
  passed('COMP-DATE-FORMAT', get()),
  passed('COMP-CONTENT-TYPE', get()),
  passed('COMP-NO-CL-IN-204', request('OPTIONS / HTTP/1.1')),
  passed('COMP-OPTIONS-ALLOW', request('OPTIONS / HTTP/1.1')),
];
