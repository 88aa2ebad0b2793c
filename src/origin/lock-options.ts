import type { OriginPull } from './origin-pull.ts';
import type { PolicyFiles } from './policy-files.ts';
import type { RefusalReason } from './lock-refusals.ts';

/** A request that was refused, or would have been if the lock did not only watch. */
export interface RefusedRequest {
  readonly because: RefusalReason;
  /** The reason in words. */
  readonly text: string;
  readonly mode: 'enforce' | 'watch';
  /** The name asked for; `null` where there was no single one. */
  readonly hostname: string | null;
  /** Address of the connection's other end; `null` over a Unix socket. */
  readonly address: string | null;
}

/** What all shapes of a lock have in common. */
interface Common {
  /** Told of every request that is refused, or that `watch` lets through. Must not throw. */
  readonly onRefused?: ((refused: RefusedRequest) => void) | undefined;
  /** Told when files changed and could not be used: the lock goes on with what it had. A process warning where left out. */
  readonly onProblem?: ((text: string) => void) | undefined;
  /** Told when changed files are in force. */
  readonly onReload?: (() => void) | undefined;
  /** How often files are looked at, in milliseconds; 5,000 where left out, 0 for never. */
  readonly reloadEvery?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly clock?: (() => number) | undefined;
}

/** TLS ends in this process, which looks at the certificate itself. The files of the policy are paths. */
export interface TlsLock extends PolicyFiles, Common {
  readonly from?: 'tls' | undefined;
}

/** A proxy in front ends TLS and sends the certificate in a field, which counts from these peers only. */
export interface ProxyLock extends PolicyFiles, Common {
  readonly from: 'proxy';
  /** Addresses or networks (`127.0.0.1`, `10.0.0.0/8`) of the proxy; `unix` for whoever reaches the Unix socket. */
  readonly peers: readonly string[];
  /** `Client-Cert` where left out. */
  readonly field?: string | undefined;
}

/** A lock whose proxy has judged the caller itself. */
interface JudgedBefore extends Common {
  readonly zone?: string | undefined;
  readonly hostnames?: readonly string[] | undefined;
  readonly mode?: 'enforce' | 'watch' | undefined;
}

/** A proxy in front that has itself refused everybody else says `SUCCESS`, as generated configurations do. */
export interface VerdictLock extends JudgedBefore {
  readonly from: 'verdict';
  readonly peers: readonly string[];
  /** `X-Postern-Verified` where left out. */
  readonly field?: string | undefined;
}

/** A proxy in front says so under a signature. */
export interface SignedLock extends JudgedBefore {
  readonly from: 'signed';
  /** Path of a file of at least 32 random bytes, or such keys: any of them counts. */
  readonly key: string | readonly Uint8Array[];
  /** Further demanded of the connection; anybody with the key where left out. */
  readonly peers?: readonly string[] | undefined;
  /** `X-Postern-Pull` where left out. */
  readonly field?: string | undefined;
  /** `request` where something between proxy and application changes addresses. */
  readonly bind?: 'connection' | 'request' | undefined;
}

export type LockOptions = TlsLock | ProxyLock | VerdictLock | SignedLock;

const COMMON = ['from', 'zone', 'hostnames', 'mode', 'onRefused', 'onProblem', 'onReload', 'reloadEvery', 'clock'];
const POLICY = ['bundle', 'kind', 'pins', 'subjects', 'uris', 'crl', 'alsoTrust', 'alsoTrustCrl'];
const KNOWN: Readonly<Record<NonNullable<LockOptions['from']>, readonly string[]>> = {
  tls: [...COMMON, ...POLICY],
  proxy: [...COMMON, ...POLICY, 'peers', 'field'],
  verdict: [...COMMON, 'peers', 'field'],
  signed: [...COMMON, 'key', 'peers', 'field', 'bind'],
};

/** A name that means nothing, where types were not looked at: a demand with a slip in its name would demand nothing. */
export function unknownOption(options: LockOptions): string | null {
  const { from = 'tls', mode = 'enforce' } = options;
  if (!Object.hasOwn(KNOWN, from)) return `from: ${JSON.stringify(from)}`;
  if (mode !== 'enforce' && mode !== 'watch') return `mode: ${JSON.stringify(mode)}`;
  return Object.keys(options).find((name) => !KNOWN[from].includes(name)) ?? null;
}

const LISTS = ['hostnames', 'pins', 'subjects', 'uris', 'peers'] as const;
const NEEDED: Readonly<Record<NonNullable<LockOptions['from']>, readonly string[]>> = {
  tls: ['bundle'],
  proxy: ['bundle', 'peers'],
  verdict: ['peers'],
  signed: ['key'],
};

/** An option that is missing, or no list where one is asked for, in a sentence; for callers whose types were not looked at. */
export function misshapenOption(options: LockOptions): string | null {
  const { from = 'tls' } = options;
  const given = new Map<string, unknown>(Object.entries(options));
  const missing = NEEDED[from].find((name) => (given.get(name) ?? '') === '');
  if (missing !== undefined) return `${missing} is missing: a lock that is made from ${from} needs it.`;
  const single = LISTS.find((name) => given.get(name) !== undefined && !Array.isArray(given.get(name)));
  return single === undefined ? null : `${single} is no list: write ${single}: ['…'].`;
}

/** What a lock says of a request. */
export type Verdict =
  | { readonly kind: 'pass'; readonly pull: OriginPull }
  | { readonly kind: 'refuse'; readonly because: RefusalReason };
