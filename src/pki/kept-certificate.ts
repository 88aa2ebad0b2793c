/** Certificates that are kept in memory by the hundred thousand: small, and read only where somebody asks for more. */

import { hash } from 'node:crypto';
import type { X509Facts } from '../domain/certificate.ts';
import { writePem, writtenDer } from './pem.ts';
import { reread } from './read.ts';

/** What rules and lists ask of a certificate: at hand without reading it. */
export type KnownFacts = Pick<X509Facts, 'fingerprint' | 'issuer' | 'serial' | 'notBefore' | 'notAfter'>;

/** The same facts in a quarter of the memory. They must not be spread: what is read on demand would be left behind. */
export function keep(facts: X509Facts): X509Facts {
  return facts instanceof KeptCertificate ? facts : new KeptCertificate(facts, writtenDer(LABEL, facts.pem));
}

/**
 * A certificate as it was kept before. `null` where the PEM is not that of the certificate of this fingerprint: so what
 * could be read when it was stored can be read now, and need not be read to know it.
 */
export function keptBefore(known: KnownFacts, pem: string): X509Facts | null {
  const der = writtenDer(LABEL, pem);
  return hash('sha256', der, 'hex') === known.fingerprint ? new KeptCertificate(known, der) : null;
}

const LABEL = 'CERTIFICATE';

class KeptCertificate implements X509Facts {
  readonly fingerprint: X509Facts['fingerprint'];
  readonly issuer: string;
  readonly serial: string;
  readonly notBefore: X509Facts['notBefore'];
  readonly notAfter: X509Facts['notAfter'];
  // A character for each octet: a third less than PEM, where a Buffer would be more.
  readonly #der: string;

  constructor({ fingerprint, issuer, serial, notBefore, notAfter }: KnownFacts, der: Buffer) {
    this.fingerprint = fingerprint;
    this.issuer = issuer;
    this.serial = serial;
    this.notBefore = notBefore;
    this.notAfter = notAfter;
    this.#der = der.toString('latin1');
  }

  get pem(): string {
    return writePem(LABEL, Buffer.from(this.#der, 'latin1'));
  }

  get subject(): string {
    return this.#read.subject;
  }

  get isCa(): boolean {
    return this.#read.isCa;
  }

  get keyUsage(): X509Facts['keyUsage'] {
    return this.#read.keyUsage;
  }

  get extendedKeyUsage(): X509Facts['extendedKeyUsage'] {
    return this.#read.extendedKeyUsage;
  }

  get dnsNames(): readonly string[] {
    return this.#read.dnsNames;
  }

  get uris(): readonly string[] {
    return this.#read.uris;
  }

  get keyType(): string {
    return this.#read.keyType;
  }

  get spki(): string {
    return this.#read.spki;
  }

  get #read(): X509Facts {
    return reread(this).facts;
  }
}
