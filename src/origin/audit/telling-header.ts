/** Names by which applications are told that a certificate was verified. */
const TELLING = /verif|client-?cert|ssl-?client|client-?s?-?dn|edge-?(?:ok|auth)|mtls/i;

/** Whether a header's name says that it tells of a caller's certificate. */
export function tellsOfCertificate(name: string): boolean {
  return TELLING.test(name);
}
