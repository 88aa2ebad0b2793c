import type { ServerFixes } from './server-fixes.ts';

const LOCK = `# outside of every $HTTP["host"]
ssl.verifyclient.activate = "enable"
ssl.verifyclient.enforce = "enable"
ssl.verifyclient.ca-file = "/etc/postern/edge-ca.pem"`;
const AUTHORITY = `ssl.verifyclient.ca-file = "/etc/postern/edge-ca.pem"
# then: lighttpd -tt -f /etc/lighttpd/lighttpd.conf && systemctl restart lighttpd`;
const REDIRECT = `$HTTP["scheme"] == "http" {
  url.redirect = ( "" => "https://www.example.com\${url.path}\${qsa}" )
}`;
const NO_SESSIONS = 'ssl.openssl.ssl-conf-cmd = ( "MinProtocol" => "TLSv1.2", "Options" => "-SessionTicket" )';
const HEADER = 'setenv.set-request-header = ( "X-Edge-Verified" => "SUCCESS" )';

/** What to do about a finding, in lines of lighttpd's configuration. */
export const LIGHTTPD_FIXES: ServerFixes = {
  not_asked: LOCK,
  verification_off: LOCK,
  optional: LOCK,
  unverified: LOCK,
  open_sibling: LOCK,
  name_mismatch: LOCK,
  some_paths_only: LOCK,
  plain_http: REDIRECT,
  other_port: `# in no $SERVER["socket"] "disable"
${LOCK}`,
  ipv6_open: `# in no $SERVER["socket"] "disable"
${LOCK}`,
  foreign_session: NO_SESSIONS,
  application_port: `# the application listens on loopback, and lighttpd reaches it there
proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => 3000 )) )`,
  lasting_sessions: NO_SESSIONS,
  unmatched_names: `else {
  url.access-deny = ( "" )
}`,
  config_differs: 'lighttpd -tt -f /etc/lighttpd/lighttpd.conf && systemctl restart lighttpd',
  public_authorities: AUTHORITY,
  origin_ca: AUTHORITY,
  shared_authority: AUTHORITY,
  shared_identity: `# lighttpd compares no names: use an authority of your own
${AUTHORITY}`,
  neighbour_admitted: `# lighttpd compares no names: use an authority of your own
${AUTHORITY}`,
  depth_too_small: `# lighttpd counts every step above the certificate: with one intermediate
ssl.verifyclient.depth = 2`,
  depth_too_great: 'ssl.verifyclient.depth = 2',
  leaf_as_authority: `# the root, with its intermediates
${AUTHORITY}`,
  no_revocation: 'ssl.verifyclient.ca-crl-file = "/etc/postern/edge.crl"',
  revocation_stale: `# fetch the lists of all authorities of the chain anew, then restart
ssl.verifyclient.ca-crl-file = "/etc/postern/edge.crl"`,
  foreign_admitted: AUTHORITY,
  header_passed: HEADER,
  header_only_on_success: HEADER,
  not_a_lock: LOCK,
  or_instead_of_and: LOCK,
  ca_file_missing: AUTHORITY,
  ca_file_unusable: AUTHORITY,
  old_authority: AUTHORITY,
  authority_expired: AUTHORITY,
  authority_ending: AUTHORITY,
  edge_refused: AUTHORITY,
  tls_version: 'ssl.openssl.ssl-conf-cmd = ( "MinProtocol" => "TLSv1.2" )',
  names_announced: 'ssl.verifyclient.ca-dn-file = "/etc/postern/edge-ca.pem"',
  server_chain: `# the certificate with its issuers, such as fullchain.pem
ssl.pemfile = "/etc/lighttpd/fullchain.pem"`,
  would_not_start: 'lighttpd -tt -f /etc/lighttpd/lighttpd.conf',
};
