import { apacheDefault } from './default-site.ts';
import type { ServerFixes } from './server-fixes.ts';

const REQUIRE = `# in the <VirtualHost>, not in a section
SSLCACertificateFile /etc/postern/edge-ca.pem
SSLVerifyClient require`;
const LOCKED_RULE = `SSLVerifyClient require
# or, where it must stay optional, for the whole site:
<Location "/">
  Require ssl-verify-client
</Location>`;
const REDIRECT = `<VirtualHost *:80>
  ServerName www.example.com
  Redirect permanent / https://www.example.com/
</VirtualHost>`;
const NO_SESSIONS = `SSLSessionTickets off
SSLSessionCache none`;
const EXACT = `<Location "/">
  Require expr "%{SSL_CLIENT_SAN_DNS_0} == 'my-edge.example'"
</Location>`;
const HEADER = `RequestHeader set X-Edge-Verified "%{SSL_CLIENT_VERIFY}s"`;
const AUTHORITY = `SSLCACertificateFile /etc/postern/edge-ca.pem
# then: apachectl configtest && apachectl graceful`;
const STRICT_NAMES = `SSLVHostSNIPolicy strict
SSLStrictSNIVHostCheck on`;

/** What to do about a finding, in lines of Apache's configuration. */
export const APACHE_FIXES: ServerFixes = {
  not_asked: REQUIRE,
  verification_off: REQUIRE,
  optional: LOCKED_RULE,
  unverified: LOCKED_RULE,
  tests_for_none_only: `Require expr "%{SSL_CLIENT_VERIFY} == 'SUCCESS'"`,
  some_paths_only: `${LOCKED_RULE}
# exempt a path by its exact name only:
<LocationMatch "^/health$">
  Require all granted
</LocationMatch>`,
  error_page: `# a text, or a file that Apache serves itself
ErrorDocument 403 "Refused"`,
  open_sibling: `# in every <VirtualHost> that reaches the application
SSLCACertificateFile /etc/postern/edge-ca.pem
SSLVerifyClient require`,
  name_mismatch: STRICT_NAMES,
  two_authorities: STRICT_NAMES,
  plain_http: REDIRECT,
  other_port: `# in the <VirtualHost> of that port too, or take its Listen away
SSLCACertificateFile /etc/postern/edge-ca.pem
SSLVerifyClient require`,
  ipv6_open: `# one <VirtualHost> for both families
Listen 443
<VirtualHost *:443>`,
  foreign_session: `${NO_SESSIONS}
# and update Apache: 2.4.64 or later, or your distribution's mended package (CVE-2025-23048)`,
  verified_by_path: `# take SSLVerifyClient out of <Location> and <Directory>, and write it into the <VirtualHost>
SSLVerifyClient require`,
  or_instead_of_and: `<RequireAll>
  Require ssl-verify-client
  Require ip 192.0.2.0/24
</RequireAll>
# and no "Satisfy any"`,
  application_port: `# the application listens on loopback, and Apache reaches it there
ProxyPass / http://127.0.0.1:3000/`,
  lasting_sessions: NO_SESSIONS,
  unmatched_names: apacheDefault,
  lock_not_in_force: `a2ensite www.example.com
# where a module is wanted: a2enmod ssl headers
# then: apachectl configtest && apachectl graceful`,
  config_differs: 'apachectl configtest && apachectl graceful',
  public_authorities: `# exactly the edge's authority, and no SSLCACertificatePath
SSLCACertificateFile /etc/postern/edge-ca.pem`,
  more_authorities: `# no SSLCACertificatePath beside it
SSLCACertificateFile /etc/postern/edge-ca.pem`,
  origin_ca: AUTHORITY,
  shared_authority: AUTHORITY,
  shared_identity: EXACT,
  neighbour_admitted: EXACT,
  loose_pin: EXACT,
  depth_too_small: `# Apache counts every step above the certificate: with one intermediate
SSLVerifyDepth 2`,
  depth_too_great: 'SSLVerifyDepth 2',
  leaf_as_authority: `# the root, with its intermediates
SSLCACertificateFile /etc/postern/edge-ca.pem`,
  no_revocation: `SSLCARevocationFile /etc/postern/edge.crl
SSLCARevocationCheck leaf`,
  revocation_unused: 'SSLCARevocationCheck leaf',
  revocation_stale: `# fetch the list anew, then: apachectl graceful
SSLCARevocationFile /etc/postern/edge.crl
SSLCARevocationCheck leaf`,
  issuer_by_name: 'SSLVerifyClient require',
  foreign_admitted: AUTHORITY,
  header_passed: HEADER,
  header_only_on_success: HEADER,
  not_a_lock: REQUIRE,
  ca_file_missing: AUTHORITY,
  ca_file_unusable: AUTHORITY,
  old_authority: AUTHORITY,
  authority_expired: AUTHORITY,
  authority_ending: AUTHORITY,
  edge_refused: AUTHORITY,
  tls_version: 'SSLProtocol -all +TLSv1.2 +TLSv1.3',
  names_announced: `# announce the authority that is trusted: take SSLCADNRequestFile and SSLCADNRequestPath away
SSLCACertificateFile /etc/postern/edge-ca.pem`,
  would_not_start: `# load the module that the directive belongs to, or take the directive away
a2enmod headers
# then: apachectl configtest && apachectl restart`,
};
