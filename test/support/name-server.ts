import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

/** Records of a made-up name server, by name and type. */
export type Records = Readonly<
  Record<string, Partial<Readonly<Record<'A' | 'AAAA' | 'MX' | 'TXT', readonly string[]>>>>
>;

/** A name server on loopback (RFC 1035) that knows these records and nothing else. */
export interface TestNameServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly place: string;
  /** What was asked, as `TYPE name`. */
  readonly asked: readonly string[];
}

const TYPES: Readonly<Record<number, 'A' | 'AAAA' | 'MX' | 'TXT'>> = { 1: 'A', 15: 'MX', 16: 'TXT', 28: 'AAAA' };
const HEADER = 12;
const NAME_ERROR = 3;
const SERVER_FAILURE = 2;

/** Starts one. Names in `failing` are answered with a failure of the server. */
export async function startNameServer(records: Records, failing: readonly string[] = []): Promise<TestNameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = questionIn(query);
    asked.push(`${TYPES[type] ?? type} ${name}`);
    // RFC 4592: a wildcard stands for names that are not there.
    const own = records[name] ?? records[name.replace(/^[^.]+/, '*')];
    const found = own?.[TYPES[type] ?? 'A'] ?? [];
    const code = failing.includes(name) ? SERVER_FAILURE : own === undefined ? NAME_ERROR : 0;
    const head = Buffer.from(query.subarray(0, HEADER));
    // An answer, recursion available.
    head.writeUInt16BE(0x8180 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(found.length, 6);
    head.writeUInt32BE(0, 8);
    const answers = found.map((text) => recordOf(type, text));
    socket.send(Buffer.concat([head, query.subarray(HEADER, end), ...answers]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    place: `127.0.0.1:${socket.address().port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function questionIn(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function recordOf(type: number, text: string): Buffer {
  const data = dataOf(type, text);
  const head = Buffer.alloc(12);
  // The name of the question, by a pointer to it (§4.1.4).
  head.writeUInt16BE(0xc000 | HEADER, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(type: number, text: string): Buffer {
  if (TYPES[type] === 'MX') return Buffer.concat([Buffer.from([0, 10]), nameOf(text)]);
  if (TYPES[type] !== 'TXT') return addressOf(text);
  const strings = text.match(/.{1,255}/gs) ?? [''];
  return Buffer.concat(strings.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part, 'latin1')])));
}

function nameOf(text: string): Buffer {
  const labels = text.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

function addressOf(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  const [head = '', tail = ''] = text.split('::');
  const words = (part: string) => part.split(':').filter((word) => word !== '');
  const missing = 8 - words(head).length - words(tail).length;
  const all = [...words(head), ...Array.from({ length: missing }, () => '0'), ...words(tail)];
  return Buffer.concat(all.map((word) => Buffer.from(word.padStart(4, '0'), 'hex')));
}
