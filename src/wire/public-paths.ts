/** Where everybody finds out, without a token, whom to trust, and what is revoked. */

/** The bundle of a zone, in PEM. */
export function zoneBundlePath(zone: string): string {
  return `/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem`;
}

/** What is said of that bundle. */
export function zoneManifestPath(zone: string): string {
  return `/ssl/static/zones/${zone}/authenticated_origin_pull_ca.json`;
}

/** The signature under what is said of it. */
export function zoneSignaturePath(zone: string): string {
  return `/ssl/static/zones/${zone}/authenticated_origin_pull_ca.json.sig`;
}

/** The lists of a zone's CAs, all in one file, in PEM. */
export function zoneListsPath(zone: string): string {
  return `/ssl/static/zones/${zone}/authenticated_origin_pull_ca.crl`;
}

/** The list of one CA, in DER. */
export function caListPath(zone: string, issuer: string): string {
  return `/ssl/static/zones/${zone}/crl/${issuer}.crl`;
}

/** Where one asks about single certificates of a zone; the requests of GET stand below it. */
export function ocspPath(zone: string): string {
  return `/ocsp/zones/${zone}`;
}

/** The same as addresses, for certificates that `issuer` makes. */
export function revocationUrls(publicUrl: string, zone: string, issuer: string) {
  return { crlUrl: publicUrl + caListPath(zone, issuer), ocspUrl: publicUrl + ocspPath(zone) };
}
