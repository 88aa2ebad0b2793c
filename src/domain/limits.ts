import { type Problem, problem } from './problems.ts';

/**
 * How many of each thing an installation takes: every count has an end, so that no caller can fill the memory of others.
 * Far above Cloudflare's (10 certificates for hostnames in a zone, 100 hostnames for each), and the operator's to choose.
 */
export const DEFAULT_LIMITS = {
  accounts: 10_000,
  zones: 100_000,
  tokens: 10_000,
  noticeChannels: 1000,
  recordsPerZone: 250_000,
  aopCertificatesPerZone: 10_000,
  certificateRequestsPerZone: 100,
  aopHostnamesPerCertificate: 100_000,
  aopHostnamesPerZone: 250_000,
  trustedCasPerZone: 100,
  visitorCertificatesPerZone: 1000,
  visitorAuthoritiesPerZone: 1000,
  visitorAuthoritiesPerHostname: 50,
  originCertificatesPerZone: 10_000,
  revocationsPerZone: 100_000,
  openingsPerZone: 1000,
  lookPathsPerZone: 1000,
  originReportsPerZone: 1000,
  callerHostnamesPerZone: 200,
  setupsPerZone: 100,
};

export type LimitName = keyof typeof DEFAULT_LIMITS;
export type Limits = Readonly<Record<LimitName, number>>;

/** A limit's name as it is written on the command line and in a configuration file. */
export function limitKey(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** That a zone has as many things of one kind as it may. */
export function tooMany(what: string, name: LimitName, limits: Limits): Problem {
  return problem('too_many_certificates', `${limits[name]} ${what} (${limitKey(name)})`);
}
