/** A lock in front of an application: what `requireOriginPull` makes of its options. */

import { constants } from 'node:crypto';
import type { Server } from 'node:https';
import type { Http2SecureServer } from 'node:http2';
import type { TlsOptions } from 'node:tls';
import type { AdmitPolicy } from '../domain/admit.ts';
import { instant } from '../domain/ids.ts';
import { askedHost, type NodeRequest } from './asked-host.ts';
import { removeClaims } from './clean-request.ts';
import { CLIENT_CERT } from './client-cert-field.ts';
import { type Frameworks, frameworks } from './frameworks.ts';
import { connectionOf, type JudgedNames, judgeField, judgeSigned, judgeTls, judgeVerdict } from './judges.ts';
import { KeptCurrent, PolicyError } from './kept-current.ts';
import {
  type LockOptions,
  type ProxyLock,
  type SignedLock,
  type TlsLock,
  misshapenOption,
  unknownOption,
  type Verdict,
  type VerdictLock,
} from './lock-options.ts';
import { type RefusalReason, refusal } from './lock-refusals.ts';
import { nobody, type OriginPull } from './origin-pull.ts';
import { caPem, type LockPolicy, servedNames } from './policy.ts';
import { policyPaths, readBytes, readPolicy } from './policy-files.ts';
import { type PolicyProblem, policyProblem } from './policy-problems.ts';
import { type ProxyList, proxyList } from './proxy-list.ts';
import { LEAST_KEY, ReplayWindow, SIGNED_PULL } from './signed-pull.ts';
import { DEFAULT_VERIFIED_HEADER } from './verified-header.ts';

/** A server whose trusted CAs follow the bundle. */
type TlsServer = Server | Http2SecureServer;

/** The lock, for every framework. */
export interface OriginLock extends Frameworks {
  /** For frameworks that are not here: whether a request may reach the application. */
  judge(request: NodeRequest): Verdict;
  /** Reads the files again. Answers what is wrong with them, or `null` where they are in force. */
  reload(): string | null;
  /** Keeps the CAs of a server those of the bundle. `tls` as for `originPullServerOptions`. */
  follow(server: TlsServer, tls: TlsOptions): void;
  /** Has a function called whenever changed files are in force. */
  whenReloaded(listener: () => void): void;
  /** Stops looking at the files. */
  close(): void;
  /** What it was made of: several where several locks are one. */
  readonly options: readonly LockOptions[];
  /** The policies in force; none where a proxy judges. */
  readonly policies: readonly LockPolicy[];
  /** Names that it serves; `null` for any. */
  readonly names: AdmitPolicy['names'];
}

/** What a lock decides about TLS, whatever else was asked for. */
export interface HardenedTls {
  readonly ca: string;
  readonly requestCert: true;
  readonly rejectUnauthorized: boolean;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly secureOptions: number;
}

const DEFAULT_EVERY = 5_000;
const MOST_KEY = 4_096;
const pulls = new WeakMap<NodeRequest, OriginPull>();

/** What a lock found about a request; `null` where none has looked at it. Nothing in the request can pretend to it. */
export function originPullOf(request: NodeRequest): OriginPull | null {
  return pulls.get(request) ?? null;
}

/**
 * A lock that lets nobody but the edge through. Throws `PolicyError` where its files or options cannot be used: an
 * application that cannot tell who calls must not start.
 */
export function requireOriginPull(options: LockOptions): OriginLock {
  const unknown = unknownOption(options);
  if (unknown !== null)
    throw new TypeError(`${unknown} is no option of a lock that is made from ${options.from ?? 'tls'}.`);
  const misshapen = misshapenOption(options);
  if (misshapen !== null) throw new TypeError(misshapen);
  const listeners = new Set<() => void>();
  const { judged, kept } = shapeOf(options, () => {
    for (const listener of listeners) listener();
    options.onReload?.();
  });
  const gate = (request: NodeRequest) => concluded(request, judged(request), options);
  const lock: OriginLock = {
    ...frameworks(gate),
    judge: gate,
    reload: () => kept.reload(),
    follow: (server, tls) => lock.whenReloaded(() => server.setSecureContext(originPullServerOptions(lock, tls))),
    whenReloaded: (listener) => void listeners.add(listener),
    close: () => kept.close(),
    options: [options],
    get policies() {
      return kept.value.kind === 'policy' ? [kept.value] : [];
    },
    get names() {
      return kept.value.kind === 'policy' ? kept.value.admit.names : kept.value.names;
    },
  };
  return lock;
}

/**
 * Options for a TLS server that asks everybody for the edge's certificate: its CAs and no others, no sessions that outlive
 * a decision, no old TLS. Where the lock enforces, whoever has none does not get past the handshake.
 */
export function originPullServerOptions<Tls extends TlsOptions>(
  { policies }: Pick<OriginLock, 'policies'>,
  tls: Tls,
): Omit<Tls, keyof HardenedTls> & HardenedTls {
  // Without CAs Node would take those of the whole web.
  if (policies.length === 0)
    throw new TypeError('This lock leaves TLS to a proxy: it has no CAs for a server of its own.');
  return {
    ...tls,
    ca: policies.map(caPem).join(''),
    requestCert: true,
    rejectUnauthorized: !policies.some(({ admit }) => admit.mode === 'watch'),
    minVersion: tls.minVersion === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
    secureOptions: (tls.secureOptions ?? 0) | constants.SSL_OP_NO_TICKET,
  };
}

