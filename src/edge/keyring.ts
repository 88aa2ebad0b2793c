import type { SecureContext } from 'node:tls';
import type { CertificateId } from '../domain/ids.ts';
import type { OriginCheck } from '../domain/plan.ts';
import { packPem, unpackPem } from '../pki/pem.ts';
import { Secret } from '../pki/secret.ts';
import { originContext, type OriginTerms, type Presented } from '../pull/origin-context.ts';

/** There may be 100,000 of these: what is their own is packed, and the issuers are one text for all whose they are. */
interface Material {
  readonly leaf: string;
  readonly issuers: string;
  readonly key: Secret<string>;
}

/** The client certificates that this edge may present, with their keys. */
export interface Keyring {
  readonly put: (certificate: CertificateId, chain: string, key: Secret<string>) => void;
  readonly drop: (certificate: CertificateId) => void;
  /** Believes this CA, in PEM, wherever the public ones are believed. */
  readonly trust: (originCa: string) => void;
  /** A TLS context that presents a certificate (or none) and is bound by the terms; `null` without the key. */
  readonly context: (certificate: CertificateId | null, terms: OriginTerms) => SecureContext | null;
}

// A context costs about 0.4 ms and 45 KB: made when first needed, and only the recently used are kept.
const MAX_CONTEXTS = 1_000;
const END = '-----END CERTIFICATE-----\n';

/** An empty keyring. */
export function createKeyring(): Keyring {
  const materials = new Map<CertificateId, Material>();
  const contexts = new Map<string, SecureContext>();
  let believed: string | null = null;
  let last: Material | null = null;

  const forget = (certificate: CertificateId): void => {
    for (const name of contexts.keys()) if (name.startsWith(`${certificate}|`)) contexts.delete(name);
  };

  return {
    put: (certificate, chain, key) => {
      const material = packed(chain, key, last);
      last = material;
      // An edge that begins anew is told all keys again: what was made with the same one stays.
      if (isSame(material, materials.get(certificate))) return;
      forget(certificate);
      materials.set(certificate, material);
    },
    drop: (certificate) => {
      forget(certificate);
      materials.delete(certificate);
    },
    trust: (originCa) => {
      if (believed !== originCa) contexts.clear();
      believed = originCa;
    },
    context: (certificate, terms) => {
      const material = certificate === null ? null : materials.get(certificate);
      if (material === undefined) return null;
      const name = `${certificate ?? '-'}|${terms.compliance}|${trustName(terms.check)}`;
      const made = contexts.get(name) ?? originContext(material && unpacked(material), terms, believed);
      contexts.delete(name);
      contexts.set(name, made);
      const oldest = contexts.size > MAX_CONTEXTS ? contexts.keys().next().value : undefined;
      if (oldest !== undefined) contexts.delete(oldest);
      return made;
    },
  };
}

function trustName(check: OriginCheck): string {
  return check.kind === 'none' ? 'none' : check.cas.map((ca) => ca.fingerprint).join(',');
}

/** The keys of a zone come one after the other, so most have the issuers of the one before. */
function packed(chain: string, key: Secret<string>, before: Material | null): Material {
  const end = chain.indexOf(END) + END.length;
  const issuers = chain.slice(end);
  return {
    leaf: packPem('CERTIFICATE', chain.slice(0, end)),
    // What `slice` gives holds on to all of the chain: hence a copy.
    issuers: issuers === before?.issuers ? before.issuers : Buffer.from(issuers, 'latin1').toString('latin1'),
    key: new Secret(packPem('PRIVATE KEY', key.reveal())),
  };
}

function isSame(one: Material, other: Material | undefined): boolean {
  return one.leaf === other?.leaf && one.issuers === other.issuers && one.key.reveal() === other.key.reveal();
}

function unpacked({ leaf, issuers, key }: Material): Presented {
  return { cert: unpackPem('CERTIFICATE', leaf) + issuers, key: unpackPem('PRIVATE KEY', key.reveal()) };
}
