import type { AuditCase } from './audit.fixture.ts';

const BASE = `global
  tune.ssl.cachesize 0
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
`;
const BACKEND = `backend app
  server one 127.0.0.1:3000
backend other
  server two 127.0.0.1:4000
`;
const OPEN = ['a.test *:443 open'];
const LOCKED = ['a.test *:443 locked'];
const HOSTS = ['a.test'];
const CA = 'ca-file /t/edge.pem';
const SITE = 'crt /t/site.pem no-tls-tickets';
const RULE = 'http-request deny unless { ssl_c_used } { ssl_c_verify 0 }';

function front(bind: string, ...lines: readonly string[]): string {
  return `${BASE}frontend f\n  bind *:443 ssl ${bind}\n${[...lines, 'default_backend app'].map((line) => `  ${line}\n`).join('')}${BACKEND}`;
}

const LIST = `/t/site.pem [${CA} verify required] a.test\n/t/site.pem b.test\n`;
const LIST_OPEN_FIRST = `/t/site.pem b.test\n/t/site.pem [${CA} verify required] a.test\n`;
const ROUTES = ['use_backend app if { hdr(host) -i a.test }', 'use_backend other if { hdr(host) -i b.test }'];

function listed(bind: string, ...lines: readonly string[]): string {
  return `${BASE}frontend f\n  bind *:443 ssl crt-list /t/list ${bind}\n${lines.map((line) => `  ${line}\n`).join('')}${BACKEND}`;
}