type Kept = LockPolicy | (JudgedNames & { readonly kind: 'names'; readonly keys: readonly Uint8Array[] });

interface Shape {
  readonly judged: (request: NodeRequest) => Verdict;
  readonly kept: KeptCurrent<Kept>;
}

function shapeOf(options: LockOptions, onReload: () => void): Shape {
  switch (options.from) {
    case undefined:
    case 'tls':
      return tlsShape(options, onReload);
    case 'proxy':
      return proxyShape(options, onReload);
    case 'verdict':
      return verdictShape(options, onReload);
    case 'signed':
      return signedShape(options, onReload);
  }
}

function tlsShape(options: TlsLock, onReload: () => void): Shape {
  const kept = keptPolicy(options, onReload);
  return { kept, judged: (request) => judgeTls(request, kept.value, now(options)) };
}

function proxyShape(options: ProxyLock, onReload: () => void): Shape {
  const kept = keptPolicy(options, onReload);
  const [peers, field] = [listOf(options.peers), options.field ?? CLIENT_CERT];
  return { kept, judged: (request) => judgeField(request, { policy: kept.value, peers, field }, now(options)) };
}

function verdictShape(options: VerdictLock, onReload: () => void): Shape {
  const kept = keptNames(options, [], () => [], onReload);
  const [peers, field] = [listOf(options.peers), options.field ?? DEFAULT_VERIFIED_HEADER];
  return { kept, judged: (request) => judgeVerdict(request, { ...kept.value, peers, field }) };
}

function signedShape(options: SignedLock, onReload: () => void): Shape {
  const { key, bind = 'connection', field = SIGNED_PULL } = options;
  const paths = typeof key === 'string' ? [key] : [];
  const kept = keptNames(options, paths, () => (typeof key === 'string' ? keyIn(key) : key), onReload);
  const peers = options.peers === undefined ? null : listOf(options.peers);
  const window = new ReplayWindow();
  return {
    kept,
    judged: (request) => judgeSigned(request, { ...kept.value, peers, field, window, bind }, now(options)),
  };
}

function keptPolicy(options: TlsLock | ProxyLock, onReload: () => void): KeptCurrent<LockPolicy> {
  return new KeptCurrent(() => readPolicy(options, now(options)), policyPaths(options), watching(options, onReload));
}

function keptNames(
  options: VerdictLock | SignedLock,
  paths: readonly string[],
  keysIn: () => readonly Uint8Array[] | PolicyProblem,
  onReload: () => void,
): KeptCurrent<Extract<Kept, { kind: 'names' }>> {
  const load = () => {
    const served = servedNames(options);
    const keys = keysIn();
    if (served.kind === 'problem') return served;
    if ('kind' in keys) return keys;
    const isShort = options.from === 'signed' && (keys.length === 0 || keys.some(({ length }) => length < LEAST_KEY));
    return isShort ? policyProblem('bad_key', 'key') : { ...served, keys };
  };
  return new KeptCurrent(load, paths, watching(options, onReload));
}

function watching({ reloadEvery, onProblem }: LockOptions, onReload: () => void) {
  return {
    every: reloadEvery ?? DEFAULT_EVERY,
    onProblem: onProblem ?? ((text: string) => process.emitWarning(text, { code: 'POSTERN_POLICY' })),
    onReload,
  };
}

function keyIn(path: string): readonly Uint8Array[] | PolicyProblem {
  const bytes = readBytes('key', path, MOST_KEY);
  return Buffer.isBuffer(bytes) ? [bytes] : bytes;
}

function listOf(peers: readonly string[]): ProxyList {
  const list = proxyList(peers);
  if (list.kind === 'problem') throw new PolicyError(list);
  return list;
}

function now({ clock }: LockOptions) {
  return instant((clock ?? Date.now)());
}

/** Applies the mode, tells who wants to know, and takes out of the request what nobody has vouched for. */
function concluded(request: NodeRequest, verdict: Verdict, options: LockOptions): Verdict {
  const { mode = 'enforce', zone = null } = options;
  if (verdict.kind === 'refuse') tellRefused(request, verdict.because, options);
  if (verdict.kind === 'refuse' && mode !== 'watch') return verdict;
  const pull: OriginPull =
    verdict.kind === 'pass'
      ? verdict.pull
      : { ...nobody(zone, askedHost(request)), verified: false, via: null, because: verdict.because };
  // Only the edge says the truth about visitors.
  if (pull.via !== 'edge') removeClaims(request, 'all');
  pulls.set(request, pull);
  return { kind: 'pass', pull };
}

/** Tells whoever wants to know of a request that a lock refuses, or would. */
export function tellRefused(
  request: NodeRequest,
  because: RefusalReason,
  { onRefused, mode = 'enforce' }: Pick<LockOptions, 'onRefused' | 'mode'>,
): void {
  onRefused?.({
    because,
    text: refusal(because).text,
    mode,
    hostname: askedHost(request),
    address: connectionOf(request).remoteAddress ?? null,
  });
}
