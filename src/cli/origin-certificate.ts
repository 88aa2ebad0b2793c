import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { X509Facts } from '../domain/certificate.ts';
import { writeCertificationRequest } from '../pki/csr.ts';
import { generateKey, importKey, keyMatches, type PrivateKey } from '../pki/keys.ts';
import { PkiError } from '../pki/pki-error.ts';
import { loadCertificates } from '../pki/read.ts';
import { type ApiAccess, callApi, fetchText } from './api.ts';
import { EXIT, Failure } from './failure.ts';

/** A server certificate of the Origin CA: for the names of one zone, in two files of their own. */
export interface OriginCertificatePlan {
  readonly zone: string;
  readonly names: readonly string[];
  readonly serverCert: string;
  readonly serverKey: string;
  /** Nothing is there yet. */
  readonly isNew: boolean;
}

/** What was made, and how it is taken back where the rest fails. */
export interface IssuedOriginCertificate {
  readonly told: string;
  readonly takeBack: () => Promise<void>;
}

/** Where the certificate of a zone's names is or shall be. What is there is checked, never overwritten. */
export function originCertificatePlan(
  zone: string,
  names: readonly string[],
  { out, now }: { readonly out: string | undefined; readonly now: number },
): OriginCertificatePlan {
  const plan = { zone, names, ...originCertificateFiles(zone, resolve(out === undefined ? '.' : dirname(out))) };
  const { serverCert, serverKey } = plan;
  const [hasCert, hasKey] = [existsSync(serverCert), existsSync(serverKey)];
  if (!hasCert && !hasKey) return { ...plan, isNew: true };
  const fault = hasCert && hasKey ? faultOf(plan, now) : 'its other half is missing';
  if (fault !== null)
    throw new Failure(
      `${hasCert ? serverCert : serverKey} is there, but ${fault}; it is never overwritten.`,
      `Move ${serverCert} and ${serverKey} away to have both made anew, or name them with --server-cert and --server-key.`,
      EXIT.notGood,
    );
  return { ...plan, isNew: false };
}

/** Where the certificate of a zone's names goes within a directory, and its key. */
export function originCertificateFiles(
  zone: string,
  directory: string,
): Pick<OriginCertificatePlan, 'serverCert' | 'serverKey'> {
  const serverCert = join(directory, `postern-${zone}-origin.pem`);
  // HAProxy looks for the key there; the others take it from anywhere.
  return { serverCert, serverKey: `${serverCert}.key` };
}

function faultOf({ serverCert, serverKey, names }: Omit<OriginCertificatePlan, 'isNew'>, now: number): string | null {
  try {
    const [certificate] = loadCertificates(readFileSync(serverCert, 'utf8'));
    if (certificate === undefined) return 'it holds no certificate';
    return unfit(certificate, importKey(readFileSync(serverKey, 'utf8')), names, now);
  } catch (error) {
    if (error instanceof PkiError) return error.message;
    if (error instanceof Error && 'code' in error) return `it cannot be read (${String(error.code)})`;
    throw error;
  }
}

function unfit(certificate: X509Facts, key: PrivateKey, names: readonly string[], now: number): string | null {
  if (!keyMatches(key, certificate)) return 'the key beside it is that of another certificate';
  if (certificate.notAfter <= now) return 'it has ended';
  const missing = names.find((name) => !certificate.dnsNames.includes(name));
  return missing === undefined ? null : `it is not for ${missing}`;
}

const ORIGIN_CA_ROOT = '/ssl/static/origin_ca_ecc_root.pem';

/** Makes a key here, has the Origin CA certify it, and writes both. The key never leaves this machine. */
export async function issueOriginCertificate(
  access: ApiAccess,
  plan: OriginCertificatePlan,
): Promise<IssuedOriginCertificate> {
  const { names, serverCert, serverKey, zone } = plan;
  const key = await generateKey();
  const subject = { commonName: zone };
  const csr = writeCertificationRequest({ subject, names: names.map((value) => ({ kind: 'dns', value })), key });
  const body = { csr, hostnames: names, request_type: 'origin-ecc' };
  const { result } = await callApi<{ readonly id: string; readonly certificate: string }>(
    access,
    'POST',
    '/client/v4/certificates',
    body,
  );
  const takeBack = async (): Promise<void> => {
    for (const path of [serverKey, serverCert]) rmSync(path, { force: true });
    // Nobody holds its key any more; where this fails too, it only stays in the list.
    await callApi(access, 'DELETE', `/client/v4/certificates/${result.id}`).catch(() => undefined);
  };
  try {
    checkAnswer(result.certificate, key, names);
    write(serverKey, key.reveal(), 0o600);
    // With its issuer: lighttpd finds no chain for a leaf alone, and then answers nobody.
    write(serverCert, `${result.certificate}${await fetchText(access, ORIGIN_CA_ROOT)}`, 0o644);
  } catch (error) {
    await takeBack();
    throw error;
  }
  return {
    told: `wrote the Origin CA's certificate for ${names.join(', ')} to ${serverCert}, and its key to ${serverKey}, which its owner alone can read`,
    takeBack,
  };
}

function checkAnswer(pem: string, key: PrivateKey, names: readonly string[]): void {
  const [certificate] = loadCertificates(pem);
  const fault = certificate === undefined ? 'it is none' : unfit(certificate, key, names, 0);
  if (fault === null) return;
  throw new Failure(
    `The certificate that the control plane answered is not the one asked for: ${fault}.`,
    'Look whether --api leads to your Postern.',
    EXIT.undetermined,
  );
}

function write(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: 'wx' });
  } catch (error) {
    throw new Failure(
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code}).`,
      'Name a file in a directory that this user may write to with --out FILE.',
      EXIT.undetermined,
    );
  }
}
