import { join } from 'node:path';
import type { Hostname } from '../../domain/ids.ts';
import type { ConfigPath } from '../config-path.ts';
import type { Pin } from '../pin.ts';
import type { VerifiedHeader } from '../verified-header.ts';

/** What is to be installed on this host. Checked: every text in it is fit for a configuration. */
export interface InstallRequest {
  /** Names the lock on this host: its files, its record, its undoing. */
  readonly name: LockName;
  readonly zone: Hostname;
  readonly hostnames: readonly [Hostname, ...Hostname[]];
  readonly bundle: ConfigPath;
  /** Empty where everybody under the bundle's CAs is meant: the zone's own authority. */
  readonly pins: readonly Pin[];
  readonly crl: ConfigPath | null;
  /** The request header that tells the application what was verified; `null` where it is told nothing. */
  readonly verifiedHeader: VerifiedHeader | null;
  /** Where files of logs go of who comes while nobody is refused; `null` where the server logs them itself, or nobody does. */
  readonly logs: ConfigPath | null;
  /** Other names of the same virtual host are locked too. */
  readonly allNames: boolean;
  /** Names that no site has are refused where another site answered for them: its owner agreed. */
  readonly defaultServer: boolean;
  /** Where Postern keeps its files. */
  readonly directory: ConfigPath;
}

/** Lower-case letters, digits, dots and hyphens: fit for a file and for a line of a configuration. */
export type LockName = string & { readonly [brand]: 'LockName' };
declare const brand: unique symbol;

/** The name, or `null` where it is none. */
export function lockName(text: string): LockName | null {
  return /^[a-z0-9][a-z0-9.-]{0,99}$/.test(text) && !text.includes('..') ? (text as LockName) : null;
}

/** The name that a lock gets where nobody gives one. */
export function nameFor(hostname: Hostname): LockName {
  return hostname.replace(/^\*\./, 'any.') as LockName;
}

/** Where the trust bundle of a zone lies below Postern's directory, for all locks that trust it. */
export function bundleBelow(
  directory: string,
  { kind, zone }: { readonly kind: string; readonly zone: string },
): string {
  return join(directory, 'bundles', kind === 'shared' ? 'shared.pem' : `${zone}.pem`);
}

/** How far the lock is on: nobody is refused, or everybody but the edge. */
export type Phase =
  | { readonly kind: 'watch'; readonly proof: ProofPath | null }
  | { readonly kind: 'enforce'; readonly proof: ProofPath | null };

/** While it is proven, the server answers this path with the word and its verdict on the caller's certificate. */
export interface ProofPath {
  readonly path: string;
  readonly word: string;
}
