import type { CertificateDer } from './certificate-der.ts';
import {
  hasDirectoryName,
  isDirectoryName,
  type NameConstraints,
  type ReadName,
  readAltNames,
} from './read-extensions.ts';

/**
 * Whether every name of the certificate keeps to the constraints of a CA above it (RFC 5280 §4.2.1.10). A kind of name
 * that is constrained but not understood here counts as a breach.
 */
export function namesPermitted(certificate: CertificateDer, constraints: NameConstraints): boolean {
  const { permitted, excluded } = constraints;
  if (hasDirectoryName(certificate) && [...permitted, ...excluded].some(isDirectoryName)) return false;
  return readAltNames(certificate).every((name) => namePermitted(name, constraints));
}

/** Whether one name, of a certificate or of a host that somebody expects in one, keeps to them. */
export function namePermitted(name: ReadName, { permitted, excluded }: NameConstraints): boolean {
  if (excluded.some((constraint) => sameKind(constraint, name) && matches(constraint, name, true))) return false;
  const constraints = permitted.filter((constraint) => sameKind(constraint, name));
  return constraints.length === 0 || constraints.some((constraint) => matches(constraint, name, false));
}

function sameKind(constraint: ReadName, name: ReadName): boolean {
  if (constraint.kind === 'other' && name.kind === 'other') return constraint.tag === name.tag;
  return constraint.kind === name.kind;
}

// Where the answer cannot be known, `unknown` is given: the one that refuses.
function matches(constraint: ReadName, name: ReadName, unknown: boolean): boolean {
  if (constraint.kind === 'dns' && name.kind === 'dns') return dnsWithin(name.text, constraint.text);
  if (constraint.kind === 'ip' && name.kind === 'ip') return addressWithin(name.octets, constraint.octets);
  if (constraint.kind !== 'uri' || name.kind !== 'uri') return unknown;
  const host = uriHost(name.text);
  return host === null ? unknown : hostMatches(host, constraint.text);
}

/** The constraint itself and everything below it; an empty one stands for every name. */
function dnsWithin(name: string, constraint: string): boolean {
  const [lower, base] = [name.toLowerCase(), constraint.toLowerCase()];
  return base === '' || lower === base || lower.endsWith(base.startsWith('.') ? base : `.${base}`);
}

/** A host exactly, or with a leading dot everything below it. */
function hostMatches(host: string, constraint: string): boolean {
  const base = constraint.toLowerCase();
  return base.startsWith('.') ? host.endsWith(base) : host === base;
}

// Not `URL`: for schemes it does not know it reads a host differently from the verifiers at origins.
function uriHost(uri: string): string | null {
  const [, authority] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(uri) ?? [];
  const [, host] = /^([a-z0-9._-]+)(?::\d*)?$/i.exec(authority ?? '') ?? [];
  return host === undefined ? null : host.toLowerCase();
}

function addressWithin(address: Buffer, constraint: Buffer): boolean {
  if (constraint.length !== address.length * 2) return false;
  const mask = constraint.subarray(address.length);
  return address.every((octet, index) => ((octet ^ (constraint[index] ?? 0)) & (mask[index] ?? 0xff)) === 0);
}
