import { broken, type Case, IDENTITY, locked, NOTHING } from '../case.ts';

const PROXY = 'location / { proxy_pass http://127.0.0.1:@APP@; }';
const LOCK = 'ssl_client_certificate edge-ca.pem; ssl_verify_client on;';
const site = (inside: string) => `
  server { listen 127.0.0.1:@TLS@ ssl default_server; server_name _; ssl_reject_handshake on; }
  server { listen 127.0.0.1:@TLS@ ssl; server_name a.test; ${inside} }`;
const trusting = (file: string, more = '') =>
  site(`ssl_client_certificate ${file}; ssl_verify_client on; ${more} ${PROXY}`);

/** Locks of nginx that keep the edge itself out, and configurations that it does not start with. */
export const NGINX_BROKEN: readonly Case[] = [
  {
    name: 'the authority of before only',
    text: trusting('old-ca.pem'),
    hand: IDENTITY,
    live: broken('LO-03'),
    // Whether it is the one in use is not written there.
    written: locked(),
  },
  {
    name: "the authority for origins' own certificates instead of the edge's",
    text: trusting('origin-ca.pem'),
    hand: IDENTITY,
    live: broken('TT-03'),
    written: { verdict: ['locked', 'broken'], refs: ['TT-03'], also: ['TT-07', 'LO-04'] },
  },
  {
    name: 'the authority of the server itself',
    text: trusting('server-ca.pem'),
    hand: IDENTITY,
    live: broken('LO-04'),
    written: { verdict: 'locked', refs: ['TT-07'], also: ['LO-04', 'TT-03'] },
  },
  {
    name: 'an authority that has expired',
    text: trusting('expired-ca.pem'),
    hand: { identity: 'expired-ca' },
    live: broken('LO-05'),
    written: broken('LO-05'),
  },
  {
    name: 'a revocation list that is out of date',
    text: trusting('edge-ca.pem', 'ssl_crl stale.crl;'),
    hand: IDENTITY,
    live: broken('LO-06'),
    written: broken('LO-06'),
  },
  {
    name: 'a revocation list for the root only, and a chain with an intermediate',
    text: trusting('edge-and-intermediate.pem', 'ssl_verify_depth 2; ssl_crl edge.crl;'),
    hand: { identity: 'via-intermediate' },
    live: broken('LO-06'),
    written: { verdict: 'broken', refs: ['LO-06'] },
  },
  {
    name: 'an intermediate alone in place of its root',
    text: trusting('intermediate.pem'),
    hand: { identity: 'via-intermediate' },
    live: broken('TT-10'),
    written: { verdict: 'broken', refs: ['TT-10'] },
  },
  {
    name: "the edge's own certificate in place of an authority",
    text: trusting('edge-leaf.pem'),
    hand: IDENTITY,
    live: broken('TT-10'),
    written: { verdict: 'broken', refs: ['TT-10'] },
  },
  {
    name: 'a chain that is longer than is allowed',
    text: trusting('edge-ca.pem', 'ssl_verify_depth 0;'),
    hand: { identity: 'via-intermediate' },
    live: broken('TT-08'),
    written: { verdict: 'locked', also: ['TT-08'] },
  },
  {
    name: 'an edge that does not send its intermediate',
    text: trusting('edge-ca.pem', 'ssl_verify_depth 2;'),
    hand: { identity: 'chainless' },
    live: broken('TT-09'),
    written: locked(),
  },
  {
    name: 'an edge that does not send its intermediate, and its authority at hand',
    text: trusting('edge-ca.pem', 'ssl_verify_depth 2;'),
    hand: { identity: 'chainless', authority: 'intermediate' },
    live: { verdict: 'broken', refs: ['TT-09'], without: ['LO-04'] },
    written: locked(),
  },
  {
    name: 'an edge that does not send its intermediate, which the server has',
    text: trusting('edge-and-intermediate.pem', 'ssl_verify_depth 2;'),
    hand: { identity: 'chainless' },
    live: locked(),
    written: locked(),
  },
  {
    name: 'a pin of another certificate',
    text: site(
      `${LOCK} if ($ssl_client_fingerprint != "0000000000000000000000000000000000000000") { return 403; } ${PROXY}`,
    ),
    hand: IDENTITY,
    live: broken('TT-05'),
    written: locked(),
  },
  {
    name: 'signatures of RSA keys only, and an identity with another',
    text: trusting('edge-ca.pem', 'ssl_conf_command ClientSignatureAlgorithms RSA-PSS+SHA256:RSA+SHA256;').replace(
      'ssl_reject_handshake on;',
      'ssl_conf_command ClientSignatureAlgorithms RSA-PSS+SHA256:RSA+SHA256; ssl_reject_handshake on;',
    ),
    hand: IDENTITY,
    live: broken('LO-11'),
    written: { verdict: ['locked', 'broken'], also: ['LO-11'] },
  },
  {
    name: 'an authority whose file is not there',
    text: trusting('nowhere.pem'),
    hand: NOTHING,
    live: null,
    written: broken('LO-01'),
  },
  {
    name: 'an empty file in place of an authority',
    text: trusting('empty.pem'),
    hand: NOTHING,
    live: null,
    written: broken('LO-02'),
  },
  {
    name: 'a web page that was saved in place of an authority',
    text: trusting('page.pem'),
    hand: NOTHING,
    live: null,
    written: broken('LO-02'),
  },
  {
    name: 'verification without any authority',
    text: site(`ssl_verify_client on; ${PROXY}`),
    hand: NOTHING,
    live: null,
    written: broken('LO-01'),
  },
];
