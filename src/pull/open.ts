import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { COMPLIANCES } from '../domain/compliance.ts';
import { fingerprint } from '../domain/ids.ts';
import { type AddressPolicy, forbidden, policyLookup } from './address-policy.ts';
import type { Door } from './door.ts';
import { classify, type PullFailure, pullFailure, type Stage } from './failure.ts';

/** What opening a connection needs besides the door. Times in milliseconds. */
export interface OpenOptions {
  readonly policy: AddressPolicy;
  /** The context that presents the door's identity; unused for plain doors. */
  readonly context: SecureContext | null;
  /** A TLS session of a connection through the very same door, to resume. */
  readonly session: Buffer | null;
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
interface Opened {
  readonly kind: 'opened';
  readonly socket: Socket | TLSSocket;
  readonly opening: Opening;
}

export type OpenOutcome = Opened | { readonly kind: 'failed'; readonly failure: PullFailure };

/** Opens a connection through a door and calls back once, with the connection or with what went wrong. */
export function open(door: Door, options: OpenOptions, done: (outcome: OpenOutcome) => void): void {
  const { policy } = options;
  if (isIP(door.address) !== 0 && !policy.allows(door.address, door.port)) {
    done({ kind: 'failed', failure: classify(forbidden(door.address), 'connecting') });
    return;
  }
  if (door.tls !== null && options.context === null) {
    done({ kind: 'failed', failure: pullFailure('key_unusable', 'the edge does not hold the key') });
    return;
  }
  watch(door, dial(door, options), options, done);
}

function dial(door: Door, { policy, context, session }: OpenOptions): Socket | TLSSocket {
  const to = { host: door.address, port: door.port, lookup: policyLookup(policy, door.port), noDelay: true };
  if (door.tls === null || context === null) return connectTcp(to);
  return connectTls({
    ...to,
    secureContext: context,
    servername: door.tls.serverName,
    rejectUnauthorized: door.tls.check.kind === 'strict',
    ALPNProtocols: ['http/1.1'],
    ...(session === null ? {} : { session }),
  });
}

function watch(
  door: Door,
  socket: Socket | TLSSocket,
  { timeout, clock }: OpenOptions,
  done: (outcome: OpenOutcome) => void,
): void {
  const begun = clock();
  let connected = begun;
  let stage: Stage = 'connecting';
  const fail = (cause: PullFailure): void => {
    const failure = stage === 'handshake' ? withCompliance(door, cause) : cause;
    release();
    socket.on('error', ignore);
    socket.destroy();
    done({ kind: 'failed', failure });
  };
  const onConnect = (): void => {
    stage = 'handshake';
    connected = clock();
    if (door.tls === null) succeed(null);
  };
  const onSecure = (): void => {
    if (isRevoked(door, socket)) fail(pullFailure('origin_not_verified', 'the certificate of the origin is revoked'));
    else succeed({ took: clock() - connected, resumed: 'isSessionReused' in socket && socket.isSessionReused() });
  };
  const onError = (error: Error): void => fail(classify(error, stage));
  const onClose = (): void => fail(pullFailure(closedCode(stage), `closed while ${stage}`));
  const timer = setTimeout(
    () => fail(pullFailure(stage === 'connecting' ? 'connect_timeout' : 'handshake_timeout', `${timeout} ms`)),
    timeout,
  );
  const release = (): void => {
    clearTimeout(timer);
    socket.off('connect', onConnect).off('secureConnect', onSecure).off('error', onError).off('close', onClose);
  };
  const succeed = (handshake: Opening['handshake']): void => {
    release();
    done({ kind: 'opened', socket, opening: { connect: connected - begun, handshake } });
  };
  socket.on('connect', onConnect).on('secureConnect', onSecure).on('error', onError).on('close', onClose);
}

// An origin that shares no key exchange with us says only "handshake failure": the log names what we insisted on.
function withCompliance({ tls }: Door, failure: PullFailure): PullFailure {
  const { modes, groups } = COMPLIANCES[tls?.compliance ?? 'none'];
  if (groups === null || failure.code !== 'handshake_failed') return failure;
  const limits = `origin_tls_compliance_modes (${modes.join(', ')}) allows only the key exchanges ${groups.join(', ')}`;
  return { ...failure, detail: `${failure.detail}; ${limits}` };
}

function isRevoked({ tls }: Door, socket: Socket | TLSSocket): boolean {
  if (tls?.check.kind !== 'strict' || tls.check.revoked.length === 0 || !('getPeerX509Certificate' in socket)) {
    return false;
  }
  const shown = fingerprint(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
  return shown === null || tls.check.revoked.includes(shown);
}

function closedCode(stage: Stage): 'unreachable' | 'handshake_failed' {
  return stage === 'connecting' ? 'unreachable' : 'handshake_failed';
}

// A socket given up on may still report an error; nobody is interested any more.
function ignore(): void {
  return;
}
