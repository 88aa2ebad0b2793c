import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Hostname, hostname } from '../../domain/ids.ts';
import { requestIds } from '../../http1/request-ids.ts';
import { type ClientHello, clientHello } from '../../inbound/client-hello.ts';
import { departures } from '../../inbound/departures.ts';
import { firstBytes } from '../../inbound/first-bytes.ts';
import { Caller } from './caller.ts';
import { GuardConnection } from './guard-connection.ts';
import type { Carried, GuardedConnection, GuardWorld } from './guard-world.ts';
import type { RefusalReason } from './refusal-reason.ts';
import { HandshakeQueue } from './handshake-queue.ts';
import type { LockedSite } from './locked-site.ts';
import { RawConnection } from './raw-connection.ts';
import { Strangers } from './strangers.ts';

/** What listens for callers. */
export interface GuardListener {
  readonly server: Server;
  readonly connections: () => number;
  readonly handshakes: () => number;
  /** Called about once a second: ends what takes too long, and whoever is let in no longer. */
  readonly tick: () => void;
  /** Stops listening, lets what is under way finish, and cuts what is left at the deadline. */
  readonly drain: (deadline: number) => Promise<void>;
}

/** Who knocks, before the handshake. */
interface Knocking {
  readonly carrier: Socket;
  readonly address: string;
  readonly name: Hostname;
  readonly site: LockedSite;
}

interface Entry {
  readonly connection: GuardedConnection;
  readonly caller: Caller;
  /** Since when it is let in no longer. */
  endsAt: number | null;
}

/** A handshake, or the wait for it. */
interface Shaking {
  readonly deadline: number;
  late: boolean;
  /** It was said already why it comes to nothing. */
  told: boolean;
}

const CUT_WITHIN = 1_000;

/** A listener, not yet bound: call `server.listen`. */
export function guardListener(world: GuardWorld): GuardListener {
  return new Listener(world);
}

class Listener implements GuardListener {
  readonly server: Server;
  readonly #world: GuardWorld;
  readonly #open = new Set<Entry>();
  /** Connections that are not let in yet, and until when their handshakes may last. */
  readonly #shaking = new Map<Socket, Shaking>();
  readonly #strangers: Strangers<Socket>;
  readonly #queue = new HandshakeQueue();
  readonly #nextId = requestIds();
  readonly #departures: ReturnType<typeof departures>;
  #draining = false;

  constructor(world: GuardWorld) {
    this.#world = world;
    const { connections, handshakes } = world.limits;
    this.#strangers = new Strangers(handshakes);
    this.#departures = departures(() => this.#open.size === 0 && this.#shaking.size === 0);
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#arrived(socket));
    // Both kinds are bounded each for itself; who has to make room is still counted here for a moment.
    this.server.maxConnections = connections + 2 * handshakes;
    this.server.on('drop', (dropped) => {
      this.#refuse('too_many', { address: dropped?.remoteAddress ?? '', name: null });
    });
  }

  connections(): number {
    return this.#open.size;
  }

  handshakes(): number {
    return this.#shaking.size;
  }

  tick(): void {
    const now = this.#world.clock();
    for (const [carrier, shaking] of this.#shaking) {
      if (now < shaking.deadline) continue;
      shaking.late = true;
      carrier.destroy();
    }
    for (const entry of this.#open) {
      this.#review(entry, now);
      entry.connection.tick(now);
    }
  }

  async drain(deadline: number): Promise<void> {
    this.#draining = true;
    this.server.close();
    // Who has not said anything yet loses nothing by trying again.
    for (const socket of this.#shaking.keys()) socket.destroy();
    for (const { connection } of this.#open) connection.drain();
    await this.#departures.quiet(deadline);
    for (const { connection } of this.#open) connection.destroy();
    await this.#departures.quiet(CUT_WITHIN);
  }

  // Whoever is let in no longer may finish what is under way, for a while.
  #review(entry: Entry, now: number): void {
    const { caller, connection } = entry;
    const admission = caller.admission();
    if (admission.kind !== 'deny') return;
    if (entry.endsAt === null) {
      entry.endsAt = now + this.#world.limits.retireTimeout;
      const { address, name, leaf } = caller;
      const certificate = leaf?.fingerprint ?? null;
      this.#world.log('guard_retired', { because: admission.because, address, name, certificate });
      connection.drain();
    } else if (now >= entry.endsAt) connection.destroy();
  }

  #arrived(carrier: Socket): void {
    const address = addressOf(carrier);
    const { limits } = this.#world;
    // Until it has said hello, somebody else looks at the time.
    const shaking: Shaking = { deadline: Number.POSITIVE_INFINITY, late: false, told: false };
    this.#shaking.set(carrier, shaking);
    carrier.on('error', () => carrier.destroy());
    carrier.on('close', () => {
      this.#shaking.delete(carrier);
      this.#strangers.leave(carrier, address);
      this.#departures.left();
    });
    this.#crowdOut(this.#strangers.enter(carrier, address, this.#world.clock()));
    if (carrier.destroyed) return;
    firstBytes(carrier, {
      within: limits.handshakeTimeout,
      judge: (seen) => {
        const hello = clientHello(seen);
        return hello === 'more' ? 'more' : { verdict: hello, used: 0 };
      },
      decided: (hello) => this.#greeted(carrier, address, hello),
      failed: (code) => {
        if (!shaking.told) this.#refuse(code === 'ECONNRESET' ? 'left' : 'timeout', { address, name: null });
      },
    });
  }

  #crowdOut(carrier: Socket | null): void {
    if (carrier === null) return;
    const address = addressOf(carrier);
    this.#refuse('too_many', { address, name: null });
    this.#strangers.leave(carrier, address);
    const shaking = this.#shaking.get(carrier);
    if (shaking !== undefined) shaking.told = true;
    carrier.destroy();
  }

