import { isIP } from 'node:net';
import type { CredentialKind, Forgery, Probe } from '../probe.ts';
import { FORWARDED, knockFor } from '../saying.ts';
import { connectText } from '../target.ts';
import { shellCommand, shellWord } from './shell-word.ts';

/** What a probe says on the wire. */
interface Spoken {
  /** Name in the handshake; null for none. */
  readonly serverName: string | null;
  /** Value of Host; null for a request of HTTP/1.0 without it. */
  readonly host: string | null;
  /** RFC 9112 §3.2: a path, or a URL in absolute form. */
  readonly requestTarget: string;
}

/** A certificate and its key as somebody named them on the command line. */
export interface CredentialFiles {
  readonly cert: string;
  readonly key: string;
}

/** What was given on the command line, to be named in commands again. */
export interface Given {
  readonly identity: CredentialFiles | null;
  readonly unwanted: readonly CredentialFiles[];
  /** null where no name was given. */
  readonly verifiedHeader: string | null;
}

const CLAIMS = { success: 'SUCCESS', failure: 'FAILED' } as const;

const STRANGER = { cert: 'stranger.pem', key: 'stranger.key' } as const;

const NEW_KEY = 'openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'.split(' ');

/** Certificates that anybody can make, and how; in the order of the commands. */
const RECIPES: Readonly<Partial<Record<CredentialKind, readonly string[]>>> = {
  self_signed: [newCertificate('/CN=stranger', STRANGER)],
  foreign: [newCertificate('/CN=Strange CA', { cert: 'strange-ca.pem', key: 'strange-ca.key' }), signed('strange-ca')],
};

/**
 * Shell commands with which a person can see the same; none where that takes more than curl and openssl, such as a key
 * that was made for this one look.
 */
export function reproduce(probe: Probe, given: Given): readonly string[] {
  const files = filesFor(probe, given);
  if (files === 'unknown') return [];
  const recipe = RECIPES[probe.credential] ?? [];
  if (probe.resumes !== null) return resumption(probe, files);
  const spoken = say(probe);
  const { serverName } = spoken;
  // curl says an address as no name at all, and every name in lower case.
  const odd = probe.tls !== null && serverName !== null && (isIP(serverName) !== 0 || probe.spelling === 'shouted');
  return [...recipe, odd ? viaOpenssl(probe, spoken, files, []) : viaCurl(probe, spoken, files, given)];
}

function filesFor({ credential, turn }: Probe, { identity, unwanted }: Given): CredentialFiles | null | 'unknown' {
  if (credential === 'none') return null;
  if (credential === 'right') return identity ?? 'unknown';
  if (credential === 'unwanted') return unwanted[turn] ?? 'unknown';
  return RECIPES[credential] === undefined ? 'unknown' : STRANGER;
}

function say(probe: Probe): Spoken {
  const { serverName, host, targetAuthority } = knockFor(probe, SAID, { context: null, session: null });
  const { path, tls } = probe;
  const scheme = tls === null ? 'http' : 'https';
  return {
    serverName: tls === null ? null : serverName,
    host: host ?? null,
    requestTarget: targetAuthority === undefined ? path : `${scheme}://${targetAuthority}${path}`,
  };
}

const SAID = { agent: '', verifiedHeaders: [], timeout: 0 };

/** curl takes the name in the handshake from the URL, and says none for an address. */
function viaCurl(probe: Probe, spoken: Spoken, files: CredentialFiles | null, { verifiedHeader }: Given): string {
  const { target, tls, path, forges, spelling } = probe;
  const { serverName, host, requestTarget } = spoken;
  const address = target.address.includes(':') ? `[${target.address}]` : target.address;
  // Plain HTTP says no name but Host.
  const inUrl = tls === null ? target.host : (serverName ?? address);
  const byAddress = inUrl === address;
  const url = `${tls === null ? 'http' : 'https'}://${inUrl}${byAddress ? `:${target.port}` : ''}${path}`;
  return shellCommand([
    'curl',
    '-sSik',
    ...versionFlags(probe),
    ...(byAddress ? [] : ['--connect-to', `::${connectText(target)}`]),
    ...(files === null ? [] : ['--cert', files.cert, '--key', files.key]),
    ...(host === null ? ['--http1.0', '-H', 'Host:'] : host === inUrl ? [] : ['-H', `Host: ${host}`]),
    ...(spelling === 'absolute_form' ? ['--request-target', requestTarget] : []),
    // curl would take brackets for a range, and dots for a place in the tree.
    ...(/[[\]{}]/.test(path) ? ['-g'] : []),
    ...(path.includes('/.') ? ['--path-as-is'] : []),
    ...forgedFlags(forges, verifiedHeader),
    url,
  ]);
}

function forgedFlags(forges: Forgery | null, verifiedHeader: string | null): readonly string[] {
  if (forges === 'https') return ['-H', FORWARDED];
  return forges === null || verifiedHeader === null ? [] : ['-H', `${verifiedHeader}: ${CLAIMS[forges]}`];
}

function versionFlags({ tls, protocol }: Probe): readonly string[] {
  const http = protocol === 'h2' ? '--http2' : '--http1.1';
  if (tls === null) return [http];
  return tls === 'TLSv1.2' ? [http, '--tlsv1.2', '--tls-max', '1.2'] : [http, '--tlsv1.3'];
}

/** What curl cannot: keep a session for another name, or say an address as a name. */
function viaOpenssl(
  probe: Probe,
  { serverName, host, requestTarget }: Spoken,
  files: CredentialFiles | null,
  more: readonly string[],
): string {
  const head = host === null ? 'HTTP/1.0' : `HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close`;
  // printf of a shell obeys these two.
  const literal = requestTarget.replaceAll('\\', '\\\\').replaceAll('%', '%%');
  const request = `GET ${literal} ${head}\\r\\n\\r\\n`;
  const client = shellCommand([
    'openssl',
    's_client',
    '-connect',
    connectText(probe.target),
    ...(serverName === null ? ['-noservername'] : ['-servername', serverName]),
    probe.tls === 'TLSv1.2' ? '-tls1_2' : '-tls1_3',
    ...(files === null ? [] : ['-cert', files.cert, '-key', files.key]),
    ...more,
    '-ign_eof',
    '-quiet',
  ]);
  return `printf ${shellWord(request)} | ${client}`;
}

function resumption(probe: Probe, files: CredentialFiles | null): readonly string[] {
  const { resumes } = probe;
  // The commands make the first connection without a certificate.
  if (resumes === null || resumes.credential !== 'none' || probe.protocol === 'h2' || probe.tls === null) return [];
  const { sni, otherName } = resumes;
  const first = say({ ...probe, sni, host: sni, otherName, spelling: 'plain' });
  return [
    viaOpenssl(probe, first, null, ['-sess_out', 'session.pem']),
    viaOpenssl(probe, say(probe), files, ['-sess_in', 'session.pem']),
  ];
}

function newCertificate(subject: string, { cert, key }: CredentialFiles): string {
  return shellCommand([...NEW_KEY, '-x509', '-days', '1', '-subj', subject, '-keyout', key, '-out', cert]);
}

function signed(ca: string): string {
  const { cert, key } = STRANGER;
  const request = shellCommand([...NEW_KEY, '-subj', '/CN=stranger', '-keyout', key]);
  const by = ['-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-out', cert];
  return `${request} | ${shellCommand(['openssl', 'x509', '-req', '-days', '1', ...by])}`;
}
