import type { Hostname } from '../../domain/ids.ts';
import type { ConfigPath } from '../config-path.ts';
import type { Pin } from '../pin.ts';
import { namesPattern } from './names.ts';

/** What stands inside an existing server block: the lock alone, without listeners, names and content. */
export interface NginxLock {
  readonly bundle: ConfigPath;
  /** Empty where everybody under the bundle's CAs is meant. */
  readonly pins: readonly Pin[];
  readonly crl: ConfigPath | null;
  readonly mode: 'enforce' | 'watch';
  /** The names of the server block; `null` where it answers for all names that nobody else claims. */
  readonly names: readonly Hostname[] | null;
  /** Something around sets ssl_trusted_certificate, which would be trusted for callers too. */
  readonly overridesTrusted: boolean;
}

/** One directive of the lock. `vital` ones make the lock: where they cannot be set, there is none. */
export interface LockDirective {
  readonly name: string;
  readonly value: string;
  readonly vital: boolean;
}

/** The directives that nginx takes once for each server block. */
export function nginxLockDirectives(lock: NginxLock): readonly LockDirective[] {
  const vital = (name: string, value: string) => ({ name, value, vital: true });
  const wished = (name: string, value: string) => ({ name, value, vital: false });
  return [
    vital('ssl_client_certificate', `"${lock.bundle}"`),
    vital('ssl_verify_client', lock.mode === 'enforce' ? 'on' : 'optional_no_ca'),
    // nginx counts the certificates between leaf and root: one intermediate.
    vital('ssl_verify_depth', '1'),
    ...(lock.crl === null ? [] : [vital('ssl_crl', `"${lock.crl}"`)]),
    ...(lock.overridesTrusted ? [vital('ssl_trusted_certificate', `"${lock.bundle}"`)] : []),
    // A resumed session is not verified again: without sessions, revocation and a new bundle bite at once.
    wished('ssl_session_tickets', 'off'),
    wished('ssl_session_cache', 'off'),
    wished('ssl_early_data', 'off'),
  ];
}

/** The rules that may stand beside others of their kind. */
export function nginxLockRules({ mode, names, pins }: NginxLock): readonly string[] {
  if (mode === 'watch') return [];
  return [
    ...(names === null
      ? []
      : [
          '# Without SNI the default server of this socket verifies, perhaps with another CA: not good enough.',
          '# Plain HTTP has no certificate and no SNI, so it is turned away here as well.',
          `if ($ssl_server_name !~* "${namesPattern(names)}") { return 421; }`,
        ]),
    ...(pins.length === 0
      ? []
      : [
          '# Only these certificates of the shared identity; by SHA-1, since nginx knows no other fingerprint.',
          `if ($ssl_client_fingerprint !~ "^(?:${pins.map(({ derSha1 }) => derSha1).join('|')})$") { return 403; }`,
        ]),
  ];
}
