import type { Hostname } from '../../domain/ids.ts';
import type { ConfigPath } from '../config-path.ts';
import type { Pin } from '../pin.ts';
import type { VerifiedHeader } from '../verified-header.ts';
import { pinned, verdictHeader, withoutCopies } from './apache-told.ts';
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
  /** The application is told what was verified in this request header; `null` where it is told nothing. */
  readonly told: ToldHeader | null;
}

interface ToldHeader {
  readonly header: VerifiedHeader;
  /** Is set for a request that says it in a spelling which cannot be removed. */
  readonly variable: string;
}

/** The directives: at the end of a virtual host they replace those before them. */
export function apacheLockDirectives({
  bundle,
  crl,
  mode,
}: Pick<ApacheLock, 'bundle' | 'crl' | 'mode'>): readonly string[] {
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
export function apacheLockRules({ mode, names, pins, told }: Omit<ApacheLock, 'bundle' | 'crl'>): readonly string[] {
  const unspoken = told === null ? [] : [`Require expr "-z reqenv('${told.variable}')"`];
  const verified =
    mode === 'watch'
      ? []
      : [
          `Require expr "%{SSL_CLIENT_VERIFY} == 'SUCCESS'"`,
          ...(names === null ? [] : [`Require expr "%{SSL_TLS_SNI} =~ m#${namesPattern(names)}#i"`]),
          ...(pins.length === 0 ? [] : [`Require expr "${pinned(pins)}"`]),
        ];
  const asked = [...verified, ...unspoken];
  if (asked.length === 0) return [];
  return [
    ...(mode === 'watch'
      ? []
      : ['# The second bolt, should a server-wide setting let the names in handshake and Host differ.']),
    '<Location "/">',
    '  AuthMerging And',
    '  <RequireAll>',
    ...asked.map((line) => `    ${line}`),
    '  </RequireAll>',
    '</Location>',
  ];
}

/** What the application is told, and nobody but this server may say. */
export function apacheLockHeaders({ mode, names, pins, told }: Omit<ApacheLock, 'bundle' | 'crl'>): readonly string[] {
  if (told === null) return [];
  const { header, variable } = told;
  const otherName =
    names === null ? null : `%{SSL_CLIENT_VERIFY} != 'NONE' && %{SSL_TLS_SNI} !~ m#${namesPattern(names)}#i`;
  return [
    ...withoutCopies(header, variable),
    ...verdictHeader(header, { mode, pins }),
    // Another virtual host may have verified it, with a CA of its own; enforcing refuses that.
    ...(mode === 'enforce' || otherName === null
      ? []
      : [`RequestHeader set ${header} "FAILED:another name" "expr=${otherName}"`]),
  ];
}

/** The same for a virtual host over plain HTTP that leads to the same application. */
export function apachePlainHeaders({ header, variable }: ToldHeader): readonly string[] {
  return [
    ...withoutCopies(header, variable),
    `RequestHeader set ${header} "NONE"`,
    ...apacheLockRules({ mode: 'watch', names: null, pins: [], told: { header, variable } }),
  ];
}
