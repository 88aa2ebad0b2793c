import { broken, type Case, IDENTITY, locked, NEIGHBOUR_NAME, NOTHING, open, TENANTS } from '../case.ts';

const BIND = 'bind 127.0.0.1:@TLS@ ssl crt site.pem';
const REQUIRED = `${BIND} ca-file edge-ca.pem verify required`;
const front = (bind: string, rules = '') => `
frontend front
  ${bind}
  ${rules}
  default_backend app`;
const named = (bind: string, rules = '') => `
frontend front
  ${bind}
  ${rules}
  use_backend blog if { req.hdr(host),host_only,lower -m str b.test }
  use_backend app if { req.hdr(host),host_only,lower -m str a.test }`;
const LISTED = {
  'names.list': 'site.pem [ca-file edge-ca.pem verify required] a.test\nsite.pem [verify none] b.test\n',
};
const OPEN_FIRST = {
  'names.list': 'site.pem [verify none] b.test\nsite.pem [ca-file edge-ca.pem verify required] a.test\n',
};
const both = (...refs: readonly string[]) => ({ live: open(...refs), written: open(...refs) });
const holds = (...refs: readonly string[]) => ({ live: locked(...refs), written: locked(...refs) });
const HEADER = { header: 'X-Edge-Verified' } as const;

