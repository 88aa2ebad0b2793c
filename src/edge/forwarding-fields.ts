/**
 * Fields that a visitor may not send on: an origin behind the edge believes them because only the edge can set them.
 * Compared without regard to case and with `_` read as `-`, since CGI-like applications fold both into one name.
 */
const IDENTITY_FIELDS: ReadonlySet<string> = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-forwarded-scheme',
  'x-forwarded-client-cert',
  'x-forwarded-tls-client-cert',
  'x-forwarded-tls-client-cert-info',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-original-url',
  'x-rewrite-url',
  'x-url-scheme',
  'true-client-ip',
  'fastly-client-ip',
  'client-cert',
  'client-cert-chain',
  'x-client-cert',
  'x-ssl-client-cert',
  'x-ssl-cert',
  'x-amzn-mtls-clientcert',
  'cdn-loop',
  // CVE-2016-5385: CGI programs take it for their own proxy setting.
  'proxy',
]);

const IDENTITY_PREFIXES = [
  'cf-',
  'x-ssl-client-',
  'ssl-client-',
  'x-amzn-mtls-',
  'x-postern-',
  'x-client-verify',
  'x-client-cert-',
];
const IDENTITY_SUFFIXES = ['-verified', '-verify', '-client-cert-verified'];

/** Whether an inbound field claims something about identity that only the edge may say. `name` is lower-case. */
export function isIdentityField(name: string): boolean {
  const folded = name.replaceAll('_', '-');
  return (
    IDENTITY_FIELDS.has(folded) ||
    IDENTITY_PREFIXES.some((prefix) => folded.startsWith(prefix)) ||
    (folded.startsWith('x-') && IDENTITY_SUFFIXES.some((suffix) => folded.endsWith(suffix)))
  );
}

/** What the edge says about a visit. */
export interface Visit {
  readonly address: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
}

/**
 * The fields that the edge sets on every pull, as lines of a head; the request's own id is added by the caller. Values are
 * the edge's own or parsed ones, never free text of a visitor. `loopName` is how this edge knows its own pulls again
 * (CDN-Loop, RFC 8586).
 */
export function forwardingLines({ address, scheme, host }: Visit, loopName: string): string {
  const quoted = address.includes(':') ? `"[${address}]"` : address;
  return (
    `X-Forwarded-For: ${address}\r\nX-Forwarded-Proto: ${scheme}\r\nX-Forwarded-Host: ${host}\r\n` +
    `Forwarded: for=${quoted};proto=${scheme};host="${host}"\r\nCF-Connecting-IP: ${address}\r\n` +
    `CF-Visitor: {"scheme":"${scheme}"}\r\nCDN-Loop: ${loopName}\r\n`
  );
}
