import { createSecureContext } from 'node:tls';
import type { X509Facts } from '../../domain/certificate.ts';
import type { Instant } from '../../domain/ids.ts';
import { readBoundedFile } from '../../files/bounded-file.ts';
import { PkiError } from '../../pki/pki-error.ts';
import { loadCertificates } from '../../pki/read.ts';
import { Secret } from '../../pki/secret.ts';
import { type GuardProblem, guardProblem } from './problems.ts';
import type { Site } from './site.ts';

/** What a guard shows of itself. */
export interface Credential {
  readonly kind: 'credential';
  readonly leaf: X509Facts;
  /** Leaf and intermediates, as the file has them. */
  readonly chain: string;
  readonly key: Secret<string>;
}

const MOST_BYTES = 256 * 1024;

/** Reads the two files and sees whether they belong together and count now. Names the field to blame where not. */
export function readCredential({ certificate, key }: Site['credential'], now: Instant): Credential | GuardProblem {
  const chain = textOf('server_cert', certificate);
  if (typeof chain !== 'string') return chain;
  const secret = textOf('server_key', key);
  if (typeof secret !== 'string') return secret;
  try {
    const [leaf] = loadCertificates(chain);
    if (leaf === undefined) return guardProblem('certificate_unfit', 'server_cert', certificate);
    createSecureContext({ cert: chain, key: secret });
    if (now > leaf.notAfter || now < leaf.notBefore)
      return guardProblem('certificate_out_of_time', 'server_cert', `${certificate}: ${span(leaf)}`);
    return { kind: 'credential', leaf, chain, key: new Secret(secret) };
  } catch (error) {
    if (error instanceof PkiError)
      return guardProblem('certificate_unfit', 'server_cert', `${certificate}: ${error.message}`);
    // OpenSSL's words: the key is another, or none.
    return guardProblem('certificate_unfit', 'server_key', `${key}: ${(error as Error).message}`);
  }
}

function span({ notBefore, notAfter }: X509Facts): string {
  return `${new Date(notBefore).toISOString()} to ${new Date(notAfter).toISOString()}`;
}

function textOf(field: string, path: string): string | GuardProblem {
  const file = readBoundedFile(path, MOST_BYTES);
  if (file.kind === 'bytes') return file.bytes.toString('utf8');
  const why = file.kind === 'unreadable' ? file.error.code : file.kind === 'too_large' ? 'too large' : 'not a file';
  return guardProblem('unreadable', field, `${path}: ${why}`);
}