/** Locks of HAProxy that let somebody in who should stay outside. */
export const HAPROXY_OPEN: readonly Case[] = [
  { name: 'no lock at all', text: front(BIND), hand: IDENTITY, ...both('NE-01') },
  {
    name: 'an authority that is named, and no verification',
    text: front(`${BIND} ca-file edge-ca.pem`),
    hand: IDENTITY,
    ...both('NE-17'),
  },
  {
    name: 'an authority that is named, no verification, and nothing at hand',
    text: front(`${BIND} ca-file edge-ca.pem`),
    hand: NOTHING,
    ...both('NE-17'),
  },
  {
    name: 'a certificate that is optional',
    text: front(`${BIND} ca-file edge-ca.pem verify optional`),
    hand: IDENTITY,
    ...both('NE-02'),
  },
  {
    name: 'a rule that takes what was not verified for verified',
    text: front(`${BIND} ca-file edge-ca.pem verify optional`, 'http-request deny unless { ssl_c_verify 0 }'),
    hand: IDENTITY,
    ...both('NE-18'),
  },
  {
    name: 'faults of certificates that are ignored',
    text: front(`${REQUIRED} crt-ignore-err all ca-ignore-err all`),
    hand: { ...IDENTITY, authority: 'edge' },
    ...both('NE-19'),
  },
  {
    name: 'a certificate for one path only',
    text: front(
      `${BIND} ca-file edge-ca.pem verify optional`,
      'http-request deny if { path_beg /admin } !{ ssl_c_used }',
    ),
    hand: IDENTITY,
    live: open('NE-05'),
    written: { verdict: 'open', also: ['NE-05', 'NE-02'] },
  },
  {
    name: 'a list of names, of which the locked one is the default',
    text: named('bind 127.0.0.1:@TLS@ ssl crt-list @DIR@/names.list'),
    files: LISTED,
    hand: NEIGHBOUR_NAME,
    live: open('NE-08', 'NE-13'),
    written: { verdict: 'open', refs: ['NE-08'], also: ['NE-13'] },
  },
  {
    name: 'a list of names, of which an open one is the default, and no other name known',
    text: named('bind 127.0.0.1:@TLS@ ssl crt-list @DIR@/names.list'),
    files: OPEN_FIRST,
    hand: IDENTITY,
    live: open('NE-08', 'NE-13'),
    written: { verdict: 'open', refs: ['NE-08'], also: ['NE-13'] },
  },
  {
    name: 'a list of names without a default',
    text: named('bind 127.0.0.1:@TLS@ ssl strict-sni crt-list @DIR@/names.list'),
    files: LISTED,
    hand: NEIGHBOUR_NAME,
    live: open('NE-08', 'NE-13'),
    written: { verdict: 'open', refs: ['NE-08'], also: ['NE-13'] },
  },
  {
    name: 'names that must agree, and sessions that were made under another',
    text: named(
      'bind 127.0.0.1:@TLS@ ssl strict-sni crt-list @DIR@/names.list',
      'http-request set-var(txn.host) req.hdr(host),host_only,lower\n  http-request return status 421 unless { ssl_fc_sni,lower,strcmp(txn.host) eq 0 }',
    ),
    files: LISTED,
    hand: NEIGHBOUR_NAME,
    ...both('NE-13'),
  },
  {
    name: 'a rule for one spelling of the name',
    text: `
frontend front
  ${BIND} ca-file edge-ca.pem verify optional
  http-request deny if { req.hdr(host) -i a.test } !{ ssl_c_used }
  default_backend app`,
    hand: IDENTITY,
    live: { verdict: 'open', refs: ['NE-21'], also: ['NE-07'] },
    written: { verdict: 'open', refs: ['NE-21'], also: ['NE-02', 'NE-07'] },
  },
  {
    name: 'a second listener without TLS',
    text: front(`${REQUIRED}\n  bind 127.0.0.1:@HTTP@`),
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...both('NE-10'),
  },
  {
    name: 'a second listener with TLS and without a lock',
    text: front(`${REQUIRED}\n  bind 127.0.0.1:@OTHER@ ssl crt site.pem`),
    hand: { ...IDENTITY, also: [['OTHER']] },
    ...both('NE-11'),
  },
  {
    name: 'IPv6 without a lock',
    text: front(`${REQUIRED}\n  bind [::1]:@TLS@ ssl crt site.pem`),
    hand: { ...IDENTITY, also: [['TLS', '::1']] },
    ...both('NE-12'),
  },
  {
    name: 'addresses that will do instead of a certificate',
    text: front(
      `${BIND} ca-file edge-ca.pem verify optional`,
      'http-request allow if { src 127.0.0.0/8 }\n  http-request deny unless { ssl_c_used } { ssl_c_verify 0 }',
    ),
    hand: IDENTITY,
    live: open('NE-02'),
    written: { verdict: 'open', also: ['NE-22', 'NE-02', 'HT-06'] },
  },
  {
    name: 'TLS that ends before the lock: what is locked only sees the one who hands on',
    text: `
frontend outside
  ${BIND}
  default_backend inside
backend inside
  server inside 127.0.0.1:@OTHER@ ssl verify none crt @DIR@/tenant-a-with-key.pem
frontend inside
  bind 127.0.0.1:@OTHER@ ssl crt site.pem ca-file edge-ca.pem verify required
  default_backend app`,
    hand: IDENTITY,
    live: open('NE-01'),
    written: { verdict: 'open', also: ['NE-01', 'NE-11', 'HT-05'] },
  },
  {
    name: 'a header that is set on success only',
    text: front(
      `${BIND} ca-file edge-ca.pem verify optional`,
      'http-request set-header X-Edge-Verified SUCCESS if { ssl_c_used } { ssl_c_verify 0 }',
    ),
    hand: HEADER,
    application: 'believing',
    live: open('HT-04'),
    written: { verdict: 'open', refs: ['HT-04'], also: ['NE-02', 'HT-01'] },
  },
  {
    name: 'an authority that serves several customers, of which another comes',
    text: front(REQUIRED),
    hand: TENANTS,
    live: open('TT-04'),
    written: { verdict: 'locked', also: ['TT-04'] },
  },
  {
    name: 'a pin by the beginning of a name',
    text: front(REQUIRED, 'http-request deny unless { ssl_c_s_dn(cn) -m beg tenant-a.edge.test }'),
    hand: { ...IDENTITY, foreign: ['tenant-a-evil'] },
    live: open('TT-05'),
    written: { verdict: 'locked', refs: ['TT-05'] },
  },
  {
    name: 'an authority of partners beside that of the edge',
    text: front(`${BIND} ca-file edge-and-partner.pem verify required`),
    hand: { ...IDENTITY, foreign: ['partner'] },
    live: open('TT-01'),
    written: { verdict: 'locked', also: ['TT-01', 'TT-07'] },
  },
];

