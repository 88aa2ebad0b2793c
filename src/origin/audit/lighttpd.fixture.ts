import type { AuditCase } from './audited-case.fixture.ts';

const BASE = `server.modules = ( "mod_openssl", "mod_access", "mod_setenv", "mod_proxy", "mod_redirect" )
server.document-root = "/nonexistent"
server.port = 443
ssl.engine = "enable"
ssl.pemfile = "/t/site.pem"
ssl.openssl.ssl-conf-cmd = ( "MinProtocol" => "TLSv1.2", "Options" => "-SessionTicket" )
`;
const ACTIVE = 'ssl.verifyclient.activate = "enable"\n';
const ENFORCE = 'ssl.verifyclient.enforce = "enable"\n';
const CA = 'ssl.verifyclient.ca-file = "/t/edge.pem"\n';
const LOCK = ACTIVE + ENFORCE + CA;
const APP = 'proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => 3000 )) )\n';
const OTHER = 'proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => 4000 )) )\n';
const OPEN = ['a.test *:443 open'];
const LOCKED = ['a.test *:443 locked'];
const HOSTS = ['a.test'];

/** Configurations of lighttpd, one for each fault of the catalogue that it can have, and right ones. */
export const LIGHTTPD_CASES: readonly AuditCase[] = [
  { title: 'nothing asked', config: BASE + APP, hosts: HOSTS, claims: OPEN, refs: ['NE-01'], codes: ['not_asked'] },
  {
    title: 'enforced and never asked',
    config: BASE + ENFORCE + CA + APP,
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-17'],
    codes: ['verification_off'],
  },
  {
    title: 'asked and not enforced',
    config: BASE + LOCK.replace('enforce = "enable"', 'enforce = "disable"') + APP,
    hosts: HOSTS,
    claims: OPEN,
    refs: ['NE-03'],
    codes: ['unverified'],
  },
  { title: 'asked and enforced', config: BASE + LOCK + APP, hosts: HOSTS, claims: LOCKED, refs: [], codes: [] },
  {
    title: 'asked, and enforced by default',
    config: BASE + ACTIVE + CA + APP,
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'asked for one host',
    config: `${BASE}$HTTP["host"] == "a.test" {\n${LOCK}${APP}}\n$HTTP["host"] == "b.test" {\n${OTHER}}\n`,
    claims: OPEN,
    refs: ['NE-08'],
    codes: ['name_mismatch'],
  },
  {
    title: 'asked for everybody, with hosts below',
    config: `${BASE}${LOCK}$HTTP["host"] =~ "^(a\\.test|b\\.test)(:[0-9]+)?$" {\n${APP}}\nelse {\nurl.access-deny = ( "" )\n}\n`,
    claims: ['a.test *:443 locked', 'b.test *:443 locked'],
    refs: [],
    codes: [],
  },
  {
    title: 'plain HTTP beside it',
    config: `${BASE}${LOCK}${APP}$SERVER["socket"] == ":80" {\nssl.engine = "disable"\n}\n`,
    hosts: HOSTS,
    claims: ['a.test *:443 locked', 'a.test *:80 open'],
    refs: ['NE-10'],
    codes: ['plain_http'],
  },
  {
    title: 'plain HTTP that redirects',
    config: `${BASE}${LOCK}${APP}$SERVER["socket"] == ":80" {\nssl.engine = "disable"\nurl.redirect = ( "" => "https://a.test\${url.path}\${qsa}" )\n}\n`,
    hosts: HOSTS,
    claims: ['a.test *:443 locked', 'a.test *:80 locked'],
    refs: [],
    codes: [],
  },
  {
    title: 'TLS on one socket, and everything on the other',
    config: `server.modules = ( "mod_openssl", "mod_proxy" )\nserver.document-root = "/nonexistent"\nserver.port = 80\n${APP}$SERVER["socket"] == ":443" {\nssl.engine = "enable"\nssl.pemfile = "/t/site.pem"\n${LOCK}}\n`,
    hosts: HOSTS,
    claims: ['a.test *:80 open', 'a.test *:443 locked'],
    refs: ['NE-10'],
    codes: ['plain_http'],
  },
  {
    title: 'another port that takes it back',
    config: `${BASE}${LOCK}${APP}$SERVER["socket"] == ":8443" {\nssl.engine = "enable"\nssl.pemfile = "/t/site.pem"\nssl.verifyclient.activate = "disable"\n}\n`,
    hosts: HOSTS,
    claims: ['a.test *:443 locked', 'a.test *:8443 open'],
    refs: ['NE-11'],
    codes: ['other_port'],
  },
  {
    title: 'IPv6 that takes it back',
    config: `${BASE}${LOCK}${APP}$SERVER["socket"] == "[::]:443" {\nssl.engine = "enable"\nssl.pemfile = "/t/site.pem"\nssl.verifyclient.activate = "disable"\n}\n`,
    hosts: HOSTS,
    claims: ['a.test *:443 locked', 'a.test :::443 open'],
    refs: ['NE-12'],
    codes: ['ipv6_open'],
  },
  {
    title: 'the certificate without its issuer',
    config: BASE.replace('site.pem', 'site-alone.pem') + LOCK + APP,
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['LO-13'],
    codes: ['server_chain'],
  },
  {
    title: 'no authority',
    config: BASE + ACTIVE + APP,
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['LO-01'],
    codes: ['ca_file_missing'],
  },
  {
    title: 'an authority under its older name',
    config: `${BASE}${ACTIVE}ssl.ca-file = "/t/edge.pem"\n${APP}`,
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'an authority that has ended',
    config: BASE + LOCK.replace('edge', 'old') + APP,
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['LO-05'],
    codes: ['authority_expired'],
  },
  {
    title: 'a leaf for an authority',
    config: BASE + LOCK.replace('edge', 'leaf') + APP,
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['TT-10'],
    codes: ['leaf_as_authority'],
  },
  {
    title: 'a chain that is longer than is allowed',
    config: `${BASE}${LOCK.replace('edge', 'both')}ssl.verifyclient.depth = 1\n${APP}`,
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['TT-08'],
    codes: ['depth_too_small'],
  },
  {
    title: 'a list past its end',
    config: `${BASE}${LOCK}ssl.verifyclient.ca-crl-file = "/t/stale.crl"\n${APP}`,
    hosts: HOSTS,
    claims: ['a.test *:443 broken'],
    refs: ['LO-06'],
    codes: ['revocation_stale'],
  },
  {
    title: 'a fresh list',
    config: `${BASE}${LOCK}ssl.verifyclient.ca-crl-file = "/t/fresh.crl"\n${APP}`,
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'sessions that last',
    config: BASE.replace(', "Options" => "-SessionTicket"', '') + LOCK + APP,
    hosts: HOSTS,
    claims: LOCKED,
    refs: ['NE-24'],
    codes: [],
  },
  {
    title: 'one version of TLS',
    config: BASE.replace('TLSv1.2', 'TLSv1.3') + LOCK + APP,
    hosts: HOSTS,
    claims: LOCKED,
    refs: ['LO-10'],
    codes: [],
  },
  {
    title: 'a header that is added',
    config: `${BASE}${LOCK.replace('enforce = "enable"', 'enforce = "disable"')}${APP}setenv.add-request-header = ( "X-Edge-Verified" => "SUCCESS" )\n`,
    hosts: HOSTS,
    claims: OPEN,
    refs: ['HT-01', 'NE-03'],
    codes: ['header_passed', 'unverified'],
  },
  {
    title: 'variables, additions and an include',
    config: `var.tls = "/t/"\ninclude "parts/*.conf"\nserver.modules += ( "mod_proxy" )\n${APP}`,
    more: {
      '/t/parts/a.conf': `server.modules = ( "mod_openssl" )\nserver.document-root = "/nonexistent"\nserver.port = 400 + 43\nssl.engine = "enable"\nssl.pemfile = var.tls + "site.pem"\n${ACTIVE}ssl.verifyclient.ca-file = var.tls + "edge" + ".pem"\n`,
    },
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'a command that is not run',
    config: `${BASE}include_shell "echo"\n${LOCK}${APP}`,
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
  {
    title: 'a part that is not there',
    config: `${BASE}include "nowhere.conf"\n${LOCK}${APP}`,
    hosts: HOSTS,
    claims: ['a.test *:443 unknown'],
    refs: [],
    codes: [],
    unreal: true,
  },
  {
    title: 'an address in place of a certificate',
    config: `${BASE}$HTTP["remoteip"] != "192.0.2.0/24" {\nurl.access-deny = ( "" )\n}\n${APP}`,
    hosts: HOSTS,
    claims: OPEN,
    refs: ['HT-06'],
    codes: ['not_a_lock'],
  },
  {
    title: 'a path that is refused',
    config: `${BASE}${LOCK}${APP}$HTTP["url"] =~ "^/admin($|/)" {\nurl.access-deny = ( "" )\n}\n`,
    hosts: HOSTS,
    claims: LOCKED,
    refs: [],
    codes: [],
  },
];
