import type { Route } from '../../src/control/api/route.ts';

/** The shell that every example runs in: it says where the API is and who calls. */
export const PREAMBLE = `export API="\${API:-http://127.0.0.1:8400}" DATA="\${DATA:-./data}"
AUTH="Authorization: Bearer \${TOKEN:-$(cat "$DATA/bootstrap-token")}"
pem() { awk '{printf "%s\\\\n", $0}' "$1"; } # a PEM file as it stands in JSON`;

const RECORD =
  '{"type": "A", "name": "www", "content": "203.0.113.7", "proxied": true, "origin": {"https_port": 8443}}';
const UPLOAD = `{"certificate": "'"$(pem client.pem)"'", "private_key": "'"$(pem client.key)"'"}`;

const POLICIES = `{"name": "dns", "policies": [{"effect": "allow", "permission_groups": [{"id": "'"$GROUP"'"}], "resources": {"com.cloudflare.api.account.zone.'"$ZONE"'": "*"}}]}`;

const LIMIT =
  '{"match": {"request": {"methods": ["POST"], "url": "*.example.test/login*"}}, "threshold": 5, "period": 60, "action": {"mode": "ban", "timeout": 600}}';
const ACCOUNT_POLICIES = POLICIES.replace(
  /"resources": .*/,
  `"resources": {"com.cloudflare.api.account.'"$ACCOUNT"'": {"com.cloudflare.api.account.zone.*": "*"}}}]}`,
);

const VISITOR = UPLOAD.replaceAll('client.', 'visitor.');

