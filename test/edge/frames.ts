import { connect } from 'node:tls';

/** The frame types of RFC 9113 §6. */
export const FRAME = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
} as const;

export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** One frame as bytes (RFC 9113 §4.1), whatever a peer may make of it. */
export function frame(type: number, flags: number, stream: number, payload: Buffer | string = ''): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** A number of 32 bits, as RST_STREAM and WINDOW_UPDATE carry one. */
export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A header list as literals that touch no table (RFC 7541 §6.2.2), with names and values as they are. */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  const text = (value: string) => [prefixed(value.length), Buffer.from(value, 'latin1')];
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), ...text(name), ...text(value)]));
}

// RFC 7541 §5.1, with a prefix of seven bits.
function prefixed(length: number): Buffer {
  if (length < 127) return Buffer.of(length);
  const bytes = [127];
  let rest = length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** The pseudo-fields of a GET. */
export function get(path = '/', authority = 'www.a.test'): [string, string][] {
  return [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':authority', authority],
    [':path', path],
  ];
}

/** A frame as it came in. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A connection that speaks HTTP/2 one frame at a time and keeps to no rule of its own. */
export interface FrameSocket {
  readonly received: readonly Frame[];
  readonly send: (...frames: readonly Buffer[]) => void;
  /** False when the bytes did not fit into the system's buffers any more. */
  readonly write: (bytes: Buffer) => boolean;
  readonly drained: () => Promise<void>;
  /** Waits for a frame, received already or yet to come; `null` where the connection ends without it. */
  readonly until: (wanted: (frame: Frame) => boolean) => Promise<Frame | null>;
  readonly closed: Promise<void>;
  readonly open: () => boolean;
  /** Stops reading for good. */
  readonly stopReading: () => void;
  /** Closes the writing side, as a client does that has said all. */
  readonly end: () => void;
  readonly destroy: () => void;
}

/** The preface, and the settings that go with it (RFC 9113 §3.4). */
export function greeting(settings: Buffer | string = ''): Buffer {
  return Buffer.concat([PREFACE, frame(FRAME.SETTINGS, 0, 0, settings)]);
}

/** Dials, offers `h2`, and says what it is told to say first. */
export async function dialFrames(port: number, serverName: string, opening: Buffer = greeting()): Promise<FrameSocket> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: serverName,
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
  });
  const received: Frame[] = [];
  const watchers = new Set<() => void>();
  const wake = () => {
    for (const watcher of watchers) watcher();
  };
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let length = rest.length < 9 ? 0 : rest.readUIntBE(0, 3); rest.length >= 9 + length; ) {
      received.push({
        type: rest.readUInt8(3),
        flags: rest.readUInt8(4),
        stream: rest.readUInt32BE(5),
        payload: rest.subarray(9, 9 + length),
      });
      rest = rest.subarray(9 + length);
      if (rest.length < 9) break;
      length = rest.readUIntBE(0, 3);
    }
    wake();
  });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  void closed.then(wake);
  socket.write(opening);
  return {
    received,
    send: (...frames) => void socket.write(Buffer.concat(frames)),
    write: (bytes) => socket.write(bytes),
    drained: () => Promise.race([closed, new Promise<void>((resolve) => socket.once('drain', () => resolve()))]),
    until: (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          const found = received.find(wanted);
          if (found === undefined && !socket.destroyed) return;
          watchers.delete(look);
          resolve(found ?? null);
        };
        watchers.add(look);
        look();
      }),
    closed,
    open: () => !socket.destroyed,
    stopReading: () => void socket.pause(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}
