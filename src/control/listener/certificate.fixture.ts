/** Certificate files of a listener, as an operator would have them. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Instant, instant } from '../../domain/ids.ts';
import { type Authority, createAuthority, type Issued, issueLeaf, type Validity } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import type { CertificateFiles } from './certificate.ts';

const DAY = 86_400_000;

/** From an hour before to so many days after. */
export function lasting(now: Instant, days: number): Validity {
  return { notBefore: instant(now - 3_600_000), notAfter: instant(now + days * DAY) };
}

/** A CA for the API's certificate. */
export async function listenerAuthority(now: Instant): Promise<Authority> {
  const subject = { commonName: 'CA of the operator' };
  return createAuthority({
    profile: PROFILES.serverRoot,
    subject,
    key: await generateKey(),
    validity: lasting(now, 90),
  });
}

/** A certificate for this machine's names. */
export async function listenerCertificate(issuer: Authority, validity: Validity): Promise<Issued> {
  const names = [{ kind: 'dns', value: 'localhost' } as const];
  const subject = { commonName: 'localhost' };
  return issueLeaf(issuer, { profile: PROFILES.serverLeaf, subject, key: await generateKey(), validity, names });
}

/** Puts certificate and key where a listener looks for them. */
export function writeFiles(directory: string, { certificate, key }: Issued): CertificateFiles {
  const files = { certificate: join(directory, 'api.pem'), key: join(directory, 'api.key') };
  writeFileSync(files.certificate, certificate.pem);
  writeFileSync(files.key, key.reveal(), { mode: 0o600 });
  return files;
}