/** Locks of HAProxy that hold, or keep too many out. */
export const HAPROXY_LOCKED: readonly Case[] = [
  {
    name: 'everything that a lock should have',
    text: front(
      `${REQUIRED} strict-sni no-tls-tickets alpn h2,http/1.1 ssl-min-ver TLSv1.2`,
      `http-request set-var(txn.host) req.hdr(host),host_only,lower
  http-request return status 421 unless { ssl_fc_sni,lower,strcmp(txn.host) eq 0 }
  http-request deny unless { ssl_c_used } { ssl_c_verify 0 }
  http-request deny unless { ssl_c_der,sha2(256),hex -m str -i @SHA256@ }
  http-request del-header X-Edge-Verified
  http-request set-header X-Edge-Verified SUCCESS`,
    ),
    hand: { ...TENANTS, ...HEADER, authority: 'edge' },
    ...holds(),
  },
  { name: 'the plain lock', text: front(REQUIRED), hand: IDENTITY, ...holds() },
  { name: 'the plain lock, and nothing at hand', text: front(REQUIRED), hand: NOTHING, ...holds() },
  {
    name: 'the plain lock, and only the public half of the identity at hand',
    text: front(REQUIRED),
    hand: { ...IDENTITY, keyless: true },
    ...holds(),
  },
  {
    name: 'an option that a rule makes a duty',
    text: front(
      `${BIND} ca-file edge-ca.pem verify optional`,
      'http-request deny unless { ssl_c_used } { ssl_c_verify 0 }',
    ),
    hand: IDENTITY,
    ...holds(),
  },
  {
    name: 'a list of names where both must agree and a certificate is a duty',
    text: named(
      'bind 127.0.0.1:@TLS@ ssl strict-sni crt-list @DIR@/names.list',
      `http-request set-var(txn.host) req.hdr(host),host_only,lower
  http-request return status 421 unless { ssl_fc_sni,lower,strcmp(txn.host) eq 0 }
  http-request deny if { var(txn.host) -m str a.test } !{ ssl_c_used }`,
    ),
    files: LISTED,
    hand: NEIGHBOUR_NAME,
    ...holds(),
  },
  {
    name: 'a lock for all names of one listener',
    text: named(REQUIRED),
    hand: NEIGHBOUR_NAME,
    ...holds(),
  },
  {
    name: 'a listener without TLS that only redirects',
    text: `${front(REQUIRED)}
frontend plain
  bind 127.0.0.1:@HTTP@
  http-request redirect scheme https code 301`,
    hand: { ...IDENTITY, also: [['HTTP']] },
    ...holds(),
  },
  {
    name: 'a pin by fingerprint',
    text: front(REQUIRED, 'http-request deny unless { ssl_c_der,sha2(256),hex -m str -i @SHA256@ }'),
    hand: { ...TENANTS, authority: 'edge' },
    ...holds(),
  },
  {
    name: 'a list of revoked certificates',
    text: front(`${REQUIRED} crl-file edge.crl`),
    hand: { ...IDENTITY, authority: 'edge', revoked: true },
    live: { verdict: 'locked', without: ['TT-11'] },
    written: locked(),
  },
  {
    name: 'a header that is removed first',
    text: front(
      REQUIRED,
      'http-request del-header X-Edge-Verified\n  http-request set-header X-Edge-Verified SUCCESS if { ssl_c_used }',
    ),
    hand: { ...IDENTITY, ...HEADER },
    application: 'believing',
    ...holds(),
  },
  {
    name: 'TCP that is handed on after TLS, without a look at HTTP',
    text: `
frontend front
  mode tcp
  ${REQUIRED}
  default_backend raw
backend raw
  mode tcp
  server raw 127.0.0.1:@APP@`,
    hand: IDENTITY,
    ...holds(),
  },
  {
    name: 'the authority of before only',
    text: front(`${BIND} ca-file old-ca.pem verify required`),
    hand: IDENTITY,
    live: broken('LO-03'),
    written: locked(),
  },
  {
    name: 'an authority that is not valid yet by the clock of the server',
    text: front(`${BIND} ca-file young-ca.pem verify required`),
    hand: { identity: 'young-ca' },
    live: broken('LO-07'),
    written: { verdict: ['locked', 'broken'], also: ['LO-07', 'LO-05'] },
  },
  {
    name: 'an edge whose key is too short for the server',
    text: front(REQUIRED),
    hand: { identity: 'weak' },
    live: broken('TT-13'),
    written: locked(),
  },
  {
    name: 'an authority that has expired',
    text: front(`${BIND} ca-file expired-ca.pem verify required`),
    hand: { identity: 'expired-ca' },
    live: broken('LO-05'),
    written: broken('LO-05'),
  },
  {
    name: 'a revocation list that is out of date',
    text: front(`${REQUIRED} crl-file stale.crl`),
    hand: IDENTITY,
    live: broken('LO-06'),
    written: broken('LO-06'),
  },
  {
    name: 'a rule that asks whether this handshake had a certificate',
    text: front(`${BIND} ca-file edge-ca.pem verify optional`, 'http-request deny unless { ssl_fc_has_crt }'),
    hand: IDENTITY,
    live: { verdict: 'broken', refs: ['LO-14'] },
    written: { verdict: ['broken', 'locked'], refs: ['LO-14'] },
  },
  {
    name: "the edge's own certificate in place of an authority",
    text: front(`${BIND} ca-file edge-leaf.pem verify required`),
    hand: IDENTITY,
    live: broken('TT-10'),
    written: { verdict: 'broken', refs: ['TT-10'] },
  },
  {
    name: 'verification without any authority',
    text: front(`${BIND} verify required`),
    hand: NOTHING,
    live: null,
    written: broken('LO-01'),
  },
  {
    name: 'an authority whose file is not there',
    text: front(`${BIND} ca-file nowhere.pem verify required`),
    hand: NOTHING,
    live: null,
    written: broken('LO-01'),
  },
];
