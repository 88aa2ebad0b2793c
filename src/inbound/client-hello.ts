const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const SUPPORTED_VERSIONS = 43;
const TLS13 = 0x0304;
/** Far more than any visitor sends, post-quantum key shares included. */
const MAX_BYTES = 16_384;
const MAX_RECORDS = 16;

/** What a visitor says at the very beginning of its handshake. */
export interface ClientHello {
  /** Whether it offers TLS 1.3 (RFC 8446 §4.2.1). */
  readonly tls13: boolean;
  /** The name that it asks for, as it was written (RFC 6066 §3); `null` where there is none. */
  readonly serverName: string | null;
}

const NOTHING: ClientHello = { tls13: false, serverName: null };

/**
 * What a visitor's first bytes say; `more` while that is not clear. What is no ClientHello, or none that a visitor would
 * send, says nothing. The answer opens no door: it only chooses the TLS server that reads these same bytes.
 */
export function clientHello(bytes: Buffer): ClientHello | 'more' {
  const hello = handshakeOf(bytes);
  if (hello === 'more') return 'more';
  return hello === null ? NOTHING : said(hello);
}

/** The body of the ClientHello, put together from its records; `null` where it is none. */
function handshakeOf(bytes: Buffer): Buffer | 'more' | null {
  const fragments: Buffer[] = [];
  for (let at = 0; fragments.length < MAX_RECORDS && at < MAX_BYTES; ) {
    if (bytes.length > at && bytes[at] !== HANDSHAKE) return null;
    if (bytes.length < at + 5) return 'more';
    const next = at + 5 + bytes.readUInt16BE(at + 3);
    fragments.push(bytes.subarray(at + 5, next));
    const body = bodyOf(Buffer.concat(fragments));
    if (body !== 'more') return body;
    if (bytes.length < next) return 'more';
    at = next;
  }
  return null;
}

function bodyOf(message: Buffer): Buffer | 'more' | null {
  if (message.length > 0 && message[0] !== CLIENT_HELLO) return null;
  if (message.length < 4) return 'more';
  const end = 4 + message.readUIntBE(1, 3);
  if (end > MAX_BYTES) return null;
  return message.length < end ? 'more' : message.subarray(4, end);
}

function said(hello: Buffer): ClientHello {
  let versions: Buffer | null = null;
  let names: Buffer | null = null;
  for (const [kind, content] of extensions(hello)) {
    if (kind === SUPPORTED_VERSIONS) versions ??= content;
    if (kind === SERVER_NAME) names ??= content;
  }
  return {
    tls13: versions !== null && wordsAfterLength(versions).includes(TLS13),
    serverName: names === null ? null : firstHostName(names),
  };
}

function* extensions(hello: Buffer): Generator<readonly [kind: number, content: Buffer]> {
  // Version and random, then session id, cipher suites and compression methods, each behind its length.
  let at = 2 + 32;
  at += 1 + byte(hello, at);
  at += 2 + word(hello, at);
  at += 1 + byte(hello, at);
  at += 2;
  while (at + 4 <= hello.length) {
    const [kind, size] = [word(hello, at), word(hello, at + 2)];
    yield [kind, hello.subarray(at + 4, at + 4 + size)];
    at += 4 + size;
  }
}

// A list with its length, and in it a kind before each name. OpenSSL looks at the first one, too.
function firstHostName(list: Buffer): string | null {
  if (list.length < 5 || byte(list, 2) !== HOST_NAME) return null;
  return list.toString('latin1', 5, 5 + word(list, 3));
}

function wordsAfterLength(content: Buffer): readonly number[] {
  const count = Math.floor((content.length - 1) / 2);
  return Array.from({ length: Math.max(0, count) }, (_, index) => word(content, 1 + 2 * index));
}

// Beyond the end there is nothing: who lies about a length offers nothing.
function byte(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0;
}

function word(bytes: Buffer, at: number): number {
  return byte(bytes, at) * 256 + byte(bytes, at + 1);
}
