import { ATTESTATION_PROBLEMS } from './attestation-problems.ts';
import { AUTHORITY_PROBLEMS } from './authority-problems.ts';
import { NOTICE_PROBLEMS } from './notice-problems.ts';
import { type ProblemRow, REQUEST_PROBLEMS } from './request-problems.ts';
import { SETUP_PROBLEMS } from './setup-problems.ts';

/**
 * Why a request to the control plane failed: one row each. `code` is the number that clients of Cloudflare's API match
 * on (theirs where there is one), `status` the HTTP status, `fix` what to do about it.
 */
export const PROBLEMS = {
  ...REQUEST_PROBLEMS,
  ...AUTHORITY_PROBLEMS,
  ...ATTESTATION_PROBLEMS,
  ...NOTICE_PROBLEMS,
  ...SETUP_PROBLEMS,
  account_not_found: { code: 7404, status: 400, text: 'No such account', fix: 'Leave account out, or list /accounts.' },
  account_not_empty: {
    code: 7405,
    status: 400,
    text: 'This account still has zones',
    fix: 'Delete its zones first: GET /zones?account.id= lists them.',
  },
  default_account: {
    code: 7406,
    status: 400,
    text: 'This account cannot be deleted: zones that name no account belong to it',
    fix: 'Delete another one, or rename this one.',
  },
  too_many_accounts: {
    code: 7407,
    status: 400,
    text: 'There are as many accounts as this installation takes',
    fix: 'Delete those that nobody uses, or raise the limit (postern up --limit accounts=N).',
  },
  too_many_zones: {
    code: 1118,
    status: 400,
    text: 'Zone limit exceeded: there are as many zones as this installation takes',
    fix: 'Delete those that nobody uses, or raise the limit (postern up --limit zones=N).',
  },
  zone_exists: {
    code: 1061,
    status: 400,
    text: 'This zone already exists',
    fix: 'Use the existing zone, or delete it first.',
  },
  zone_of_other_account: {
    code: 1116,
    status: 400,
    text: 'A parent or child of this zone belongs to another account',
    fix: 'Choose a name that does not overlap with another account.',
  },
  zone_inhabited: {
    code: 1122,
    status: 400,
    text: 'The zone above has records, associations or visitor_authorities for names of this zone',
    fix: 'Delete them there first; they can be created anew in this zone.',
  },
  bad_zone_name: {
    code: 1105,
    status: 400,
    text: 'This is not a name that a zone can have',
    fix: 'Use a domain name with at least two labels, such as example.test.',
  },
  zone_not_found: {
    code: 7003,
    status: 404,
    text: 'Could not route to this zone, perhaps your object identifier is invalid?',
    fix: 'List /zones for the ids that exist.',
  },
  unknown_setting: {
    code: 1006,
    status: 400,
    text: 'Unrecognized zone setting name',
    fix: 'Use one of the settings named.',
  },
  bad_setting: {
    code: 1007,
    status: 400,
    text: 'Invalid value for a zone setting',
    fix: 'Use one of the values named.',
  },
  record_not_found: { code: 81044, status: 404, text: 'Record does not exist.', fix: 'List the records of the zone.' },
  record_exists: {
    code: 81057,
    status: 400,
    text: 'An identical record already exists.',
    fix: 'Change the existing record instead.',
  },
  cname_exists: {
    code: 81054,
    status: 400,
    text: 'A CNAME record with that host already exists.',
    fix: 'Delete it first: a CNAME stands alone at its name (RFC 1034 §3.6.2).',
  },
  record_conflict: {
    code: 81053,
    status: 400,
    text: 'An A, AAAA, or CNAME record with that host already exists.',
    fix: 'Delete the other record first: a CNAME stands alone at its name (RFC 1034 §3.6.2).',
  },
  record_outside_zone: {
    code: 9000,
    status: 400,
    text: 'The name of the record lies outside the zone',
    fix: 'Use the name of the zone or one below it.',
  },
  too_many_records: {
    code: 81045,
    status: 400,
    text: 'The record quota is exceeded: the zone has as many records as this installation takes',
    fix: 'Delete those that nobody uses, or raise the limit (postern up --limit records_per_zone=N).',
  },
  bad_record: { code: 1004, status: 400, text: 'DNS Validation Error', fix: 'Mend the field named.' },
  server_name_not_yours: {
    code: 1117,
    status: 400,
    text: 'origin.server_name names a host of another account',
    fix: 'Use a name of a zone in this account, or one that no zone here holds.',
  },
  server_name_shared: {
    code: 1119,
    status: 400,
    text: 'origin.server_name names a host that is locked with the shared identity',
    fix: 'Lock that host with its zone level first; the shared identity cannot tell zones apart.',
  },
  origin_not_allowed: {
    code: 1120,
    status: 403,
    text: 'This token may not name private, loopback or link-local origins',
    fix: 'Use a token with the permission origins:private.',
  },
  certificate_id_required: {
    code: 1404,
    status: 400,
    text: 'Certificate ID required',
    fix: 'Send cert_id with each hostname, also to void an association.',
  },
  certificate_exists: {
    code: 1406,
    status: 400,
    text: 'This certificate already exists',
    fix: 'Use the certificate whose id is named.',
  },
  too_many_certificates: {
    code: 1420,
    status: 400,
    text: 'The zone has as many of these as this installation takes',
    fix: 'Delete those that nobody uses, or raise the limit named (postern up --limit NAME=N).',
  },
  too_many_hostnames: {
    code: 1421,
    status: 400,
    text: 'More hostnames would say something of their own than this installation takes',
    fix: 'Use another certificate or the zone level, or raise the limit named (postern up --limit NAME=N).',
  },
  certificate_unreadable: {
    code: 1408,
    status: 400,
    text: 'Unable to parse certificate',
    fix: 'Send the leaf certificate in PEM, then its intermediates, beginning with -----BEGIN CERTIFICATE-----.',
  },
  key_unreadable: {
    code: 1409,
    status: 400,
    text: 'Unable to parse private key',
    fix: 'Send the unencrypted private key in PEM (openssl pkey -in key.pem removes a passphrase).',
  },
  key_mismatch: {
    code: 1410,
    status: 400,
    text: 'The private key does not belong to the certificate',
    fix: 'Send the key that the certificate was requested with.',
  },
  missing_leaf: {
    code: 1411,
    status: 400,
    text: 'missing leaf certificate',
    fix: 'Send a certificate that is not a CA (basicConstraints CA:FALSE), first in the file.',
  },
  certificate_unfit: {
    code: 1412,
    status: 400,
    text: 'The certificate can never be accepted by an origin',
    fix: 'Issue it anew as named.',
  },
  certificate_pending_deletion: {
    code: 1414,
    status: 400,
    text: 'The certificate is pending deletion or already deleted',
    fix: 'Nothing to do.',
  },
  invalid_certificate_id: {
    code: 1415,
    status: 400,
    text: 'Invalid Certificate ID: unknown, deleted, or of the other level',
    fix: 'Name a hostname certificate of this zone; list origin_tls_client_auth/hostnames/certificates.',
  },
  certificate_in_use: {
    code: 1433,
    status: 400,
    text: 'The certificate is in use by a hostname',
    fix: 'Void its associations (enabled: null) first.',
  },
  certificate_not_found: {
    code: 1552,
    status: 404,
    text: 'certificate not found',
    fix: 'List the certificates of this level.',
  },
  association_not_found: {
    code: 1553,
    status: 404,
    text: 'setting for this hostname not found',
    fix: 'Set it with PUT origin_tls_client_auth/hostnames.',
  },
  hostname_outside_zone: {
    code: 1416,
    status: 400,
    text: 'The hostname lies outside the zone',
    fix: 'Use the name of the zone or one below it.',
  },
  managed_certificate: {
    code: 1417,
    status: 400,
    text: "The zone's managed identity cannot be deleted",
    fix: 'Switch the zone level off, or upload a certificate: the newest upload is presented.',
  },
  origin_impossible: {
    code: 1121,
    status: 400,
    text: 'The edge never connects to link-local, multicast or unspecified addresses',
    fix: 'Use an address of the origin itself.',
  },
  zone_id_required: {
    code: 1012,
    status: 400,
    text: 'The zone id must be given',
    fix: 'Send ?zone_id=<id of the zone>.',
  },
  origin_hostname_refused: {
    code: 1010,
    status: 400,
    text: 'Failed to validate requested hostname',
    fix: 'Name hosts of one zone that this token may edit, a wildcard for one label at most, and no addresses.',
  },
  csr_unfit: {
    code: 1011,
    status: 400,
    text: 'The certificate request cannot be used',
    fix: 'Send one PKCS#10 request in PEM, signed with SHA-256 or better by the key it is for (openssl req -new).',
  },
  origin_certificate_revoked: {
    code: 1014,
    status: 400,
    text: 'This certificate is revoked already',
    fix: 'Nothing to do.',
  },
  certificate_changed: {
    code: 1419,
    status: 400,
    text: 'Somebody else replaced this certificate in the meantime',
    fix: 'Read it again, then send the change again.',
  },
  rule_not_found: { code: 10001, status: 404, text: 'No such rule', fix: 'List the rules of the zone.' },
  rule_exists: {
    code: 10009,
    status: 400,
    text: 'There is a rule for this network already',
    fix: 'Change the rule whose id is named.',
  },
  too_many_rules: {
    code: 10010,
    status: 400,
    text: 'The zone has as many rules as it can have',
    fix: 'Delete rules that nobody needs, or cover several networks with one.',
  },
  request_not_found: {
    code: 10450,
    status: 404,
    text: 'No such certificate request waits in this zone',
    fix: 'List the certificate_requests of the zone; one that was answered is among its identities.',
  },
  request_key_mismatch: {
    code: 10451,
    status: 400,
    text: 'The certificate is for another key than that of the request',
    fix: 'Have the CA sign this very request, or answer the request that it did sign.',
  },
  visitor_authorities_not_found: {
    code: 10440,
    status: 404,
    text: 'This hostname asks its visitors for nothing of its own',
    fix: 'List the visitor_authorities of the zone: a wildcard above may ask in its place.',
  },
  visitor_authority_unfit: {
    code: 10441,
    status: 400,
    text: 'These certificates cannot vouch for visitors',
    fix: 'Send the CA certificates in PEM that sign the certificates of visitors: roots, and every intermediate below them that visitors come with.',
  },
  not_a_ca: {
    code: 1418,
    status: 400,
    text: 'The certificate is not a CA',
    fix: "Send one CA certificate in PEM (basicConstraints CA:TRUE): the one that signs the origins' own certificates, or a certificate that signed itself.",
  },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof PROBLEMS;

/** A refusal of the control plane. `pointer` is a JSON pointer to the field (RFC 6901), where one is to blame. */
export interface Problem {
  readonly kind: 'problem';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly pointer?: string;
}

/** A problem with what was wrong in this case: `detail` continues the row's text. */
export function problem(code: ProblemCode, detail = '', pointer?: string): Problem {
  return pointer === undefined ? { kind: 'problem', code, detail } : { kind: 'problem', code, detail, pointer };
}

/** A problem with one of several things, each at a place of its own in the body: its pointer goes below that place. */
export function problemAt(found: Problem, place: string): Problem {
  const pointer = `${place}${found.pointer ?? ''}`;
  return pointer === '' ? found : { ...found, pointer };
}
