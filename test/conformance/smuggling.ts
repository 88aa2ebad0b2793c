import { type Case, chunked, get, HOST, passed, post, refused, request } from './case.ts';

const CHUNKED = 'Transfer-Encoding: chunked';
const END = '0\r\n\r\n';
/** A request that must never be seen, whoever believes that the one before has ended. */
const HIDDEN = `GET /hidden HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
const HIDDEN_HEAD = HIDDEN.replace('GET', 'HEAD');
const LENGTH_OF_ALL = `Content-Length: ${END.length + HIDDEN.length}`;

/** Lengths that are none, or that two readers may read differently (RFC 9112 §6.3, RFC 9110 §8.6). */
const LENGTHS: readonly Case[] = [
  ...Object.entries({
    'SMUG-CL-LEADING-ZEROS': '005',
    'SMUG-CL-NEGATIVE': '-1',
    'SMUG-CL-COMMA-DIFFERENT': '5, 10',
    'SMUG-CL-OCTAL': '0o5',
    'SMUG-CL-HEX-PREFIX': '0x5',
    'SMUG-CL-INTERNAL-SPACE': '1 0',
    'SMUG-CL-COMMA-SAME': '5, 5',
    'SMUG-CL-COMMA-TRIPLE': '5, 5, 5',
    'SMUG-CL-UNDERSCORE': '1_0',
    'SMUG-CL-NEGATIVE-ZERO': '-0',
    'SMUG-CL-DOUBLE-ZERO': '00',
    'SMUG-CL-LEADING-ZEROS-OCTAL': '0200',
  }).map(([id, value]) => refused(id, post([`Content-Length: ${value}`], 'hello'))),
  refused('SMUG-DUPLICATE-CL', post(['Content-Length: 5', 'Content-Length: 10'], 'hello')),
  // White space around a value is no part of it (RFC 9110 §5.5).
  passed('SMUG-CL-TRAILING-SPACE', post(['Content-Length: 5 '], 'hello'), { body: 'hello' }),
  passed('SMUG-CL-EXTRA-LEADING-SP', post(['Content-Length:  5'], 'hello'), { body: 'hello' }),
];

/** Transfer codings that are none, come twice, or stand beside a length (RFC 9112 §6.1). */
const CODINGS: readonly Case[] = [
  ...Object.entries({
    'SMUG-CL-TE-BOTH': CHUNKED,
    'SMUG-CLTE-PIPELINE': CHUNKED,
    'SMUG-CLTE-CONN-CLOSE': CHUNKED,
    'SMUG-TE-XCHUNKED': 'Transfer-Encoding: xchunked',
    'SMUG-TE-TRAILING-SPACE': 'Transfer-Encoding: chunked ',
    'SMUG-TE-DOUBLE-CHUNKED': 'Transfer-Encoding: chunked, chunked',
    'SMUG-TE-CASE-MISMATCH': 'Transfer-Encoding: Chunked',
    'SMUG-TE-IDENTITY': 'Transfer-Encoding: identity',
    'SMUG-TE-SP-BEFORE-COLON': 'Transfer-Encoding : chunked',
    'SMUG-TE-EMPTY-VALUE': 'Transfer-Encoding:',
    'SMUG-TE-VTAB': 'Transfer-Encoding: \x0bchunked',
    'SMUG-TE-FORMFEED': 'Transfer-Encoding: \x0cchunked',
    'SMUG-TE-NULL': 'Transfer-Encoding: chunked\0',
  }).map(([id, line]) => refused(id, post(['Content-Length: 5', line], END))),
  refused('SMUG-TECL-PIPELINE', post([CHUNKED, 'Content-Length: 30'], END)),
  refused('SMUG-TECL-CONN-CLOSE', post([CHUNKED, 'Content-Length: 30'], END)),
  refused('SMUG-TE-DUPLICATE-HEADERS', post([CHUNKED, 'Transfer-Encoding: identity', 'Content-Length: 5'], END)),
  refused('SMUG-TE-NOT-FINAL-CHUNKED', post(['Transfer-Encoding: chunked, gzip'], END)),
  refused('SMUG-TE-HTTP10', request('POST / HTTP/1.0', [CHUNKED], END)),
  refused('SMUG-TE-LEADING-COMMA', post(['Transfer-Encoding: , chunked'], END)),
  refused('SMUG-TE-TRAILING-COMMA', post(['Transfer-Encoding: chunked,'], END)),
  refused('SMUG-TE-OBS-FOLD', post(['Transfer-Encoding:', ' chunked', 'Content-Length: 5'], END)),
  refused(
    'SMUG-OPTIONS-TE-OBS-FOLD',
    request('OPTIONS / HTTP/1.1', ['Transfer-Encoding:', ' chunked', 'Content-Length: 5'], END),
  ),
  refused('SMUG-CHUNKED-WITH-PARAMS', post(['Transfer-Encoding: chunked;ext=val'], END)),
  passed('SMUG-TE-TAB-BEFORE-VALUE', post(['Transfer-Encoding:\tchunked'], `5\r\nhello\r\n${END}`), { body: 'hello' }),
  // A field of another name frames nothing, and does not go on: an application might read it as the other.
  passed('SMUG-TRANSFER_ENCODING', post(['Transfer_Encoding: chunked', 'Content-Length: 5'], 'hello'), {
    body: 'hello',
    lacks: ['transfer_encoding', 'transfer-encoding'],
  }),
];

/** Chunks (RFC 9112 §7.1). */
const CHUNKS: readonly Case[] = Object.entries({
  'SMUG-CHUNK-BARE-SEMICOLON': '5;\r\nhello\r\n',
  'SMUG-CHUNK-EXT-INVALID-TOKEN': '5;a[b=c\r\nhello\r\n',
  'SMUG-CHUNK-UNDERSCORE': '1_0\r\nhello world\r\n',
  'SMUG-CHUNK-HEX-PREFIX': '0x5\r\nhello\r\n',
  'SMUG-CHUNK-SIZE-PLUS': '+5\r\nhello\r\n',
  'SMUG-CHUNK-SIZE-TRAILING-OWS': '5 \r\nhello\r\n',
  'SMUG-CHUNK-LEADING-SP': ' 5\r\nhello\r\n',
  'SMUG-CHUNK-MISSING-TRAILING-CRLF': '5\r\nhello',
  'SMUG-CHUNK-EXT-LF': '5;a\nb\r\nhello\r\n',
  'SMUG-CHUNK-SPILL': '5\r\nhello!!\r\n',
  'SMUG-CHUNK-LF-TERM': '5\r\nhello\n',
  'SMUG-CHUNK-EXT-CTRL': '5;a\0b\r\nhello\r\n',
  'SMUG-CHUNK-EXT-CR': '5;a\rb\r\nhello\r\n',
  'SMUG-CHUNK-LF-TRAILER': '5\r\nhello\r\n0\r\nX: y\n',
  'SMUG-CHUNK-NEGATIVE': '-1\r\nhello\r\n',
  'SMUG-CHUNK-BARE-CR-TERM': '5\rhello\r\n',
  'SMUG-CHUNK-INVALID-SIZE-DESYNC': '+0\r\n\r\nX',
}).map(([id, body]) => refused(id, chunked(`${body}${END}`)));

/** Trailers that would frame, route or authorise (RFC 9110 §6.5.1). */
const TRAILERS: readonly Case[] = Object.entries({
  'SMUG-TRAILER-CL': 'Content-Length: 50',
  'SMUG-TRAILER-TE': 'Transfer-Encoding: chunked',
  'SMUG-TRAILER-HOST': 'Host: other.test',
  'SMUG-TRAILER-AUTH': 'Authorization: Bearer x',
  'SMUG-TRAILER-CONTENT-TYPE': 'Content-Type: text/evil',
}).map(([id, line]) => refused(id, chunked(`5\r\nhello\r\n0\r\n${line}\r\n\r\n`)));

/** Requests hidden in what another reader takes for a body. */
const HIDING: readonly Case[] = [
  refused('SMUG-CLTE-DESYNC', post(['Content-Length: 6', CHUNKED], `${END}X`)),
  refused('SMUG-TECL-DESYNC', post([CHUNKED, 'Content-Length: 30'], `${END}X`)),
  refused('SMUG-CLTE-SMUGGLED-GET', post([LENGTH_OF_ALL, CHUNKED], END + HIDDEN)),
  refused('SMUG-CLTE-SMUGGLED-HEAD', post([LENGTH_OF_ALL, CHUNKED], END + HIDDEN_HEAD)),
  refused('SMUG-CLTE-SMUGGLED-GET-CL-PLUS', post([LENGTH_OF_ALL.replace(': ', ': +'), CHUNKED], END + HIDDEN)),
  refused('SMUG-CLTE-SMUGGLED-GET-CL-NON-NUMERIC', post([`${LENGTH_OF_ALL}x`, CHUNKED], END + HIDDEN)),
  refused('SMUG-CLTE-SMUGGLED-GET-TE-OBS-FOLD', post([LENGTH_OF_ALL, 'Transfer-Encoding:', ' chunked'], END + HIDDEN)),
  refused('SMUG-CLTE-SMUGGLED-GET-TE-TRAILING-SPACE', post([LENGTH_OF_ALL, `${CHUNKED} `], END + HIDDEN)),
  refused(
    'SMUG-CLTE-SMUGGLED-GET-TE-LEADING-COMMA',
    post([LENGTH_OF_ALL, 'Transfer-Encoding: , chunked'], END + HIDDEN),
  ),
  refused('SMUG-CLTE-SMUGGLED-GET-TE-CASE-MISMATCH', post([LENGTH_OF_ALL, 'Transfer-Encoding: cHuNkEd'], END + HIDDEN)),
  refused(
    'SMUG-TE-DUPLICATE-HEADERS-SMUGGLED-GET',
    post([LENGTH_OF_ALL, CHUNKED, 'Transfer-Encoding: identity'], END + HIDDEN),
  ),
  refused(
    'SMUG-TECL-SMUGGLED-GET',
    post([CHUNKED, 'Content-Length: 4'], `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n${END}`),
  ),
  refused('SMUG-DUPLICATE-CL-SMUGGLED-GET', post(['Content-Length: 0', `Content-Length: ${HIDDEN.length}`], HIDDEN)),
  // Here there is one reading only: a body is a body, whatever it holds and whatever the method.
  passed('SMUG-GET-CL-PREFIX-DESYNC', request('GET / HTTP/1.1', ['Content-Length: 20'], 'GET /hidden HTTP/1.1'), {
    body: 'GET /hidden HTTP/1.1',
  }),
  passed('SMUG-GET-CL-BODY-DESYNC', request('GET / HTTP/1.1', ['Content-Length: 5'], 'hello'), { body: 'hello' }),
  passed('SMUG-OPTIONS-CL-BODY', request('OPTIONS / HTTP/1.1', ['Content-Length: 5'], 'hello'), { body: 'hello' }),
  passed('SMUG-OPTIONS-CL-BODY-DESYNC', request('OPTIONS / HTTP/1.1', ['Content-Length: 5'], 'hello'), {
    body: 'hello',
  }),
  passed('SMUG-HEAD-CL-BODY', request('HEAD / HTTP/1.1', ['Content-Length: 5'], 'hello'), { body: 'hello' }),
  passed('SMUG-EXPECT-100-CL', post(['Expect: 100-continue', 'Content-Length: 5'], 'hello'), { body: 'hello' }, [100]),
  passed(
    'SMUG-EXPECT-100-CL-DESYNC',
    post(['Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    { body: 'hello' },
    [100],
  ),
  // The byte after an empty body begins the next request, whose method then is one that the origin does not know.
  {
    id: 'SMUG-CL0-BODY-POISON',
    bytes: `${post(['Content-Length: 0'])}X`,
    expected: { kind: 'passed_then', request: { method: 'POST', url: '/', body: '' }, next: 400 },
  },
  {
    id: 'SMUG-PIPELINE-SAFE',
    bytes: request('GET /a HTTP/1.1') + request('GET /b HTTP/1.1'),
    expected: {
      kind: 'passed',
      requests: [
        { method: 'GET', url: '/a' },
        { method: 'GET', url: '/b' },
      ],
    },
  },
];

/** Whom a request is for, and lines that end in the middle. */
const OTHERS: readonly Case[] = [
  refused('SMUG-BARE-CR-HEADER-VALUE', get('X-Test: a\rb')),
  refused('SMUG-ABSOLUTE-URI-HOST-MISMATCH', request('GET https://other.test/ HTTP/1.1')),
  refused('SMUG-MULTIPLE-HOST-COMMA', `GET / HTTP/1.1\r\nHost: ${HOST}, other.test\r\n\r\n`),
];

export const SMUGGLING: readonly Case[] = [...LENGTHS, ...CODINGS, ...CHUNKS, ...TRAILERS, ...HIDING, ...OTHERS];
