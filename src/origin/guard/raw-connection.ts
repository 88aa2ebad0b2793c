import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Admission } from '../../domain/admit.ts';
import { type End, proxyHeaderV2 } from '../../inbound/proxy-header-writer.ts';
import { splice } from '../../http1/splice.ts';
import { connectTo } from './applications.ts';
import type { Caller } from './caller.ts';
import { commonNameOf } from './common-name.ts';
import type { Carried, GuardedConnection, GuardWorld } from './guard-world.ts';
import { watchedLine } from './watched-line.ts';

/** A connection that is passed on byte for byte, behind a header that says who came. */
export class RawConnection implements GuardedConnection {
  readonly #socket: TLSSocket;
  readonly #application: Socket;
  readonly #deadline: number;
  #joined = false;

  constructor({ socket, carrier }: Carried<TLSSocket>, caller: Caller, world: GuardWorld) {
    const { application } = caller.site.site;
    this.#socket = socket;
    this.#deadline = world.clock() + world.limits.handshakeTimeout;
    this.#application = connectTo(application.place);
    const failed = (error: NodeJS.ErrnoException): void => {
      if (!this.#joined) {
        world.meters.applicationFailed('connection_refused');
        world.refusals.other('guard_application_failed', 'connection_refused', {
          id: null,
          host: caller.name,
          code: 'connection_refused',
          detail: `${error.code ?? ''} ${error.message}`.trim(),
        });
      }
      this.destroy();
    };
    this.#application.once('error', failed);
    socket.on('error', () => this.destroy());
    // Whoever leaves before that leaves nothing behind.
    socket.once('close', () => this.#application.destroy());
    this.#application.once('connect', () => {
      this.#joined = true;
      const admission = caller.admission();
      this.#application.write(headerFor(carrier, caller, admission));
      tellOf(caller, admission, world);
      const tunnel = {
        socket: this.#application,
        bringTo: (taker: (bytes: Buffer) => void) => void this.#application.on('data', taker),
      };
      splice(socket, tunnel, world.limits.tunnelTimeout);
    });
  }

  tick(now: number): void {
    if (!this.#joined && now >= this.#deadline) this.destroy();
  }

  // Nobody knows where such a connection may be cut: it has until the deadline of whoever drains.
  drain(): void {
    if (!this.#joined) this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#application.destroy();
  }
}

// What is asked for inside is not looked at: each connection counts as one request.
function tellOf(caller: Caller, admission: Admission, { came, now }: GuardWorld): void {
  if (came === null || admission.kind === 'deny') return;
  const line = watchedLine(caller, admission, { host: caller.name, request: '', agent: '' }, now());
  if (line !== null) came(caller.site.site, line);
}

function headerFor(carrier: Socket, caller: Caller, admission: Admission): Buffer {
  const { leaf, name, tlsVersion } = caller;
  const commonName = commonNameOf(leaf?.subject ?? '');
  return proxyHeaderV2({
    source: end(caller.address, carrier.remotePort),
    target: end(carrier.localAddress, carrier.localPort),
    serverName: name,
    tlsVersion,
    certificate: leaf === null ? null : { verified: admission.kind === 'admit', commonName },
  });
}

function end(address = '::', port = 0): End {
  return { address: address.replace(/^::ffff:(?=\d+\.)/, ''), port };
}
