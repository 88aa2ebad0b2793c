/**
 * Fields by which servers tell those behind them who asks. Whoever stands behind believes them because only the server in
 * front can set them, so copies that come from further away must not go on.
 */

interface Shapes {
  readonly names: ReadonlySet<string>;
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
}

/** About the person far away: which address, which scheme, which host. */
const VISITOR: Shapes = {
  names: new Set([
    'forwarded',
    'x-forwarded',
    'x-real-ip',
    'x-proxyuser-ip',
    'x-client-ip',
    'client-ip',
    'proxy-client-ip',
    'x-cluster-client-ip',
    'x-originating-ip',
    'x-remote-ip',
    'x-remote-addr',
    'x-original-forwarded-for',
    'x-original-host',
    'x-original-method',
    'x-original-uri',
    'x-original-url',
    'x-rewrite-url',
    'x-host',
    'x-scheme',
    'x-url-scheme',
    'front-end-https',
    'true-client-ip',
    'fastly-client-ip',
    'cdn-loop',
  ]),
  prefixes: ['cf-', 'x-forwarded-', 'x-azure-', 'x-envoy-', 'wl-proxy-client-'],
  suffixes: [],
};

/** About who was authenticated, and by which certificate. */
const CERTIFICATE: Shapes = {
  names: new Set([
    'x-remote-user',
    'remote-user',
    'client-cert',
    'client-cert-chain',
    'client-verify',
    'x-client-cert',
    'x-client-dn',
    'x-forwarded-client-cert',
    'x-ssl-cert',
    'x-ssl-subject',
    'x-ssl-issuer',
    'ssl-cert',
    'x-arr-clientcert',
    'x-arr-ssl',
    // CVE-2016-5385: CGI programs take it for their own proxy setting.
    'proxy',
  ]),
  prefixes: [
    'x-forwarded-tls-client-',
    'x-tls-client-',
    'tls-client-',
    'x-ssl-client-',
    'ssl-client-',
    'x-amzn-mtls-',
    'x-postern-',
    'x-client-verify',
    'x-client-cert-',
  ],
  suffixes: ['-verified', '-verify'],
};

/** All of both, for servers that are told what to remove: names, and how names begin or end, in lower case. */
export const IDENTITY_SHAPES: Shapes = {
  names: new Set([...VISITOR.names, ...CERTIFICATE.names]),
  prefixes: [...VISITOR.prefixes, ...CERTIFICATE.prefixes],
  suffixes: [...VISITOR.suffixes, ...CERTIFICATE.suffixes],
};

/** Whether a field, by its folded name, says something about a visitor that only an edge may say. */
export function claimsVisitor(folded: string): boolean {
  return matches(folded, VISITOR);
}

/** Whether a field, by its folded name, says something about a certificate that only who has seen it may say. */
export function claimsCertificate(folded: string): boolean {
  return matches(folded, CERTIFICATE);
}

/** Whether a field, by its folded name, says something about either. */
export function claimsIdentity(folded: string): boolean {
  return claimsVisitor(folded) || claimsCertificate(folded);
}

function matches(folded: string, { names, prefixes, suffixes }: Shapes): boolean {
  return (
    names.has(folded) ||
    prefixes.some((prefix) => folded.startsWith(prefix)) ||
    (folded.startsWith('x-') && suffixes.some((suffix) => folded.endsWith(suffix)))
  );
}