/** Configurations of HAProxy, one for each fault of the catalogue that it can have, and right ones. */
export const HAPROXY_CASES: readonly AuditCase[] = [
  { title: 'nothing asked', config: front(SITE), hosts: HOSTS, claims: OPEN, refs: ['NE-01'], codes: ['not_asked'] },
  {
    title: 'an authority and no verification',
    config: front(`${SITE} ${CA}`),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-17'],
    codes: ['verification_off'],
  },
  {
    title: 'verify none beside an authority',
    config: front(`${SITE} ${CA} verify none`),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-17'],
    codes: ['verification_off'],
  },
  {
    title: 'optional',
    config: front(`${SITE} ${CA} verify optional`),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-02'],
    codes: ['optional'],
  },
  {
    title: 'required',
    config: front(`${SITE} ${CA} verify required`),
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'optional with a rule that holds',
    config: front(`${SITE} ${CA} verify optional`, RULE),
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'optional with a named rule that holds',
    config: front(
      `${SITE} ${CA} verify optional`,
      'acl has ssl_c_used 1',
      'acl good ssl_c_verify eq 0',
      'http-request reject if !has or !good',
    ),
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'optional, and the result of a verification alone',
    config: front(`${SITE} ${CA} verify optional`, 'http-request deny unless { ssl_c_verify 0 }'),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-18'],
    codes: ['verify_result_alone'],
  },
  {
    title: 'what only new handshakes have',
    config: front(`${SITE} ${CA} verify optional`, 'http-request deny unless { ssl_fc_has_crt }').replace(
      'tune.ssl.cachesize 0',
      'maxconn 100',
    ),
    hosts: HOSTS,
    claims: LOCKED,
    refs: ['LO-14'],
    codes: ['resumed_refused'],
  },
  {
    title: 'errors ignored',
    config: front(`${SITE} ${CA} verify required crt-ignore-err all ca-ignore-err all`),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-19'],
    codes: ['errors_ignored'],
  },
  {
    title: 'errors ignored, and a rule that holds',
    config: front(`${SITE} ${CA} verify optional crt-ignore-err all ca-ignore-err all`, RULE),
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'the issuer by its name alone',
    config: front(
      `${SITE} ${CA} verify required crt-ignore-err all ca-ignore-err all`,
      'http-request deny unless { ssl_c_i_dn(cn) -m str edge }',
    ),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['TT-15'],
    codes: ['issuer_by_name'],
  },
  {
    title: 'a list of certificates of which one name is open',
    config: listed('strict-sni no-tls-tickets', ...ROUTES),
    more: { '/t/list': LIST },
    claims: OPEN,
    refs: ['NE-08'],
    codes: ['name_mismatch'],
  },
  {
    title: 'a list of certificates with sessions, and names compared',
    config: listed(
      'strict-sni',
      'http-request set-var(txn.host) req.hdr(host),host_only,lower',
      'http-request return status 421 unless { ssl_fc_sni,lower,strcmp(txn.host) eq 0 }',
      ...ROUTES,
    ).replace('tune.ssl.cachesize 0', 'maxconn 100'),
    more: { '/t/list': LIST },
    claims: OPEN,
    refs: ['NE-13'],
    codes: ['foreign_session'],
  },
  {
    title: 'a list of certificates, names compared, and a certificate needed',
    config: listed(
      'strict-sni',
      'http-request set-var(txn.host) req.hdr(host),host_only,lower',
      'http-request return status 421 unless { ssl_fc_sni,lower,strcmp(txn.host) eq 0 }',
      'http-request deny if { var(txn.host) -m str a.test } !{ ssl_c_used }',
      ...ROUTES,
    ).replace('tune.ssl.cachesize 0', 'maxconn 100'),
    more: { '/t/list': LIST },
    claims: LOCKED,
    refs: ['NE-24'],
    codes: [],
  },
  {
    title: 'a list of certificates whose first is open to all names',
    config: listed('no-tls-tickets', ...ROUTES),
    more: { '/t/list': LIST_OPEN_FIRST },
    claims: OPEN,
    refs: ['NE-08'],
    codes: ['name_mismatch'],
  },
  {
    title: 'a host that is denied by its spelling',
    config: listed(
      'strict-sni no-tls-tickets',
      'http-request deny if { req.hdr(host) -i a.test } !{ ssl_c_used }',
      'use_backend other if { hdr(host) -i b.test }',
      'default_backend app',
    ),
    more: { '/t/list': LIST },
    claims: OPEN,
    refs: ['NE-21'],
    codes: ['host_deny_list'],
  },
  {
    title: 'a list that is not there',
    config: listed('strict-sni', ...ROUTES),
    hosts: HOSTS,
    claims: ['a.test *:443 unknown'],
    refs: [],
    codes: [],
    unreal: true,
  },
  {
    title: 'another bind without TLS',
    config: front(`${SITE} ${CA} verify required`).replace(
      'backend app\n',
      'frontend plain\n  bind *:8080\n  default_backend app\nbackend app\n',
    ),
    hosts: HOSTS,
    claims: ['a.test *:443 locked', 'a.test *:8080 open'],
    refs: ['NE-10'],
    codes: ['plain_http'],
  },
  {
    title: 'a bind without TLS that redirects',
    config: front(`${SITE} ${CA} verify required`, 'bind *:80', 'http-request redirect scheme https unless { ssl_fc }'),
    hosts: HOSTS,
    claims: ['a.test *:443 locked', 'a.test *:80 locked'],
    refs: [],
    codes: [],
  },
  {
    title: 'a bind without TLS in the same frontend',
    config: front(`${SITE} ${CA} verify required`, 'bind *:80'),
    hosts: HOSTS,
    claims: ['a.test *:443 locked', 'a.test *:80 open'],
    refs: ['NE-10'],
    codes: ['plain_http'],
  },
  {
    title: 'another TLS port',
    config: front(`${SITE} ${CA} verify required`).replace(
      'backend app\n',
      `listen more\n  bind *:8443 ssl ${SITE}\n  server one 127.0.0.1:3000\nbackend app\n`,
    ),
    hosts: HOSTS,
    claims: ['a.test *:443 locked', 'a.test *:8443 open'],
    refs: ['NE-11'],
    codes: ['other_port'],
  },
  {
    title: 'IPv6 without verification',
    config: front(`${SITE} ${CA} verify required`, `bind :::443 v6only ssl ${SITE}`),
    hosts: HOSTS,
    claims: ['a.test *:443 locked', 'a.test :::443 open'],
    refs: ['NE-12'],
    codes: ['ipv6_open'],
  },
  {
    title: 'another site of the same bind with the same application',
    config: front(
      `${SITE} ${CA} verify optional`,
      'http-request deny if { hdr(host) -i a.test a.test:443 a.test. } !{ ssl_c_used }',
      'use_backend app if { hdr(host) -i b.test }',
    ),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-07'],
    codes: ['open_sibling'],
  },
  {
    title: 'a certificate or an address',
    config: front(
      `${SITE} ${CA} verify optional`,
      'acl near src 192.0.2.0/24',
      'http-request deny unless { ssl_c_used } or near',
    ),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-22'],
    codes: ['or_instead_of_and'],
  },
  {
    title: 'addresses alone',
    config: front(SITE, 'http-request deny unless { src 192.0.2.0/24 }'),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['HT-06'],
    codes: ['not_a_lock'],
  },
  {
    title: 'a name that also fits others',
    config: front(`${SITE} ${CA} verify required`, 'http-request deny unless { ssl_c_s_dn(cn) -m sub edge.example }'),
    hosts: HOSTS,
    claims: LOCKED,
    refs: ['TT-05'],
    codes: ['loose_pin'],
  },
  {
    title: 'a name that begins as the right one',
    config: front(`${SITE} ${CA} verify required`, 'http-request deny unless { ssl_c_s_dn(cn),lower -m beg edge. }'),
    hosts: HOSTS,
    claims: LOCKED,
    refs: ['TT-05'],
    codes: ['loose_pin'],
  },
  {
    title: 'a fingerprint',
    config: front(
      `${SITE} ${CA} verify required`,
      `http-request deny unless { ssl_c_der,sha2(256),hex -m str -i ${'ab'.repeat(32)} }`,
    ),
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'the configuration of reference',
    config: front(
      `${SITE} ${CA} verify required strict-sni alpn h2,http/1.1 ssl-min-ver TLSv1.2`,
      'http-request set-var(txn.host) req.hdr(host),host_only,lower',
      'http-request return status 421 unless { ssl_fc_sni,lower,strcmp(txn.host) eq 0 }',
      RULE,
      `http-request deny unless { ssl_c_der,sha2(256),hex -m str -i ${'ab'.repeat(32)} }`,
      'http-request del-header X-Edge-Verified',
      'http-request set-header X-Edge-Verified SUCCESS',
    ),
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'an authority that is not there',
    config: front(`${SITE} ca-file /t/nowhere.pem verify required`),
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['LO-01'],
    codes: ['ca_file_missing'],
    unreal: true,
  },
  {
    title: 'verification without an authority',
    config: front(`${SITE} verify required`),
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['LO-01'],
    codes: ['ca_file_missing'],
    unreal: true,
  },
  {
    title: 'an authority that has ended',
    config: front(`${SITE} ca-file /t/old.pem verify required`),
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['LO-05'],
    codes: ['authority_expired'],
  },
  {
    title: 'a leaf for an authority',
    config: front(`${SITE} ca-file /t/leaf.pem verify required`),
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['TT-10'],
    codes: ['leaf_as_authority'],
  },
  {
    title: 'the authorities of the system',
    config: front(`${SITE} ca-file /etc/ssl/certs/ca-certificates.crt verify required`),
    more: { '/etc/ssl/certs/ca-certificates.crt': '' },
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['LO-02'],
    codes: ['ca_file_unusable'],
    unreal: true,
  },
  {
    title: 'a list past its end',
    config: front(`${SITE} ${CA} crl-file /t/stale.crl verify required`),
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['LO-06'],
    codes: ['revocation_stale'],
  },
  {
    title: 'a fresh list',
    config: front(`${SITE} ${CA} crl-file /t/fresh.crl verify required`),
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'sessions that last',
    config: front(`crt /t/site.pem ${CA} verify required`),
    hosts: HOSTS,
    claims: LOCKED,
    refs: ['NE-24'],
    codes: [],
  },
  {
    title: 'early data',
    config: front(`${SITE} ${CA} verify required allow-0rtt`),
    hosts: HOSTS,
    claims: LOCKED,
    refs: ['NE-15'],
    codes: [],
  },
  {
    title: 'one version of TLS, for all binds',
    config: front(`${SITE} ${CA} verify required`).replace(
      'tune.',
      'ssl-default-bind-options ssl-min-ver TLSv1.3\n  tune.',
    ),
    hosts: HOSTS,
    claims: LOCKED,
    refs: ['LO-10'],
    codes: [],
  },
  {
    title: 'a header that is added',
    config: front(`${SITE} ${CA} verify optional`, 'http-request add-header X-Edge-Verified SUCCESS if { ssl_c_used }'),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['HT-01', 'NE-02'],
    codes: ['header_passed', 'optional'],
  },
  {
    title: 'a header that is set on success only',
    config: front(`${SITE} ${CA} verify optional`, 'http-request set-header X-Edge-Verified SUCCESS if { ssl_c_used }'),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['HT-04', 'NE-02'],
    codes: ['header_only_on_success', 'optional'],
  },
  {
    title: 'a header that is removed first',
    config: front(
      `${SITE} ${CA} verify optional`,
      'http-request del-header X-Edge-Verified',
      'http-request set-header X-Edge-Verified SUCCESS if { ssl_c_used }',
    ),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-02'],
    codes: ['optional'],
  },
  {
    title: 'connections that are passed on',
    config: `${BASE}frontend f\n  mode tcp\n  bind *:443\n  default_backend app\n${BACKEND.replaceAll('backend app\n', 'backend app\n  mode tcp\n')}`,
    hosts: HOSTS,
    claims: ['a.test *:443 unknown'],
    refs: [],
    codes: [],
  },
  {
    title: 'a rule of the backend',
    config: front(`${SITE} ${CA} verify optional`).replace('backend app\n', `backend app\n  ${RULE}\n`),
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'a rule that comes too late',
    config: front(`${SITE} ${CA} verify optional`, 'http-request allow if { path_beg / }', RULE),
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-02'],
    codes: ['optional'],
  },
  {
    title: 'a rule below HTTP',
    config: front(
      `${SITE} ${CA} verify optional`,
      'tcp-request inspect-delay 5s',
      'tcp-request content reject if { ssl_fc } !{ ssl_c_used }',
    ),
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
];
