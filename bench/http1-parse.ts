/**
 * Prints what the HTTP/1.1 wire layer costs, in µs. No assertions: machines differ.
 * Run: node bench/http1-parse.ts
 */
import { ChunkedDecoder } from '../src/http1/chunked.ts';
import type { Fields } from '../src/http1/fields.ts';
import { parseRequestHead, parseResponseHead } from '../src/http1/head.ts';
import { HeadScanner } from '../src/http1/head-scanner.ts';
import { hopByHop } from '../src/http1/hop-by-hop.ts';
import { chunkHead, fieldLines, headBytes, LAST_CHUNK, requestLine } from '../src/http1/write.ts';

const BARE = Buffer.from('GET / HTTP/1.1\r\nHost: www.example.test\r\n\r\n');

const BROWSER = Buffer.from(
  [
    'GET /articles/2024/05/how-to-lock-an-origin?ref=home&lang=en HTTP/1.1',
    'Host: www.example.test',
    'Connection: keep-alive',
    'Cache-Control: max-age=0',
    'sec-ch-ua: "Chromium";v="126", "Not)A;Brand";v="24"',
    'sec-ch-ua-mobile: ?0',
    'sec-ch-ua-platform: "Linux"',
    'Upgrade-Insecure-Requests: 1',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    'Sec-Fetch-Site: same-origin',
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Dest: document',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
    'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=1',
    '',
    '',
  ].join('\r\n'),
);

const RESPONSE = Buffer.from(
  [
    'HTTP/1.1 200 OK',
    'Server: nginx/1.26.0',
    'Date: Mon, 01 Jan 2024 00:00:00 GMT',
    'Content-Type: text/html; charset=utf-8',
    'Content-Length: 1234',
    'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT',
    'Connection: keep-alive',
    'ETag: "65920080-4d2"',
    'Accept-Ranges: bytes',
    '',
    '',
  ].join('\r\n'),
);

const CHUNKS = 64;
const CHUNK = Buffer.concat([Buffer.from(chunkHead(16_384)), Buffer.alloc(16_384, 'x'), Buffer.from('\r\n')]);
const CHUNKED = Buffer.concat([...Array.from({ length: CHUNKS }, () => CHUNK), Buffer.from(LAST_CHUNK)]);

/** The best of five rounds, in µs for each call. */
function perCall(work: () => unknown, calls = 100_000): number {
  const rounds = Array.from({ length: 5 }, () => {
    const began = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) work();
    return Number(process.hrtime.bigint() - began) / calls / 1000;
  });
  return Math.min(...rounds);
}

function print(what: string, amount: string): void {
  process.stdout.write(`${what.padEnd(44)} ${amount}\n`);
}

function fieldsOf(bytes: Buffer): Fields {
  const head = parseRequestHead(bytes, { start: 0, end: bytes.length });
  if (head.kind === 'refusal') throw new Error(head.code);
  return head.fields;
}

for (const [name, bytes] of [
  ['bare request', BARE],
  ['browser request, 15 fields', BROWSER],
] as const) {
  const span = { start: 0, end: bytes.length };
  const scanner = new HeadScanner('request');
  const fields = fieldsOf(bytes);
  print(`parse ${name}`, `${perCall(() => parseRequestHead(bytes, span)).toFixed(2)} µs`);
  const scanned = perCall(() => {
    scanner.next();
    scanner.feed(bytes);
    return parseRequestHead(scanner.bytes, scanner);
  });
  print(`scan and parse ${name}`, `${scanned.toFixed(2)} µs`);
  const written = perCall(() => headBytes(requestLine('GET', '/a') + fieldLines(fields, hopByHop(fields))));
  print(`write ${name}`, `${written.toFixed(2)} µs`);
}

const responseSpan = { start: 0, end: RESPONSE.length };
const parsed = perCall(() => parseResponseHead(RESPONSE, responseSpan, { requestMethod: 'GET' }));
print('parse response, 8 fields', `${parsed.toFixed(2)} µs`);

const decoded = perCall(() => new ChunkedDecoder().feed(CHUNKED, 0, () => {}), 2_000);
print('decode a chunk of 16 KiB', `${(decoded / CHUNKS).toFixed(2)} µs`);
