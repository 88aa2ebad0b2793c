import { broken, type Case, IDENTITY, locked, NEIGHBOUR_NAME, NOTHING, open, TENANTS, unknown } from '../case.ts';
import { CADDY_QUIET } from '../frames.ts';

const CERT = 'tls @DIR@/site.pem @DIR@/site.key';
const PROXY = 'reverse_proxy 127.0.0.1:@APP@';
const asked = (mode: string, trust = 'trusted_ca_cert_file @DIR@/edge-ca.pem') => `${CERT} {
    client_auth {
      mode ${mode}
      ${trust}
    }
  }`;
const site = (name: string, ...lines: readonly string[]) => `
https://${name}:@TLS@ {
  bind 127.0.0.1
  ${lines.join('\n  ')}
}`;
const LOCK = asked('require_and_verify');
const both = (...refs: readonly string[]) => ({ live: open(...refs), written: open(...refs) });
const holds = (...refs: readonly string[]) => ({ live: locked(...refs), written: locked(...refs) });

/** Caddy with and without locks. */
export const CADDY: readonly Case[] = [
  { name: 'no lock at all', text: site('a.test', CERT, PROXY), hand: IDENTITY, ...both('NE-01') },
  {
    name: 'a certificate that is asked for and not looked at',
    text: site('a.test', asked('request', ''), PROXY),
    hand: IDENTITY,
    live: open('NE-02'),
    written: { verdict: 'open', also: ['NE-02', 'NE-03'] },
  },
  {
    name: 'a certificate that is verified if there is one',
    text: site('a.test', asked('verify_if_given'), PROXY),
    hand: IDENTITY,
    ...both('NE-02'),
  },
  {
    name: 'a certificate that must be there and may be anything',
    text: site('a.test', asked('require', ''), PROXY),
    hand: IDENTITY,
    ...both('NE-20'),
  },
  {
    name: 'a certificate that may be anything, and nothing at hand',
    text: site('a.test', asked('require', ''), PROXY),
    hand: NOTHING,
    ...both('NE-20'),
  },
  {
    name: 'names in handshake and Host that may differ',
    text: `{
${CADDY_QUIET}
  servers {
    strict_sni_host insecure_off
  }
}
${site('a.test', LOCK, PROXY)}${site('b.test', CERT, 'reverse_proxy 127.0.0.1:@BLOG@')}`,
    hand: NEIGHBOUR_NAME,
    ...both('NE-08'),
  },
  {
    name: 'another name with the same application',
    text: `${site('a.test', LOCK, PROXY)}${site('b.test', CERT, PROXY)}`,
    hand: NEIGHBOUR_NAME,
    ...both('NE-07'),
  },
  {
    name: 'plain HTTP with the application',
    text: `${site('a.test', LOCK, PROXY)}
http://a.test:@HTTP@ {
  bind 127.0.0.1
  ${PROXY}
}`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...both('NE-10'),
  },
  {
    name: 'another port without a lock',
    text: `${site('a.test', LOCK, PROXY)}${site('a.test', CERT, PROXY).replace('@TLS@', '@OTHER@')}`,
    hand: { ...IDENTITY, also: [['OTHER']] },
    ...both('NE-11'),
  },
  {
    name: 'a header that the caller may send itself',
    text: site('a.test', asked('verify_if_given'), PROXY),
    hand: { header: 'X-Edge-Verified' },
    application: 'believing',
    live: open('HT-01'),
    written: { verdict: 'open', also: ['NE-02', 'HT-01'] },
  },
  {
    name: 'an authority that serves several customers, of which another comes',
    text: site('a.test', LOCK, PROXY),
    hand: TENANTS,
    live: open('TT-04'),
    written: { verdict: 'locked', also: ['TT-04'] },
  },
  {
    name: 'an intermediate in place of its root, which Go takes for one',
    text: site('a.test', asked('require_and_verify', 'trusted_ca_cert_file @DIR@/intermediate.pem'), PROXY),
    hand: { identity: 'via-intermediate' },
    live: locked(),
    written: { verdict: 'locked', also: ['TT-10'] },
  },
  {
    name: 'everything that a lock should have',
    text: `{
${CADDY_QUIET}
  servers {
    strict_sni_host on
    protocols h1 h2
  }
}
${site(
  'a.test',
  LOCK,
  '@edge expression `{http.request.tls.client.fingerprint} == "@SHA256@"`',
  `handle @edge {
    ${PROXY}
  }
  handle {
    respond 403
  }`,
)}`,
    hand: { ...TENANTS, authority: 'edge' },
    ...holds(),
  },
  {
    name: 'the plain lock, with HTTP/3 beside it as it comes',
    text: site('a.test', LOCK, PROXY),
    hand: IDENTITY,
    live: { verdict: 'locked', refs: ['NE-25'], notChecked: [/HTTP\/3/] },
    written: locked(),
  },
  { name: 'the plain lock, and nothing at hand', text: site('a.test', LOCK, PROXY), hand: NOTHING, ...holds() },
  {
    name: 'the plain lock, and only the public half of the identity at hand',
    text: site('a.test', LOCK, PROXY),
    hand: { ...IDENTITY, keyless: true },
    ...holds(),
  },
  {
    name: 'the plain lock beside a site that may stay open',
    text: `${site('a.test', LOCK, PROXY)}${site('b.test', CERT, 'reverse_proxy 127.0.0.1:@BLOG@')}`,
    hand: NEIGHBOUR_NAME,
    ...holds(),
  },
  {
    name: 'two sites with an authority each',
    text: `${site('a.test', LOCK, PROXY)}${site('b.test', asked('require_and_verify', 'trusted_ca_cert_file @DIR@/partner-ca.pem'), 'reverse_proxy 127.0.0.1:@BLOG@')}`,
    hand: { ...NEIGHBOUR_NAME, foreign: ['partner'] },
    ...holds(),
  },
  {
    name: 'a lock from a snippet',
    text: `(edge) {
  ${LOCK}
}
${site('a.test', 'import edge', PROXY)}`,
    hand: IDENTITY,
    ...holds(),
  },
  {
    name: 'plain HTTP that only redirects',
    text: `${site('a.test', LOCK, PROXY)}
http://a.test:@HTTP@ {
  bind 127.0.0.1
  redir https://a.test{uri} permanent
}`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...holds(),
  },
  {
    name: "the edge's own certificate as a pin, which Go takes",
    text: site('a.test', asked('require_and_verify', 'trusted_ca_cert_file @DIR@/edge-leaf.pem'), PROXY),
    hand: TENANTS,
    live: locked(),
    written: { verdict: 'locked', also: ['TT-10'] },
  },
  {
    name: 'the authority of before only',
    text: site('a.test', asked('require_and_verify', 'trusted_ca_cert_file @DIR@/old-ca.pem'), PROXY),
    hand: IDENTITY,
    live: { verdict: 'broken', also: ['LO-03', 'LO-04', 'LO-07', 'LO-05'] },
    written: locked(),
  },
  {
    name: 'a leaf that is trusted beside the authorities of the system',
    text: site('a.test', asked('require_and_verify', 'trusted_leaf_cert_file @DIR@/edge-leaf.pem'), PROXY),
    hand: IDENTITY,
    live: { verdict: 'broken', refs: ['TT-01'], also: ['LO-07'] },
    written: { verdict: 'broken', refs: ['TT-01'], also: ['LO-04'] },
  },
  {
    name: 'an authority that has expired',
    text: site('a.test', asked('require_and_verify', 'trusted_ca_cert_file @DIR@/expired-ca.pem'), PROXY),
    hand: { identity: 'expired-ca' },
    live: { verdict: 'broken', also: ['LO-05', 'LO-07', 'LO-04'] },
    written: broken('LO-05'),
  },
  {
    name: 'an authority whose file is not there',
    text: site('a.test', asked('require_and_verify', 'trusted_ca_cert_file @DIR@/nowhere.pem'), PROXY),
    hand: NOTHING,
    live: null,
    written: broken('LO-01'),
  },
  {
    name: 'everybody is forbidden, with or without a certificate',
    text: site('a.test', LOCK, 'respond 403'),
    hand: IDENTITY,
    live: { verdict: 'broken', also: ['TT-05', 'NE-16'] },
    written: locked(),
  },
  {
    name: 'another address than the one that is served',
    text: site('c.test', LOCK, PROXY),
    hand: NOTHING,
    live: unknown(),
    written: unknown(),
  },
];
