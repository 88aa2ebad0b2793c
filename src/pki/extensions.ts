/** Certificate extensions, written (RFC 5280 §4.2.1). */

import { createHash } from 'node:crypto';
import {
  boolean,
  contextConstructed,
  contextPrimitive,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
} from './der.ts';
import { type GeneralName, generalName } from './general-name.ts';
import { EXTENSION, extendedKeyUsageOid, KEY_USAGES, type KeyUsage, OCSP_ACCESS, OCSP_NONCE } from './oids.ts';
import { PkiError } from './pki-error.ts';

/** Names that everything below an intermediate must keep to. */
export interface PermittedNames {
  /** Hosts of URIs, exactly. */
  readonly uriHosts: readonly string[];
  /** DNS names, each with everything below it. */
  readonly dnsNames: readonly string[];
}

/** §4.2.1.9. `pathLength` is the number of intermediates that may follow; `null` for any. */
export function basicConstraints(pathLength: number | null): Buffer {
  const content = sequence(boolean(true), ...(pathLength === null ? [] : [integer(pathLength)]));
  return extension(EXTENSION.basicConstraints, 'critical', content);
}

/** §4.2.1.9 for what is no CA: both members stand at their defaults, which DER leaves out. */
export function notACa(): Buffer {
  return extension(EXTENSION.basicConstraints, 'critical', sequence());
}

/** §4.2.1.3. */
export function keyUsage(usages: readonly KeyUsage[]): Buffer {
  const bits = usages.map((usage) => KEY_USAGES.indexOf(usage));
  return extension(EXTENSION.keyUsage, 'critical', namedBits(bits));
}

/** §4.2.1.12. Short names or OIDs. */
export function extendedKeyUsage(usages: readonly string[]): Buffer {
  const content = sequence(...usages.map((usage) => oid(extendedKeyUsageOid(usage))));
  return extension(EXTENSION.extendedKeyUsage, 'plain', content);
}

/** §4.2.1.6. */
export function subjectAltName(names: readonly GeneralName[]): Buffer {
  return extension(EXTENSION.subjectAltName, 'plain', sequence(...names.map(generalName)));
}

/** §4.2.1.10, always critical: who cannot check the constraint must not believe the certificate. */
export function nameConstraints({ uriHosts, dnsNames }: PermittedNames): Buffer {
  const subtrees = [
    ...dnsNames.map((name) => sequence(generalName({ kind: 'dns', value: name }))),
    // A URI constraint is a bare host, not a URI.
    ...uriHosts.map((host) => sequence(contextPrimitive(6, hostText(host)))),
  ];
  return extension(EXTENSION.nameConstraints, 'critical', sequence(contextConstructed(0, ...subtrees)));
}

/** §4.2.1.2. */
export function subjectKeyIdentifier(identifier: Uint8Array): Buffer {
  return extension(EXTENSION.subjectKeyIdentifier, 'plain', octetString(identifier));
}

/** §4.2.1.1, by key identifier. */
export function authorityKeyIdentifier(identifier: Uint8Array): Buffer {
  return extension(EXTENSION.authorityKeyIdentifier, 'plain', sequence(contextPrimitive(0, identifier)));
}

/** §4.2.1.13: one place where the CRL is to be had. */
export function crlDistributionPoint(url: string): Buffer {
  const fullName = contextConstructed(0, generalName({ kind: 'uri', value: url }));
  return extension(EXTENSION.crlDistributionPoints, 'plain', sequence(sequence(contextConstructed(0, fullName))));
}

/** §4.2.2.1: where the issuer answers about single certificates. */
export function ocspAccess(url: string): Buffer {
  const description = sequence(oid(OCSP_ACCESS), generalName({ kind: 'uri', value: url }));
  return extension(EXTENSION.authorityInformationAccess, 'plain', sequence(description));
}

/** §5.2.3. */
export function crlNumber(number: number): Buffer {
  return extension(EXTENSION.crlNumber, 'plain', integer(number));
}

/** RFC 9654 §2.1. */
export function ocspNonce(nonce: Uint8Array): Buffer {
  return extension(OCSP_NONCE, 'plain', octetString(nonce));
}

/** §5.3.1, of one entry of a list. */
export function reasonCode(code: Uint8Array): Buffer {
  return extension(EXTENSION.reasonCode, 'plain', code);
}

/**
 * A key's identifier by RFC 7093 §2 method 1: the leftmost 160 bits of SHA-256 over the public key's bits. Not the SHA-1
 * of RFC 5280, because crypto libraries in FIPS mode refuse SHA-1 whatever it is for.
 */
export function keyIdentifier(publicKeyBits: Uint8Array): Buffer {
  return createHash('sha256').update(publicKeyBits).digest().subarray(0, 20);
}

function extension(id: string, weight: 'critical' | 'plain', content: Uint8Array): Buffer {
  return sequence(oid(id), ...(weight === 'critical' ? [boolean(true)] : []), octetString(content));
}

function hostText(host: string): Buffer {
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(host)) throw new PkiError('name_invalid', `not a host: ${host}`);
  return Buffer.from(host, 'latin1');
}
