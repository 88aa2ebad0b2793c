import { fieldLine } from '../http1/write.ts';
import type { Forwarding } from '../pull/origin-request.ts';

/**
 * Fields that a visitor may not send on: an origin behind the edge believes them because only the edge can set them.
 */
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

/** Whether an inbound field, by its folded name, claims something about identity that only the edge may say. */
export function claimsIdentity(folded: string): boolean {
  return (
    IDENTITY_FIELDS.has(folded) ||
    IDENTITY_PREFIXES.some((prefix) => folded.startsWith(prefix)) ||
    (folded.startsWith('x-') && IDENTITY_SUFFIXES.some((suffix) => folded.endsWith(suffix)))
  );
}

/** What the edge says about whoever makes a request. */
interface Told {
  /** Addresses from the visitor to the edge's own peer: one, where nobody stands between. */
  readonly path: readonly string[];
  readonly scheme: 'http' | 'https';
  readonly host: string;
}

/**
 * The fields by which the edge tells an origin who visits. Values are the edge's own or parsed ones, never free text of a
 * visitor.
 */
export function forwarding({ path, scheme, host }: Told): Forwarding {
  const quoted = path.map((address) => (address.includes(':') ? `for="[${address}]"` : `for=${address}`));
  const fields = [
    ['X-Forwarded-For', path.join(', ')],
    ['X-Forwarded-Proto', scheme],
    ['X-Forwarded-Host', host],
    ['Forwarded', `${quoted.join(', ')};proto=${scheme};host="${host}"`],
    ['CF-Connecting-IP', path[0] ?? ''],
    ['CF-Visitor', `{"scheme":"${scheme}"}`],
  ] as const;
  return { fields, lines: fields.map(([name, value]) => fieldLine(name, value)).join('') };
}
