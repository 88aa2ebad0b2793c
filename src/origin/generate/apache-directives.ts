import type { Hostname } from '../../domain/ids.ts';
import type { ConfigPath } from '../config-path.ts';
import type { Pin } from '../pin.ts';
import { namesPattern } from './names.ts';

/** What stands at the end of an existing virtual host: the lock alone, without names and content. */
export interface ApacheLock {
  readonly bundle: ConfigPath;
  /** Empty where everybody under the bundle's CAs is meant. */
  readonly pins: readonly Pin[];
  readonly crl: ConfigPath | null;
  readonly mode: 'enforce' | 'watch';
  /** The names of the virtual host; `null` where they are not compared with the name in the handshake. */
  readonly names: readonly Hostname[] | null;
}

/** The directives: at the end of a virtual host they replace those before them. */
export function apacheLockDirectives({ bundle, crl, mode }: Omit<ApacheLock, 'names' | 'pins'>): readonly string[] {
  return [
    `SSLCACertificateFile "${bundle}"`,
    `SSLVerifyClient ${mode === 'enforce' ? 'require' : 'optional_no_ca'}`,
    '# Apache counts the steps above the leaf: intermediate and root.',
    'SSLVerifyDepth 2',
    ...(crl === null ? [] : [`SSLCARevocationFile "${crl}"`, 'SSLCARevocationCheck chain']),
    '# A resumed session is not verified again.',
    'SSLSessionTickets off',
  ];
}

/** What every request must fulfil beside all that the virtual host asks already. */
export function apacheLockRules({ mode, names, pins }: Omit<ApacheLock, 'bundle' | 'crl'>): readonly string[] {
  if (mode === 'watch') return [];
  const pinned = pins.map(({ pemSha1 }) => `'${pemSha1}'`).join(', ');
  return [
    '# The second bolt, should a server-wide setting let the names in handshake and Host differ.',
    '<Location "/">',
    '  AuthMerging And',
    '  <RequireAll>',
    `    Require expr "%{SSL_CLIENT_VERIFY} == 'SUCCESS'"`,
    ...(names === null ? [] : [`    Require expr "%{SSL_TLS_SNI} =~ m#${namesPattern(names)}#i"`]),
    ...(pinned === '' ? [] : [`    Require expr "sha1(%{SSL_CLIENT_CERT}) in { ${pinned} }"`]),
    '  </RequireAll>',
    '</Location>',
  ];
}
