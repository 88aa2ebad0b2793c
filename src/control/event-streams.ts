import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../domain/problems.ts';
import { isProblem } from '../wire/commands.ts';
import type { Stream, StreamSink } from './api/outcome.ts';

/** A listener that reads too slowly is let go: it can come back with Last-Event-ID. */
const MAX_WAITING = 256 * 1024;

/** The streams that a server has open; closing them lets it close. */
export class EventStreams {
  readonly #open = new Set<() => void>();

  /** Begins a stream of server-sent events (WHATWG HTML §9.2), or answers why not. */
  begin(request: FastifyRequest, reply: FastifyReply, { open }: Stream): Problem | null {
    const { raw } = reply;
    const early: string[] = [];
    let state: 'early' | 'open' | 'ended' = 'early';
    let closed: () => void = () => undefined;
    const end = () => {
      if (state === 'ended') return;
      const begun = state === 'open';
      state = 'ended';
      this.#open.delete(end);
      closed();
      if (begun) raw.end();
    };
    const sink: StreamSink = {
      write: (text) => {
        if (state === 'early') early.push(text);
        if (state !== 'open') return;
        raw.write(text);
        if (raw.writableLength > MAX_WAITING) raw.destroy();
      },
      end,
    };
    const opened = open(sink);
    if (isProblem(opened)) return opened;
    closed = opened;
    // Ended before it began, or asked for with HEAD: there is a head and nothing more.
    const over = request.method === 'HEAD' || wasEnded(state);
    reply.hijack();
    reply.headers({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
    raw.writeHead(200);
    raw.on('close', end);
    state = 'open';
    this.#open.add(end);
    for (const text of early) raw.write(text);
    if (over) end();
    else raw.flushHeaders();
    return null;
  }

  /** Ends all streams. */
  close(): void {
    for (const end of this.#open) end();
  }
}

// The compiler does not see that `open` may have ended the stream already.
function wasEnded(state: string): boolean {
  return state === 'ended';
}