/** Bodies of the calls that take one. `'"$NAME"'` leaves the quotes for a variable of the shell. */
const BODIES: Readonly<Record<string, string>> = {
  'POST /client/v4/zones': '{"name": "example.test"}',
  'POST /client/v4/accounts': '{"name": "Shop"}',
  'PUT /client/v4/accounts/:account': '{"name": "Shop Ltd"}',
  'POST /client/v4/accounts/:account/tokens': ACCOUNT_POLICIES,
  'PUT /client/v4/accounts/:account/tokens/:id': ACCOUNT_POLICIES,
  'PATCH /postern/v1/zones/:zone/settings': '{"ssl": "strict", "origin_tls_client_auth": "on"}',
  'POST /postern/v1/session': `{"token": "'"\${TOKEN:-$(cat "$DATA/bootstrap-token")}"'"}`,
  'POST /postern/v1/tokens':
    '{"name": "dns", "permissions": ["dns:edit"], "zones": ["example.test"], "addresses": ["127.0.0.0/8"]}',
  'PATCH /postern/v1/tokens/:id': '{"permissions": ["dns:read"]}',
  'POST /client/v4/user/tokens': POLICIES,
  'PUT /client/v4/user/tokens/:id': POLICIES,
  'PATCH /client/v4/zones/:zone': '{"paused": true}',
  'POST /client/v4/zones/:zone/dns_records': RECORD.replace('"www"', '"shop"'),
  'POST /client/v4/zones/:zone/dns_records/batch': `{"posts": [${RECORD.replace('"www"', '"blog"')}]}`,
  'PUT /client/v4/zones/:zone/dns_records/:id': RECORD,
  'PATCH /client/v4/zones/:zone/dns_records/:id': '{"proxied": false}',
  'PATCH /client/v4/zones/:zone/settings':
    '{"items": [{"id": "ssl", "value": "strict"}, {"id": "always_use_https", "value": "on"}]}',
  'PATCH /client/v4/zones/:zone/settings/:setting': '{"value": "on"}',
  'PUT /client/v4/zones/:zone/settings/origin_tls_compliance_modes': '{"value": ["fips"]}',
  'PATCH /client/v4/zones/:zone/settings/origin_tls_compliance_modes': '{"value": []}',
  'PATCH /client/v4/zones/:zone/settings/auto_origin_tls_kex': '{"enabled": false}',
  'PATCH /client/v4/zones/:zone/settings/ssl_automatic_mode': '{"value": "custom"}',
  'PATCH /client/v4/zones/:zone/settings/ssl_recommender': '{"enabled": false}',
  'PATCH /client/v4/zones/:zone/ssl/universal/settings': '{"enabled": true}',
  'PUT /client/v4/zones/:zone/origin_tls_client_auth/settings': '{"enabled": true}',
  'PUT /client/v4/zones/:zone/origin_tls_client_auth/hostnames': `{"config": [{"hostname": "www.example.test", "cert_id": "'"$CERTIFICATE"'", "enabled": true}]}`,
  'POST /client/v4/zones/:zone/origin_tls_client_auth/hostnames/certificates': UPLOAD,
  'POST /client/v4/zones/:zone/origin_tls_client_auth': UPLOAD,
  'POST /client/v4/zones/:zone/custom_certificates': VISITOR,
  'PATCH /client/v4/zones/:zone/custom_certificates/:id': VISITOR,
  'PUT /client/v4/zones/:zone/custom_certificates/prioritize': `{"certificates": [{"id": "'"$VISITOR"'", "priority": 10}]}`,
  'PUT /postern/v1/zones/:zone/hostnames/:hostname/visitor_authorities': `{"certificates": "'"$(pem staff-ca.pem)"'", "name": "staff"}`,
  'POST /client/v4/certificates': `{"csr": "'"$(pem origin.csr)"'", "hostnames": ["www.example.test"], "request_type": "origin-ecc", "requested_validity": 90}`,
  'POST /client/v4/zones/:zone/firewall/access_rules/rules':
    '{"mode": "block", "configuration": {"target": "ip_range", "value": "192.0.2.0/24"}, "notes": "scanners"}',
  'PATCH /client/v4/zones/:zone/firewall/access_rules/rules/:id': '{"mode": "whitelist"}',
  'POST /client/v4/zones/:zone/rate_limits': LIMIT,
  'PUT /client/v4/zones/:zone/rate_limits/:id': LIMIT.replace('"threshold": 5', '"threshold": 10'),
  'POST /postern/v1/zones/:zone/authority': `{"certificate": "'"$(pem intermediate.pem)"'", "root_certificate": "'"$(pem root.pem)"'", "private_key": "'"$(pem intermediate.key)"'"}`,
  'POST /postern/v1/zones/:zone/authority/root_key/export': '{"passphrase": "correct horse battery staple"}',
  'POST /postern/v1/zones/:zone/authority/root_key/forget': `{"encrypted_key": "'"$(pem root.key.enc)"'", "passphrase": "correct horse battery staple", "list_days": 365}`,
  'POST /postern/v1/zones/:zone/authority/root_key/restore': `{"encrypted_key": "'"$(pem root.key.enc)"'", "passphrase": "correct horse battery staple"}`,
  'POST /postern/v1/zones/:zone/managed_certificates': '{"hostnames": ["www.example.test"], "lifetime_days": 7}',
  'POST /postern/v1/zones/:zone/certificate_requests': '{"level": "hostname", "hostnames": ["www.example.test"]}',
  'POST /postern/v1/zones/:zone/certificate_requests/:id/certificate': `{"certificate": "'"$(pem signed.pem)"'"}`,
  'POST /postern/v1/zones/:zone/openings':
    '{"hostname": "www.example.test", "seconds": 1800, "reason": "monitoring of the datacentre"}',
  'POST /postern/v1/zones/:zone/probe_credentials': `{"hostname": "www.example.test", "csr": "'"$(pem probe.csr)"'"}`,
  'POST /postern/v1/zones/:zone/impact': '{"kind": "zone_level", "on": false}',
  'POST /postern/v1/tokens/:id/impact': '{"kind": "token_revoke"}',
  'POST /postern/v1/notice_channels/:id/impact': '{"kind": "channel_delete"}',
  'POST /postern/v1/zones/:zone/origin_certificates': '{"hostname": "www.example.test"}',
  'POST /postern/v1/zones/:zone/edge_visits': '{"hostname": "www.example.test"}',
  'POST /postern/v1/zones/:zone/attestations': '{"hostname": "www.example.test"}',
  'PATCH /postern/v1/zones/:zone/attestation_settings': '{"hostnames": {"www.example.test": "/healthz"}}',
  'PUT /postern/v1/zones/:zone/attestation_pause': '{"seconds": 7200, "reason": "the datacentre moves"}',
  'POST /postern/v1/zones/:zone/origins/reports':
    '{"host": "web-1", "lock": "www", "server": "nginx 1.22.1", "bundle": null, "lists": [], "hostnames": [{"hostname": "www.example.test", "mode": "enforce"}], "fault": null}',
  'POST /postern/v1/zones/:zone/origins/callers':
    '{"host": "web-1", "lock": "www", "batch": "9a1f0c7be4d25836aa4b1c90d7e2f358", "hostnames": ["www.example.test"], "counts": []}',
  'POST /postern/v1/zones/:zone/origin_config':
    '{"server": "nginx", "hostnames": ["www.example.test"], "upstream": "http://127.0.0.1:3000", "mode": "watch"}',
  'PUT /postern/v1/zones/:zone/setups/:hostname': '{"choices": {"server": "nginx", "mode": "watch"}}',
  'POST /postern/v1/zones/:zone/rotations': '{"what": "leaf", "reason": "yearly exchange"}',
  'PATCH /postern/v1/zones/:zone/rotations/:id': '{"action": "pause", "reason": "freeze until Monday"}',
  'POST /postern/v1/zones/:zone/revocations':
    '{"serial": "0x4a3f9c0d11e24b6a8f7e5d3c2b1a0987", "reason": "keyCompromise"}',
  'PUT /postern/v1/edges/addresses': '{"networks": ["192.0.2.0/24", "2001:db8::/48"]}',
  'POST /postern/v1/notice_channels': '{"name": "ops", "kind": "webhook", "url": "https://hooks.example.test/postern"}',
  'PATCH /postern/v1/notice_channels/:id': '{"severity": "critical"}',
  'POST /client/v4/zones/:zone/acm/custom_trust_store': `{"certificate": "'"$(pem origin-ca.pem)"'"}`,
};