  // Who does not name a site of ours gets to see no certificate.
  #greeted(carrier: Socket, address: string, { serverName }: ClientHello): void {
    const name = hostname(serverName ?? '');
    const site = name === null ? null : this.#world.siteFor(name);
    if (name === null || site === null) {
      this.#refuse(serverName === null ? 'no_name' : 'unknown_name', { address, name });
      return void carrier.destroy();
    }
    this.#queue.enter(address, {
      begin: () => this.#guarded(carrier, () => this.#shakeHands({ carrier, address, name, site })),
      isGone: () => carrier.destroyed,
    });
  }

  #shakeHands({ carrier, address, name, site }: Knocking): void {
    const { now, clock, limits } = this.#world;
    const shaking: Shaking = { deadline: clock() + limits.handshakeTimeout, late: false, told: false };
    this.#shaking.set(carrier, shaking);
    const socket = new TLSSocket(carrier, {
      isServer: true,
      secureContext: site.context,
      requestCert: true,
      // Who shows nothing is told so by an alert (RFC 8446 §6.2). Everything else is judged by us.
      rejectUnauthorized: !site.isWatched(name, now()),
      ...(site.site.application.protocol === 'http' ? { ALPNProtocols: ['http/1.1'] } : {}),
    });
    const failed = (error: NodeJS.ErrnoException): void => {
      this.#refuse(reasonOf(error), { address, name, detail: error.message });
      socket.destroy();
    };
    const closed = (): void => {
      if (!shaking.told) this.#refuse(shaking.late ? 'timeout' : 'left', { address, name });
    };
    // Nobody closes one side alone in a handshake.
    const left = (): void => void socket.destroy();
    socket.once('error', failed).once('close', closed).once('end', left);
    // Failed is who has closed, too.
    socket.once('error', () => socket.off('close', closed));
    socket.once('secure', () => {
      socket.off('error', failed).off('close', closed).off('end', left);
      this.#shaking.delete(carrier);
      this.#strangers.leave(carrier, address);
      this.#guarded(carrier, () => this.#secured({ socket, carrier }, { site, name, address }));
    });
  }

  #secured(carried: Carried<TLSSocket>, about: Omit<Knocking, 'carrier'>): void {
    const { socket } = carried;
    const { meters, refusals, now, limits } = this.#world;
    const { name, address } = about;
    socket.on('error', () => socket.destroy());
    const unfit = misshaken(socket, name);
    if (unfit !== null) {
      this.#refuse(unfit, { address, name });
      return void socket.destroy();
    }
    const caller = new Caller(socket, about, now);
    const admission = caller.admission();
    const { leaf } = caller;
    if (admission.kind === 'deny') {
      this.#refuse(admission.because, { address, name, leaf });
      return void socket.destroy();
    }
    if (this.#open.size >= limits.connections) {
      this.#refuse('too_many', { address, name, leaf });
      return void socket.destroy();
    }
    meters.caller(admission.kind === 'watch' ? 'watched' : 'admitted');
    if (admission.kind === 'watch') refusals.watched({ because: admission.because, address, name, leaf });
    this.#enter(carried, caller);
  }

  #enter(carried: Carried<TLSSocket>, caller: Caller): void {
    const raw = caller.site.site.application.protocol === 'tcp';
    const connection = raw
      ? new RawConnection(carried, caller, this.#world)
      : new GuardConnection(carried, caller, { ...this.#world, nextId: this.#nextId });
    const entry: Entry = { connection, caller, endsAt: null };
    this.#open.add(entry);
    carried.socket.on('close', () => {
      this.#open.delete(entry);
      this.#departures.left();
    });
    if (this.#draining) connection.drain();
  }

  // A fault of ours, met through this caller, must cost this connection only.
  #guarded(carrier: Socket, step: () => void): void {
    try {
      step();
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      this.#world.log('guard_fault', { error: message, stack: stack ?? null });
      carrier.destroy();
    }
  }

  #refuse(because: RefusalReason, about: Omit<Parameters<GuardWorld['refusals']['refused']>[0], 'because'>): void {
    this.#world.meters.refused(because);
    this.#world.refusals.refused({ because, ...about });
  }
}

function addressOf({ remoteAddress = '' }: Socket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
}

/** What is wrong with a handshake that OpenSSL took. None of it should happen; all of it would open the lock. */
function misshaken(socket: TLSSocket, name: Hostname): RefusalReason | null {
  const { servername } = socket;
  if (typeof servername !== 'string' || hostname(servername) !== name) return 'another_name';
  if (socket.isSessionReused()) return 'resumed';
  const version = socket.getProtocol();
  return version === 'TLSv1.2' || version === 'TLSv1.3' ? null : 'old_protocol';
}

const REASONS: Readonly<Record<string, RefusalReason>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'no_certificate',
  ECONNRESET: 'left',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'old_protocol',
};

function reasonOf({ code }: NodeJS.ErrnoException): RefusalReason {
  return REASONS[code ?? ''] ?? 'protocol';
}
