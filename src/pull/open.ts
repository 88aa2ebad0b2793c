import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { COMPLIANCES } from '../domain/compliance.ts';
import { type Fingerprint, fingerprint, type Hostname } from '../domain/ids.ts';
import { namesHost } from '../pki/names-host.ts';
import { visible } from '../wire/visible.ts';
import { type AddressPolicy, forbidden, type Objection } from './address-policy.ts';
import { type Dialled, dial } from './dial.ts';
import type { Door } from './door.ts';
import { classify, type PullFailure, pullFailure, type Stage } from './failure.ts';
import type { Intake } from './intake.ts';
import { interleaved, type Race, race } from './race.ts';
import type { Resolver } from './resolve.ts';
import type { Session } from './sessions.ts';

/** What opening a connection needs besides the door. Times in milliseconds. */
export interface OpenOptions {
  readonly policy: AddressPolicy;
  readonly resolver: Resolver;
  readonly intake: Intake;
  /** The context that presents the door's identity; unused for plain doors. */
  readonly context: SecureContext | null;
  /** A TLS session of a connection through the very same door, to resume. */
  readonly session: Session | null;
  readonly timeout: number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

/** How a connection was opened. Times in milliseconds. */
export interface Opening {
  /** The look-up of a name included. */
  readonly connect: number;
  /** `null` without TLS. */
  readonly handshake: { readonly took: number; readonly resumed: boolean } | null;
}

/** An open connection, not yet used. */
interface Opened extends Dialled {
  readonly kind: 'opened';
  readonly opening: Opening;
  /** When sessions of this connection must not be resumed any more, on the wall clock. */
  readonly sessionsEnd: number;
}

export type OpenOutcome = Opened | { readonly kind: 'failed'; readonly failure: PullFailure };

/**
 * Opens a connection through a door and calls back once, with the connection or with what went wrong. Answers the function
 * that gives up: then nobody is told, and where somebody has been it does nothing.
 */
export function open(door: Door, options: OpenOptions, done: (outcome: OpenOutcome) => void): () => void {
  if (door.tls !== null && options.context === null) {
    done({ kind: 'failed', failure: pullFailure('key_unusable', 'the edge does not hold the key') });
    return () => undefined;
  }
  const attempt = new Attempt(door, options, done);
  attempt.start();
  return () => attempt.giveUp();
}

/** An open under way: resolve, race, shake hands; all of it within one time limit. */
class Attempt {
  readonly #door: Door;
  readonly #options: OpenOptions;
  readonly #timer: NodeJS.Timeout;
  /** `null` once somebody has been told. */
  #done: ((outcome: OpenOutcome) => void) | null;
  #stage: Stage = 'connecting';
  #race: Race | null = null;
  #dialled: Dialled | null = null;
  readonly #begun: number;
  #connectedAt = 0;

  constructor(door: Door, options: OpenOptions, done: (outcome: OpenOutcome) => void) {
    this.#door = door;
    this.#options = options;
    this.#done = done;
    this.#begun = options.clock();
    this.#timer = setTimeout(() => this.#timedOut(), options.timeout);
  }

  start(): void {
    const { address, socketFile } = this.#door;
    if (socketFile !== undefined) return this.#begin([socketFile]);
    if (isIP(address) !== 0) return this.#connect([address]);
    this.#options.resolver.resolve(address, (resolved) => {
      if (this.#done === null) return;
      if (resolved.kind === 'failed') this.#fail(classify(resolved.error, 'connecting'));
      else this.#connect(interleaved(resolved.addresses));
    });
  }

