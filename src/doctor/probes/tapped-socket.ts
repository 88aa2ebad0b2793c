import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * A connection with an ear on it: all that comes in is also told, before anybody else sees it. TLS over it works as over
 * the socket itself, only slower.
 */
export class TappedSocket extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket, heard: (bytes: Buffer) => void) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      heard(bytes);
      if (!this.push(bytes)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
