/** Fields that nobody but the edge, or a lock in front of an application, may set: whoever stands behind believes them. */
const IDENTITY_FIELDS: ReadonlySet<string> = new Set([
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'client-ip',
  'proxy-client-ip',
  'x-cluster-client-ip',
  'x-originating-ip',
  'x-remote-ip',
  'x-remote-addr',
  'x-remote-user',
  'remote-user',
  'x-original-forwarded-for',
  'x-original-host',
  'x-original-url',
  'x-rewrite-url',
  'x-host',
  'x-url-scheme',
  'front-end-https',
  'true-client-ip',
  'fastly-client-ip',
  'client-cert',
  'client-cert-chain',
  'client-verify',
  'x-client-cert',
  'x-client-dn',
  'x-ssl-cert',
  'x-ssl-subject',
  'x-ssl-issuer',
  'ssl-cert',
  'x-arr-clientcert',
  'x-arr-ssl',
  'cdn-loop',
  // CVE-2016-5385: CGI programs take it for their own proxy setting.
  'proxy',
]);

const IDENTITY_PREFIXES = [
  'cf-',
  'x-forwarded-',
  'x-ssl-client-',
  'ssl-client-',
  'x-amzn-mtls-',
  'x-azure-',
  'x-envoy-',
  'wl-proxy-client-',
  'x-postern-',
  'x-client-verify',
  'x-client-cert-',
];
const IDENTITY_SUFFIXES = ['-verified', '-verify'];

/** A field's name as CGI-like applications see it: case gone, and every other mark the same as a hyphen. */
export function foldedName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

/** Whether an inbound field, by its folded name, claims something about identity that its sender may not say. */
export function claimsIdentity(folded: string): boolean {
  return (
    IDENTITY_FIELDS.has(folded) ||
    IDENTITY_PREFIXES.some((prefix) => folded.startsWith(prefix)) ||
    (folded.startsWith('x-') && IDENTITY_SUFFIXES.some((suffix) => folded.endsWith(suffix)))
  );
}
