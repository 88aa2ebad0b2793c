import type { TLSSocket } from 'node:tls';

/** One answer with a Content-Length, or none because the connection has ended. */
export interface Answered {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A connection that is kept for several requests. */
export class Asking {
  readonly socket: TLSSocket;
  readonly #host: string;
  #received = '';
  #ended = false;
  /** Called when something has happened. */
  #news = (): void => undefined;

  constructor(socket: TLSSocket, host: string) {
    this.socket = socket;
    this.#host = host;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#news();
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true;
        this.#news();
      });
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Asks once more; `null` where the connection ends without an answer. */
  async get(path = '/', lines: readonly string[] = []): Promise<Answered | null> {
    const more = lines.map((line) => `${line}\r\n`).join('');
    if (this.#ended) return null;
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n${more}\r\n`);
    for (;;) {
      const answer = this.#take();
      if (answer !== null) return answer;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#news = resolve;
      });
    }
  }

  #take(): Answered | null {
    const cut = this.#received.indexOf('\r\n\r\n');
    if (cut === -1) return null;
    const head = this.#received.slice(0, cut);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < cut + 4 + length) return null;
    const body = this.#received.slice(cut + 4, cut + 4 + length);
    this.#received = this.#received.slice(cut + 4 + length);
    return { status: Number(head.slice(9, 12)), head, body };
  }
}
