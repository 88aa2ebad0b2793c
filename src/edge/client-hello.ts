const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SUPPORTED_VERSIONS = 43;
const TLS13 = 0x0304;
/** Far more than any visitor sends, post-quantum key shares included. */
const MAX_BYTES = 16_384;
const MAX_RECORDS = 16;

/**
 * Whether a visitor's first bytes offer TLS 1.3 (RFC 8446 §4.2.1); `more` while that cannot be said. What is no
 * ClientHello, or none that a visitor would send, offers nothing. The answer opens no door: it only says which TLS server
 * reads these same bytes.
 */
export function offersTls13(bytes: Buffer): boolean | 'more' {
  const hello = handshakeOf(bytes);
  return hello === 'more' ? 'more' : hello !== null && versions(hello).includes(TLS13);
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

/** What the extension supported_versions lists. */
function versions(hello: Buffer): readonly number[] {
  // Version and random, then session id, cipher suites and compression methods, each behind its length.
  let at = 2 + 32;
  at += 1 + byte(hello, at);
  at += 2 + word(hello, at);
  at += 1 + byte(hello, at);
  at += 2;
  while (at + 4 <= hello.length) {
    const [kind, size] = [word(hello, at), word(hello, at + 2)];
    const content = hello.subarray(at + 4, at + 4 + size);
    if (kind === SUPPORTED_VERSIONS) return wordsAfterLength(content);
    at += 4 + size;
  }
  return [];
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