  giveUp(): void {
    if (this.#done === null) return;
    this.#done = null;
    this.#fail(pullFailure('closed_early', 'given up'));
  }

  // The policy sees each address that is tried: what a name resolves to may change from one open to the next.
  #connect(addresses: readonly string[]): void {
    const { address: named, port, mayBePrivate } = this.#door;
    if (addresses.length === 0) return this.#fail(pullFailure('name_unresolved', `${named} has no address`));
    const objections = addresses.map((address) => this.#options.policy.objection(address, port, mayBePrivate));
    const allowed = addresses.filter((_, index) => objections[index] === null);
    if (allowed.length === 0) return this.#fail(classify(forbidden(named, worst(objections)), 'connecting'));
    this.#begin(allowed);
  }

  #begin(places: readonly string[]): void {
    const { context, intake, session } = this.#options;
    const shown = this.#door.tls === null || context === null ? null : { context, ticket: session?.ticket ?? null };
    const begun = (place: string) => dial(this.#door, place, { intake, shown });
    this.#race = race(places, begun, (outcome) => {
      if (outcome.kind === 'lost') return this.#fail(classify(outcome.error, 'connecting'));
      this.#connected(outcome.winner);
    });
  }

  #connected(dialled: Dialled): void {
    this.#dialled = dialled;
    this.#connectedAt = this.#options.clock();
    if (this.#door.tls === null) return this.#opened(dialled, null);
    this.#stage = 'handshake';
    dialled.socket.on('secureConnect', this.#onSecure).on('error', this.#onError).on('close', this.#onClose);
  }

  readonly #onSecure = (): void => {
    const dialled = this.#dialled;
    if (dialled === null || !('isSessionReused' in dialled.socket)) return;
    const { socket } = dialled;
    const resumed = socket.isSessionReused();
    const verified = this.#verified(socket, resumed);
    if (typeof verified === 'string') return this.#fail(pullFailure('origin_not_verified', verified));
    socket.off('secureConnect', this.#onSecure).off('error', this.#onError).off('close', this.#onClose);
    this.#opened(dialled, { took: this.#options.clock() - this.#connectedAt, resumed }, verified);
  };

  #opened({ socket, inlet }: Dialled, handshake: Opening['handshake'], sessionsEnd = 0): void {
    const opening = { connect: this.#connectedAt - this.#begun, handshake };
    this.#finish({ kind: 'opened', socket, inlet, opening, sessionsEnd });
  }

  /** What stands against the origin's certificate, or else until when it holds. */
  #verified(socket: TLSSocket, resumed: boolean): string | number {
    const { tls } = this.#door;
    if (tls?.check.kind !== 'strict') return Number.POSITIVE_INFINITY;
    // Node shows no certificate after a resumed handshake. The session belongs to this very door: what would be checked
    // here was checked when it was made.
    if (resumed) return this.#options.session?.endsAt ?? 0;
    return verified(tls.serverName, tls.check.revoked, socket.getPeerX509Certificate());
  }

  readonly #onError = (error: Error): void => {
    const failure = classify(error, this.#stage);
    this.#fail(this.#stage === 'handshake' ? withCompliance(this.#door, failure) : failure);
  };

  readonly #onClose = (): void =>
    this.#fail(withCompliance(this.#door, pullFailure('handshake_failed', `closed while ${this.#stage}`)));

  #timedOut(): void {
    const code = this.#stage === 'connecting' ? 'connect_timeout' : 'handshake_timeout';
    this.#fail(pullFailure(code, `${this.#options.timeout} ms`));
  }

  #fail(failure: PullFailure): void {
    this.#race?.cancel();
    // A socket given up on may still report an error; nobody is interested any more.
    this.#dialled?.socket.on('error', () => undefined).destroy();
    this.#finish({ kind: 'failed', failure });
  }

  #finish(outcome: OpenOutcome): void {
    clearTimeout(this.#timer);
    const done = this.#done;
    this.#done = null;
    done?.(outcome);
  }
}

// An origin that shares no key exchange with us says only "handshake failure": the log names what we insisted on.
function withCompliance({ tls }: Door, failure: PullFailure): PullFailure {
  const { modes, groups } = COMPLIANCES[tls?.compliance ?? 'none'];
  if (groups === null || failure.code !== 'handshake_failed') return failure;
  const limits = `origin_tls_compliance_modes (${modes.join(', ')}) allows only the key exchanges ${groups.join(', ')}`;
  return { ...failure, detail: `${failure.detail}; ${limits}` };
}

function worst(objections: readonly (Objection | null)[]): Objection {
  return objections.find((objection) => objection !== null) ?? 'never';
}

/** Characters of a certificate's names that go into the log. */
const MOST_TOLD = 1_024;

/** OpenSSL has verified the path; the name and revocation are left. */
function verified(
  name: Hostname,
  revoked: readonly Fingerprint[],
  shown: X509Certificate | undefined,
): string | number {
  const print = fingerprint(shown?.fingerprint256 ?? '');
  if (shown === undefined || print === null) return 'the origin showed no certificate';
  if (revoked.includes(print)) return 'the certificate of the origin is revoked';
  if (namesHost(shown, name)) return shown.validToDate.getTime();
  const named = visible((shown.subjectAltName ?? 'no host').slice(0, MOST_TOLD));
  return `the certificate of the origin does not name ${name}, but ${named}`;
}
