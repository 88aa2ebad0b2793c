import type { ServerFixes } from './server-fixes.ts';

const LOCK = `https.createServer({
  key, cert,
  ca: [edgeCa],              // without it Node trusts the public authorities
  requestCert: true,
  rejectUnauthorized: true,
}, app)`;
const BOTH = `const { socket } = request;
if (!socket.authorized || !PINS.has(socket.getPeerCertificate().fingerprint256)) return refuse(403);`;
const NAMES = `const host = String(request.headers.host).replace(/:\\d+$/, '').toLowerCase();
if (request.socket.servername !== host) return refuse(421);`;
const NO_SESSIONS = `secureOptions: crypto.constants.SSL_OP_NO_TICKET`;
const AUTHORITY = 'ca: [edgeCa]';
const HEADER = "delete request.headers['x-edge-verified'];  // and say it anew, from request.socket";

/** What to do about a finding, in lines of a program for Node. */
export const NODE_FIXES: ServerFixes = {
  not_asked: LOCK,
  optional: 'rejectUnauthorized: true',
  unverified: 'rejectUnauthorized: true',
  any_certificate: 'rejectUnauthorized: true',
  tests_for_none_only: BOTH,
  name_mismatch: NAMES,
  two_authorities: NAMES,
  plain_http: `http.createServer((request, response) => {
  response.writeHead(301, { location: 'https://www.example.com' + request.url }).end();
}).listen(80)`,
  foreign_session: `${NO_SESSIONS}
${NAMES}`,
  certificateless_session: `rejectUnauthorized: true
${BOTH}`,
  or_instead_of_and: BOTH,
  application_port: "server.listen(3000, '127.0.0.1')",
  lasting_sessions: NO_SESSIONS,
  unmatched_names: NAMES,
  public_authorities: AUTHORITY,
  origin_ca: AUTHORITY,
  shared_authority: AUTHORITY,
  shared_identity: BOTH,
  neighbour_admitted: BOTH,
  loose_pin: BOTH,
  no_revocation: 'crl: [edgeCrl]',
  revocation_stale: 'server.setSecureContext({ key, cert, ca: [edgeCa], crl: [freshCrl] })',
  issuer_by_name: `rejectUnauthorized: true
${BOTH}`,
  foreign_admitted: AUTHORITY,
  dated_admitted: 'rejectUnauthorized: true',
  header_passed: HEADER,
  header_only_on_success: HEADER,
  not_a_lock: LOCK,
  leaf_as_authority: AUTHORITY,
  old_authority: AUTHORITY,
  authority_expired: AUTHORITY,
  edge_refused: AUTHORITY,
  tls_version: "minVersion: 'TLSv1.2'",
};
