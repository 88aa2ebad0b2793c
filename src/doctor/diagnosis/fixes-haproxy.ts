import { haproxyDefault } from './default-site.ts';
import type { ServerFixes } from './server-fixes.ts';

const BIND = 'bind :443 v4v6 ssl crt /etc/haproxy/site.pem ca-file /etc/postern/edge-ca.pem verify required';
const CERTIFICATE_RULE = 'http-request deny unless { ssl_c_used } { ssl_c_verify 0 }';
const LOCKED = `${BIND}
# or, where verify must stay optional:
${CERTIFICATE_RULE}`;
const NAMES = `# on the bind: strict-sni
http-request set-var(txn.host) req.hdr(host),host_only,lower
http-request return status 421 unless { ssl_fc_sni,lower,strcmp(txn.host) eq 0 }
${CERTIFICATE_RULE}`;
const REDIRECT = `frontend plain
  bind :80 v4v6
  http-request redirect scheme https code 301`;
const PIN = 'http-request deny unless { ssl_c_der,sha2(256),hex -m str -i SHA256-OF-THE-CERTIFICATE }';
const HEADER = `http-request del-header X-Edge-Verified
http-request set-header X-Edge-Verified SUCCESS if { ssl_c_used } { ssl_c_verify 0 }`;
const AUTHORITY = `${BIND}
# then: haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy`;
const NO_SESSIONS = `# in global; no-tls-tickets on the bind does not do it alone
tune.ssl.cachesize 0
ssl-default-bind-options no-tls-tickets`;
const VERSIONS = 'ssl-default-bind-options ssl-min-ver TLSv1.2';

/** What to do about a finding, in lines of HAProxy's configuration. */
export const HAPROXY_FIXES: ServerFixes = {
  not_asked: BIND,
  verification_off: BIND,
  optional: LOCKED,
  unverified: LOCKED,
  tests_for_none_only: CERTIFICATE_RULE,
  verify_result_alone: CERTIFICATE_RULE,
  some_paths_only: CERTIFICATE_RULE,
  errors_ignored: `# without crt-ignore-err and ca-ignore-err
${BIND}`,
  any_certificate: BIND,
  error_page: `# a file that HAProxy has in memory
errorfile 403 /etc/haproxy/errors/403.http`,
  open_sibling: `# on every bind from which the application is reached; names that you do not serve:
http-request return status 421 unless { req.hdr(host),host_only,lower -m str www.example.com }`,
  name_mismatch: NAMES,
  two_authorities: NAMES,
  plain_http: REDIRECT,
  other_port: `# on that bind too, or take it away
${BIND}`,
  ipv6_open: BIND,
  foreign_session: `${NO_SESSIONS}
# and in the frontend, which also holds for sessions:
${CERTIFICATE_RULE}`,
  host_deny_list: `# refuse by default, whatever the spelling
${CERTIFICATE_RULE}`,
  or_instead_of_and: `http-request deny unless { ssl_c_used } { ssl_c_verify 0 } { src 192.0.2.0/24 }`,
  application_port: `# the application listens on loopback, and HAProxy reaches it there
server app 127.0.0.1:3000`,
  early_data: '# take allow-0rtt off the bind',
  lasting_sessions: NO_SESSIONS,
  http3: '# take the bind for quic4@ and quic6@ away: edges pull over TCP',
  unmatched_names: haproxyDefault,
  config_differs: 'haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy',
  public_authorities: BIND,
  more_authorities: BIND,
  origin_ca: AUTHORITY,
  shared_authority: AUTHORITY,
  shared_identity: PIN,
  neighbour_admitted: PIN,
  loose_pin: PIN,
  leaf_as_authority: `# the root, with its intermediates
${BIND}`,
  no_revocation: `${BIND} crl-file /etc/postern/edge.crl`,
  revocation_stale: `# fetch the lists of all authorities of the chain anew, then: systemctl reload haproxy
${BIND} crl-file /etc/postern/edge.crl`,
  issuer_by_name: `# without crt-ignore-err; a name proves nothing
${BIND}`,
  foreign_admitted: AUTHORITY,
  header_passed: HEADER,
  header_only_on_success: HEADER,
  not_a_lock: BIND,
  ca_file_missing: AUTHORITY,
  ca_file_unusable: AUTHORITY,
  old_authority: AUTHORITY,
  authority_expired: AUTHORITY,
  authority_ending: AUTHORITY,
  edge_refused: AUTHORITY,
  resumed_refused: `# ssl_c_used in place of ssl_fc_has_crt, which is false in a resumed session
${CERTIFICATE_RULE}`,
  tls_version: VERSIONS,
  names_announced: `# on the bind: no-ca-names, or a ca-file with the edge's authority
${BIND}`,
  would_not_start: 'haproxy -c -f /etc/haproxy/haproxy.cfg',
};
