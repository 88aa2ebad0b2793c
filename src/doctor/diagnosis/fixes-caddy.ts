import { caddyDefault } from './default-site.ts';
import type { ServerFixes } from './server-fixes.ts';

const LOCK = `tls {
	client_auth {
		mode require_and_verify
		trusted_ca_cert_file /etc/caddy/edge-ca.pem
	}
}`;

const TRUST = `# exactly the authority of the edge's certificate; before 2.8 Caddy reads the first certificate of the file alone
trusted_ca_cert_file /etc/caddy/edge-ca.pem`;

const STRICT = `{
	servers {
		strict_sni_host on
	}
}`;

const REDIRECT = `http://www.example.com {
	redir https://{host}{uri} 301
}`;

const HEADER = `# whatever came under the name goes, in every spelling, and the verdict takes its place
reverse_proxy 127.0.0.1:3000 {
	header_up X-Edge-Verified {http.request.tls.client.subject}
	header_up -X_Edge_Verified
}`;

/** Lines for a Caddyfile. */
export const CADDY_FIXES: ServerFixes = {
  not_asked: LOCK,
  optional: LOCK,
  unverified: LOCK,
  any_certificate: LOCK,
  tests_for_none_only: LOCK,
  issuer_by_name: LOCK,
  some_paths_only: LOCK,
  edge_refused: LOCK,
  not_a_lock: LOCK,
  error_page: `handle_errors {
	respond "{err.status_code}"
}`,
  open_sibling: `# the same in every site that reaches the application
${LOCK}`,
  unmatched_names: caddyDefault,
  name_mismatch: STRICT,
  plain_http: REDIRECT,
  other_port: `# in the site of that port, or take it away
${LOCK}`,
  ipv6_open: `# in every site that is bound to that address
${LOCK}`,
  application_port: 'reverse_proxy 127.0.0.1:3000',
  http3: `{
	servers {
		protocols h1 h2
	}
}`,
  header_passed: HEADER,
  header_only_on_success: HEADER,
  header_underscore: HEADER,
  public_authorities: LOCK,
  origin_ca: TRUST,
  shared_authority: TRUST,
  leaf_as_authority: TRUST,
  ca_file_missing: TRUST,
  ca_file_unusable: TRUST,
  old_authority: `# one line for each authority, or "trust_pool file" from Caddy 2.8 on
trusted_ca_cert_file /etc/caddy/edge-ca-old.pem
trusted_ca_cert_file /etc/caddy/edge-ca-new.pem`,
  loose_pin: `@edge expression \`{http.request.tls.client.fingerprint} == "0123…"\`  # sha256, lower case
handle @edge {
	reverse_proxy 127.0.0.1:3000
}
handle {
	respond 403
}`,
  shared_identity: `# with a certificate of your own
trusted_ca_cert_file /etc/caddy/edge-ca.pem`,
  no_revocation: '# Caddy checks no lists: replace the identity instead of revoking it',
  tls_version: `tls {
	protocols tls1.2 tls1.3
}`,
  config_differs: '# caddy validate && caddy reload',
};
