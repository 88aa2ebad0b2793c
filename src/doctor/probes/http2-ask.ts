import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Knock } from '../knock-request.ts';
import { MAX_BODY, type ReadAnswer } from './answer-reader.ts';

interface Told {
  /** The head is there, and the body is awaited: what has come of it is told where the function given is called. */
  readonly began: (endHere: () => void) => void;
  readonly answered: (answer: ReadAnswer) => void;
  readonly failed: (error: NodeJS.ErrnoException) => void;
}

/** Asks over a connection that speaks HTTP/2. Tells once, and answers the function that gives up. */
export function askOverHttp2(socket: TLSSocket, request: Knock, told: Told): () => void {
  const session = connect('https://origin.invalid', {
    createConnection: () => socket,
    settings: { enablePush: false },
    maxSessionMemory: 1,
    maxHeaderListPairs: 200,
  });
  session.on('error', told.failed);
  session.on('close', () => told.failed(new Error('the connection was closed')));
  const stream = session.request(fields(request), { endStream: true });
  let answer: Omit<ReadAnswer, 'body' | 'complete'> | null = null;
  const body: Buffer[] = [];
  let size = 0;
  const finish = (complete: boolean): void => {
    if (answer === null) return told.failed(new Error('the stream ended before an answer'));
    told.answered({
      ...answer,
      body: Buffer.concat(body).subarray(0, MAX_BODY),
      complete: complete && size <= MAX_BODY,
    });
  };
  stream.on('response', (given) => {
    answer = { status: given[':status'] ?? 0, fields: asMap(given) };
    told.began(() => finish(false));
  });
  stream.on('data', (chunk: Buffer) => {
    body.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY) finish(false);
  });
  stream.on('end', () => finish(true));
  stream.on('error', (error: NodeJS.ErrnoException) => (answer === null ? told.failed(error) : finish(false)));
  return () => destroy(session);
}

function destroy(session: ClientHttp2Session): void {
  session.destroy();
}

function fields({ path, host, serverName, headers }: Knock): OutgoingHttpHeaders {
  const more = headers.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return {
    ':method': 'GET',
    ':scheme': 'https',
    ':authority': host ?? serverName ?? '',
    ':path': path,
    ...Object.fromEntries(more),
  };
}

function asMap(given: IncomingHttpHeaders): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined || name.startsWith(':')
        ? []
        : [[name, Array.isArray(value) ? (value[0] ?? '') : String(value)]],
    ),
  );
}
