import { nginxDefault } from './default-site.ts';
import type { ServerFixes } from './server-fixes.ts';

const LOCK = `ssl_client_certificate /etc/nginx/edge-ca.pem;
ssl_verify_client on;
ssl_verify_depth 1;`;

const REFUSE = `# in server { }, before every location
if ($ssl_client_verify != SUCCESS) { return 403; }`;

const REDIRECT = `server {
  listen 80;
  listen [::]:80;
  server_name www.example.com;
  return 301 https://$host$request_uri;
}`;

const HEADER = `# in every location that sets headers of its own
proxy_set_header X-Edge-Verified $ssl_client_verify;
proxy_set_header X_Edge_Verified "";`;

const TRUST = `# exactly the authority of the edge's certificate, and nothing else
ssl_client_certificate /etc/nginx/edge-ca.pem;`;

/** Lines for nginx. */
export const NGINX_FIXES: ServerFixes = {
  not_asked: LOCK,
  optional: LOCK,
  unverified: LOCK,
  verification_off: LOCK,
  any_certificate: LOCK,
  tests_for_none_only: REFUSE,
  some_paths_only: `${LOCK}
# and no "if" on $ssl_client_verify in single locations`,
  left_to_application: `${LOCK}
proxy_set_header X-Edge-Verified $ssl_client_verify;`,
  error_page: `# take 400, 495, 496 and 403 out of error_page, or answer with a fixed file
error_page 495 496 =403 /blocked.html;
location = /blocked.html { root /usr/share/nginx/html; internal; }`,
  open_sibling: (place) => `# in every server that reaches the application
${LOCK}
# and for names that no site has:
${nginxDefault(place)}`,
  unmatched_names: nginxDefault,
  two_authorities: nginxDefault,
  name_mismatch: nginxDefault,
  plain_http: REDIRECT,
  other_port: `# in the server of that port, or take its listen away
${LOCK}`,
  ipv6_open: `# both in the server that is locked
listen 443 ssl;
listen [::]:443 ssl;`,
  early_data: 'ssl_early_data off;',
  lasting_sessions: `ssl_session_cache off;
ssl_session_tickets off;`,
  foreign_session: `ssl_session_cache off;
ssl_session_tickets off;
# and update nginx to 1.26.3, 1.27.4 or a build of your distribution that mends CVE-2025-23419`,
  or_instead_of_and: 'satisfy all;',
  http3: `# take "listen … quic" away, or lock that server too
${LOCK}`,
  application_port: `# bind the application to loopback, and name it so
proxy_pass http://127.0.0.1:3000;`,
  public_authorities: TRUST,
  more_authorities: `# take ssl_trusted_certificate away; the issuer belongs into the chain
ssl_certificate /etc/nginx/fullchain.pem;`,
  origin_ca: `# authenticated_origin_pull_ca.pem or your own, not the Origin CA
ssl_client_certificate /etc/nginx/edge-ca.pem;`,
  shared_authority: TRUST,
  leaf_as_authority: `# the root certificate, not what it signed
ssl_client_certificate /etc/nginx/edge-ca.pem;`,
  loose_pin: `map $ssl_client_fingerprint $edge_ok {
  default 0;
  0123456789abcdef0123456789abcdef01234567 1;  # openssl x509 -noout -fingerprint -sha1
}
# in server { }
if ($edge_ok = 0) { return 403; }`,
  issuer_by_name: LOCK,
  depth_too_small: 'ssl_verify_depth 2;  # one for each intermediate',
  depth_too_great: 'ssl_verify_depth 1;  # one for each intermediate',
  no_revocation: `# a list of every CA of the chain, renewed before it ends
ssl_crl /etc/nginx/edge.crl;`,
  revocation_stale: `# fetch the list of every CA of the chain anew, then: nginx -t && nginx -s reload
ssl_crl /etc/nginx/edge.crl;`,
  header_passed: HEADER,
  header_inheritance: HEADER,
  header_absent: HEADER,
  header_underscore: `underscores_in_headers off;
proxy_set_header X_Edge_Verified "";`,
  not_a_lock: LOCK,
  ca_file_missing: `ssl_client_certificate /etc/nginx/edge-ca.pem;
# then: nginx -t && nginx -s reload`,
  ca_file_unusable: `# a certificate in PEM, which begins with -----BEGIN CERTIFICATE----- on a line of its own
ssl_client_certificate /etc/nginx/edge-ca.pem;`,
  tls_version: 'ssl_protocols TLSv1.2 TLSv1.3;',
  key_kind: '# take ssl_conf_command ClientSignatureAlgorithms away',
  edge_refused: LOCK,
  edge_refused_in_part: `ssl_protocols TLSv1.2 TLSv1.3;
ssl_session_cache off;
ssl_session_tickets off;`,
  old_authority: `# old and new, one after the other, in one file; then: nginx -t && nginx -s reload
ssl_client_certificate /etc/nginx/edge-ca.pem;`,
  lock_not_in_force: `ln -s /etc/nginx/sites-available/www.example.com /etc/nginx/sites-enabled/
# and nginx.conf reads that directory, in http { }:
include /etc/nginx/sites-enabled/*;
# then: nginx -t && nginx -s reload`,
  config_differs: `# nginx goes on with the configuration of before where the new one is wrong
# nginx -t && nginx -s reload`,
};