const PARAMETERS: Readonly<Record<string, string>> = {
  zone: '$ZONE',
  account: '$ACCOUNT',
  hostname: 'www.example.test',
  issuer: '$AUTHORITY',
  request: '$REQUEST_BASE64',
  setting: 'tls_client_auth',
  session: '$SESSION_ID',
};

/** The variable that stands for `:id` in a path. */
function idVariable(path: string): string {
  if (path.includes('/dns_records/')) return '$RECORD';
  if (path.includes('/firewall/')) return '$RULE';
  if (path.includes('/rate_limits/')) return '$LIMIT';
  if (path.includes('/certificate_requests/')) return '$REQUEST';
  if (path.includes('/rotations/')) return '$ROTATION';
  if (path.startsWith('/client/v4/accounts/')) return '$ACCOUNT_TOKEN';
  if (path.includes('/tokens/')) return '$TOKEN_ID';
  if (path.includes('/notice_channels/')) return '$CHANNEL';
  if (path.includes('/custom_certificates/')) return '$VISITOR';
  if (path.startsWith('/client/v4/certificates/')) return '$ORIGIN_CERTIFICATE';
  return path.includes('/custom_trust_store/') ? '$CA' : '$CERTIFICATE';
}

// What a call must be told in its query to answer at all, or to end.
function query(method: string, path: string): string {
  if (path.endsWith('/events')) return '?follow=false';
  return method === 'GET' && path === '/client/v4/certificates' ? '?zone_id=$ZONE' : '';
}

const OCSP_TEXT = '-o response.der && openssl ocsp -respin response.der -noverify -resp_text | head -n 2';

/** What becomes of an answer that nobody wants on a terminal. */
const KEPT: Readonly<Record<string, string>> = {
  'POST /ocsp/zones/:zone': OCSP_TEXT,
  'GET /ocsp/zones/:zone/:request': OCSP_TEXT,
  'GET /ssl/static/zones/:zone/crl/:issuer.crl':
    '-o authority.crl && openssl crl -inform DER -in authority.crl -noout -crlnumber',
  'POST /postern/v1/backups': '-o postern.backup && head -n 1 postern.backup',
};

// How curl is a browser: it keeps the cookie in a file, and sends it back.
const COOKIES: Readonly<Record<string, string>> = {
  POST: '-c session.jar',
  DELETE: `-b session.jar -H "X-Postern-CSRF: $(curl -s -b session.jar "$API/postern/v1/session" | sed 's/.*"csrf":"\\([^"]*\\).*/\\1/')"`,
};

/** One call as a line of shell, for the variables of the page. Throws where a body is wanted and none is known. */
export function apiExample({ method, path, permission, takes, bytes, credential }: Route): string {
  const body = BODIES[`${method} ${path}`];
  const isJson = bytes === null;
  if (isJson && takes.body !== undefined && body === undefined)
    throw new Error(`${method} ${path} has no example of its body`);
  const url =
    path.replace(/:([a-z]+)/g, (_, name: string) => PARAMETERS[name] ?? idVariable(path)) + query(method, path);
  const parts = [
    'curl -s',
    ...(method === 'GET' || (method === 'POST' && (body !== undefined || !isJson)) ? [] : [`-X ${method}`]),
    ...(permission === null || credential === 'cookie' ? [] : ['-H "$AUTH"']),
    ...(credential === null ? [] : [COOKIES[method] ?? '-b session.jar']),
    `"$API${url}"`,
    ...(body === undefined ? [] : [`-d '${body}'`]),
    ...(isJson ? [] : [`--data-binary @request.der -H 'Content-Type: ${bytes.media}'`]),
    ...[KEPT[`${method} ${path}`] ?? []].flat(),
  ];
  return parts.join(' ');
}
