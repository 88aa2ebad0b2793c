import { createSecureContext } from 'node:tls';
import type { X509Facts } from '../../domain/certificate.ts';
import { type Instant, instant } from '../../domain/ids.ts';
import { PROBLEMS, type Problem, problem } from '../../domain/problems.ts';
import { loadCertificates } from '../../pki/read.ts';
import type { Secret } from '../../pki/secret.ts';
import { isProblem } from '../../wire/commands.ts';
import { remark } from '../../wire/messages.ts';
import { readKeyOf, readUpload, type Upload } from '../api/upload.ts';
import { type FileText, readOpenFile, readPrivateFile } from '../private-file.ts';
import { StartError } from '../start-error.ts';

/** Where the certificate of a listener lies: leaf and intermediates in one file, the key in another. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** What a TLS listener shows. */
export interface Credential {
  readonly leaf: X509Facts;
  /** Leaf and intermediates, in order. */
  readonly chain: string;
  readonly key: Secret<string>;
  /** What its owner should know. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks the two files. Throws StartError, which names the file, what is wrong and what to do. A certificate
 * out of its time is no error here: see `outOfTime`.
 */
export function loadCredential(files: CertificateFiles, now: Instant): Credential {
  const certificate = textOf(readOpenFile(files.certificate), files.certificate, '--api-cert');
  const private_key = textOf(readPrivateFile(files.key), files.key, '--api-key');
  const certificates = certificatesOf(certificate);
  const [first, second] = certificates;
  const read =
    first !== undefined && second === undefined && isOwnCa(first)
      ? readOwnCa(first, private_key)
      : readUpload({ certificate, private_key }, notAfter(first, now), 'server');
  if (isProblem(read)) throw refused(read, files);
  const { leaf, chain, key, warnings } = read;
  const pems = [leaf, ...chain].map(({ pem }) => pem);
  return { leaf, chain: pems.join(''), key, warnings: warnings.map(({ message }) => message) };
}

// Whoever reads it next says what is wrong with it.
function certificatesOf(pem: string): readonly X509Facts[] {
  try {
    return loadCertificates(pem);
  } catch {
    return [];
  }
}

/** What `openssl req -x509` makes: clients that are given this very certificate accept it as any other. */
function isOwnCa({ isCa, subject, issuer }: X509Facts): boolean {
  return isCa && subject === issuer;
}

function readOwnCa(leaf: X509Facts, private_key: string): Upload | Problem {
  const key = readKeyOf(private_key, leaf);
  if (isProblem(key)) return key;
  try {
    createSecureContext({ cert: leaf.pem, key: key.reveal() });
  } catch {
    return problem('certificate_unfit', 'OpenSSL does not serve it', '/certificate');
  }
  return { kind: 'upload', leaf, chain: [], key, warnings: [remark('server_self_signed')] };
}

// Everything but the time is looked at as if the certificate were in force.
function notAfter(certificate: X509Facts | undefined, now: Instant): Instant {
  return certificate === undefined ? now : instant(Math.min(now, certificate.notAfter));
}

/** Why clients refuse the certificate at this time, or `null` where they do not. */
export function outOfTime({ leaf }: Pick<Credential, 'leaf'>, now: Instant): string | null {
  if (now > leaf.notAfter) return `it expired on ${day(leaf.notAfter)}`;
  return now < leaf.notBefore ? `it is not valid before ${day(leaf.notBefore)}` : null;
}

function textOf(found: FileText, path: string, flag: string): string {
  switch (found.kind) {
    case 'text':
      return found.text;
    case 'unreadable':
      throw new StartError(`${flag} ${path} cannot be read: ${found.why}`, 'Check the path and its permissions.');
    case 'exposed':
      throw new StartError(
        `${flag} ${path} can be read by other users`,
        `Take their rights away: chmod 600 ${path}. If others may have read it, replace the key.`,
      );
  }
}

function refused({ code, detail, pointer }: Problem, files: CertificateFiles): StartError {
  const [flag, path] = pointer === '/private_key' ? ['--api-key', files.key] : ['--api-cert', files.certificate];
  const { text, fix } = PROBLEMS[code];
  return new StartError(`${flag} ${path}: ${text}${detail === '' ? '' : `: ${detail}`}`, FIXES[code] ?? fix);
}

// Where the words of the API, which is sent certificates, do not fit somebody who names a file.
const FIXES: Readonly<Partial<Record<Problem['code'], string>>> = {
  certificate_unreadable: 'The file holds the certificate in PEM, then its intermediates (often fullchain.pem).',
  key_unreadable: 'The file holds one unencrypted private key in PEM (often privkey.pem).',
  key_mismatch: 'Name the key that the certificate was requested with.',
  missing_leaf: 'Name the certificate of this server, which stands before its issuers in the file.',
  certificate_unfit: 'Have a server certificate issued that is not so.',
};

function day(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}
