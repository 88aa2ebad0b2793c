/** Every row of PROBLEMS, provoked from outside over real HTTP, or listed with the reason why it cannot be. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { PROBLEMS, type ProblemCode } from '../../src/domain/problems.ts';
import { createAuthority } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { clientAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { type Answer, type Control, startControl } from './control.ts';
import { raw } from './raw-request.ts';
import { NOTICE_PROVOKED } from './notice-provocations.ts';
import { AUTHORITY_PROVOKED } from './authority-provocations.ts';
import { OUT_OF_REACH } from './out-of-reach.ts';
import { REVOCATION_PROVOKED } from './revocation-provocations.ts';
import { SETUP_PROVOKED } from './setup-provocations.ts';
import { ROTATION_PROVOKED } from './rotation-provocations.ts';
import { SESSION_PROVOKED } from './session-provocations.ts';
import { signingRequest } from '../support/signing-request.ts';

const DAY = 86_400_000;
const NOBODY = '0'.repeat(32);
const NO_CERTIFICATE = '00000000-0000-4000-8000-000000000000';

type Refused = Pick<Answer, 'status' | 'errors'>;

/** What a provocation may use: a zone of its own in a control plane that all share. */
interface Ground {
  readonly control: Control;
  readonly call: Control['call'];
  /** Path of the zone. */
  readonly at: string;
  readonly zone: string;
  readonly name: string;
  readonly upload: () => Promise<Upload>;
  /** Fields of a token that may do this and nothing else. */
  readonly bearer: (...permissions: readonly string[]) => Promise<Readonly<Record<string, string>>>;
}

interface Upload {
  readonly certificate: string;
  readonly private_key: string;
}

type Provocation = (ground: Ground) => Promise<Refused>;

const AOP = '/origin_tls_client_auth';
const NETWORK = { target: 'ip', value: '192.0.2.7' };
const RECORD = { type: 'A', name: 'www', content: '192.0.2.1', proxied: true };

const PROVOKED: Readonly<Partial<Record<ProblemCode, Provocation>>> = {
  ...NOTICE_PROVOKED,
  ...REVOCATION_PROVOKED,
  ...AUTHORITY_PROVOKED,
  ...ROTATION_PROVOKED,
  ...SESSION_PROVOKED,
  ...SETUP_PROVOKED,
  bad_body: ({ call, at }) => call('PUT', `${at}${AOP}/settings`, { enabled: 'yes' }),
  bad_request: ({ control }) => raw(control, 'NOT HTTP\r\n\r\n'),
  bad_query: ({ call }) => call('GET', '/zones?page=0'),
  bad_json: ({ call }) => call('POST', '/zones', '{"name":'),
  body_too_large: ({ call }) => call('POST', '/zones', { name: 'x'.repeat(1024 * 1024) }),
  bad_authorization: ({ call }) => call('GET', '/zones', undefined, { authorization: 'Basic eDp5' }),
  no_route: ({ call }) => call('GET', '/no/such/path'),
  method_not_allowed: ({ call }) => call('DELETE', '/zones'),
  unauthenticated: ({ call }) => call('GET', '/zones', undefined, { authorization: 'Bearer nobody' }),
  forbidden: async ({ call, bearer }) => call('POST', '/zones', { name: 'a.test' }, await bearer('zone:read')),
  beyond_own_rights: async ({ call, bearer }) =>
    call(
      'POST',
      '/postern/v1/tokens',
      { name: 'more', permissions: ['ssl:edit'], zones: 'all' },
      await bearer('tokens:edit'),
    ),
  precondition_failed: async ({ call }) => {
    const { result } = await call<{ id: string }>('POST', '/postern/v1/tokens', {
      name: 'one',
      permissions: ['zone:read'],
      zones: 'all',
    });
    return call('PATCH', `/postern/v1/tokens/${result.id}`, { name: 'two' }, { 'if-match': '"another"' });
  },
  too_many_listeners: async ({ control, call, bearer }) => {
    const headers = await bearer('zone:read', 'edges:read');
    const ending = new AbortController();
    try {
      for (;;) {
        const { status } = await fetch(`${control.base}/postern/v1/events`, { headers, signal: ending.signal });
        if (status !== 200) return await call('GET', '/postern/v1/events', undefined, headers);
      }
    } finally {
      ending.abort();
    }
  },
  rate_limited: async () => {
    await using limited = await startControl({ rateLimits: { address: { quota: 1, window: 3600 } } });
    const ask = () => limited.call('GET', '/zones', undefined, { authorization: 'Bearer nobody' });
    await ask();
    return await ask();
  },
  backup_under_way: async ({ control, call }) => {
    const other = await control.plane.takeBackup({ actor: { token: 'other', from: '127.0.0.1' }, version: '0' });
    try {
      return await call('POST', '/postern/v1/backups');
    } finally {
      if (other.kind === 'backup') other.bytes.destroy();
    }
  },
  fields_too_large: ({ control }) =>
    raw(control, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`),
  invalid_token: ({ call }) => call('GET', '/user/tokens/verify', undefined, { authorization: 'Bearer nobody' }),
  missing_token: async ({ control }) => {
    const answer = await fetch(`${control.base}/client/v4/user/tokens/verify`);
    return { ...((await answer.json()) as Pick<Answer, 'errors'>), status: answer.status };
  },
  token_not_found: ({ call }) => call('GET', `/postern/v1/tokens/${NOBODY}`),
  bad_host: async ({ control }) => raw(control, 'GET /healthz HTTP/1.1\r\nHost: evil.test\r\n\r\n'),
  too_many_failures: async () => {
    const now = instant(Date.now());
    const rateLimits = { token: null, address: null };
    await using guessed = await startControl({ clock: () => now, rateLimits });
    for (;;) {
      const answer = await guessed.call('GET', '/zones', undefined, { authorization: 'Bearer guess' });
      if (answer.status !== 401) return answer;
    }
  },
  visitor_authorities_not_found: ({ call, zone, name }) =>
    call('GET', `/postern/v1/zones/${zone}/hostnames/${name}/visitor_authorities`),
  visitor_authority_unfit: ({ call, zone, name }) =>
    call('PUT', `/postern/v1/zones/${zone}/hostnames/${name}/visitor_authorities`, { certificates: 'none' }),
  too_many_tokens: async () => {
    await using full = await startControl({}, { tokens: 1 });
    const draft = { name: 'one', permissions: ['zone:read'], zones: 'all' };
    return await twice(() => full.call('POST', '/postern/v1/tokens', draft));
  },
  account_not_found: ({ call }) => call('POST', '/zones', { name: 'b.test', account: { id: NOBODY } }),
  account_not_empty: async ({ control, call, name }) => {
    const { id } = await control.made('POST', '/accounts', { name });
    await control.made('POST', '/zones', { name: `shop-${name}`, account: { id } });
    return call('DELETE', `/accounts/${id}`);
  },
  default_account: ({ control, call }) => call('DELETE', `/accounts/${control.plane.installation.account}`),
  too_many_accounts: async () => {
    await using full = await startControl({}, { accounts: 1 });
    return await full.call('POST', '/accounts', { name: 'one more' });
  },
  too_many_zones: async () => {
    await using full = await startControl({}, { zones: 1 });
    await newZone(full);
    return await full.call('POST', '/zones', { name: 'b.test' });
  },
  zone_of_other_account: async ({ control, call, name }) => {
    const account = await control.made('POST', '/accounts', { name });
    return call('POST', '/zones', { name: `sub.${name}`, account });
  },
  zone_exists: ({ call, name }) => call('POST', '/zones', { name: name.toUpperCase() }),
  zone_inhabited: async ({ call, at, name }) => {
    await call('POST', `${at}/dns_records`, { ...RECORD, name: `www.sub.${name}` });
    return call('POST', '/zones', { name: `sub.${name}` });
  },
  bad_zone_name: ({ call }) => call('POST', '/zones', { name: '*.test' }),
  zone_not_found: ({ call }) => call('GET', `/zones/${NOBODY}`),
  unknown_setting: ({ call, at }) => call('GET', `${at}/settings/no_such_setting`),
  bad_setting: ({ call, at }) => call('PATCH', `${at}/settings/ssl`, { value: 'none' }),
  record_not_found: ({ call, at }) => call('GET', `${at}/dns_records/${NOBODY}`),
  record_exists: ({ call, at }) => twice(() => call('POST', `${at}/dns_records`, RECORD)),
  record_conflict: async ({ call, at }) => {
    await call('POST', `${at}/dns_records`, RECORD);
    return call('POST', `${at}/dns_records`, { ...RECORD, type: 'CNAME', content: 'other.test' });
  },
  cname_exists: async ({ call, at }) => {
    await call('POST', `${at}/dns_records`, { ...RECORD, type: 'CNAME', content: 'other.test' });
    return call('POST', `${at}/dns_records`, RECORD);
  },
  record_outside_zone: ({ call, at }) => call('POST', `${at}/dns_records`, { ...RECORD, name: 'www.elsewhere.test.' }),
  too_many_records: async () => {
    await using full = await startControl({}, { recordsPerZone: 1 });
    const path = `/zones/${(await newZone(full)).id}/dns_records`;
    await full.made('POST', path, RECORD);
    return await full.call('POST', path, { ...RECORD, name: 'api' });
  },
  bad_record: ({ call, at }) => call('POST', `${at}/dns_records`, { ...RECORD, content: '2001:db8::1' }),
  server_name_shared: async ({ control, call, at, name }) => {
    const neighbour = await newZone(control);
    await call('PATCH', `${at}/settings/tls_client_auth`, { value: 'on' });
    await call('POST', `${at}/dns_records`, RECORD);
    const origin = { server_name: `www.${name}` };
    return call('POST', `/zones/${neighbour.id}/dns_records`, { ...RECORD, origin });
  },
  server_name_not_yours: async ({ control, call, at, name }) => {
    const account = await control.made('POST', '/accounts', { name });
    const theirs = await control.made<{ name: string }>('POST', '/zones', { name: `their-${name}`, account });
    return call('POST', `${at}/dns_records`, { ...RECORD, origin: { server_name: theirs.name } });
  },
  origin_not_allowed: async ({ call, at, bearer }) =>
    call('POST', `${at}/dns_records`, { ...RECORD, content: '10.0.0.1' }, await bearer('dns:edit')),
  origin_impossible: ({ call, at }) => call('POST', `${at}/dns_records`, { ...RECORD, content: '169.254.169.254' }),
  certificate_id_required: ({ call, at, name }) =>
    call('PUT', `${at}${AOP}/hostnames`, { config: [{ hostname: `www.${name}`, enabled: true }] }),
  certificate_exists: async ({ call, at, upload }) => {
    const sent = await upload();
    return twice(() => call('POST', `${at}${AOP}`, sent));
  },
  too_many_certificates: async ({ upload }) => {
    await using full = await startControl({}, { aopCertificatesPerZone: 1 });
    const path = `/zones/${(await newZone(full)).id}${AOP}`;
    return await twice(async () => full.call('POST', path, await upload()));
  },
  too_many_hostnames: async ({ upload }) => {
    await using full = await startControl({}, { aopHostnamesPerZone: 1 });
    const { id, name } = await newZone(full);
    const path = `/zones/${id}${AOP}/hostnames`;
    const { id: cert_id } = await full.made('POST', `${path}/certificates`, await upload());
    const config = ['a', 'b'].map((host) => ({ hostname: `${host}.${name}`, cert_id, enabled: true }));
    return await full.call('PUT', path, { config });
  },
  certificate_unreadable: async ({ call, at, upload }) =>
    call('POST', `${at}${AOP}`, { ...(await upload()), certificate: 'none' }),
  key_unreadable: async ({ call, at, upload }) =>
    call('POST', `${at}${AOP}`, { ...(await upload()), private_key: 'no' }),
  key_mismatch: async ({ call, at, upload }) =>
    call('POST', `${at}${AOP}`, { ...(await upload()), private_key: (await upload()).private_key }),
  missing_leaf: async ({ call, at, upload }) =>
    call('POST', `${at}${AOP}`, { ...(await upload()), certificate: (await serverAuthority()).ca }),
  certificate_unfit: async ({ call, at }) => call('POST', `${at}${AOP}`, await expired()),
  certificate_pending_deletion: async ({ upload }) => {
    await using waiting = await startControl();
    const path = `/zones/${(await newZone(waiting)).id}${AOP}/hostnames/certificates`;
    const { id } = await waiting.made('POST', path, await upload());
    // An edge that belongs here and is absent has nothing in force, so the deletion stays pending.
    waiting.plane.expect('absent');
    return await twice(() => waiting.call('DELETE', `${path}/${id}`));
  },
  invalid_certificate_id: ({ call, at, name }) =>
    call('PUT', `${at}${AOP}/hostnames`, { config: [{ hostname: name, cert_id: NO_CERTIFICATE, enabled: true }] }),
  certificate_in_use: async ({ call, at, name, upload }) => {
    const path = `${at}${AOP}/hostnames`;
    const { id } = (await call<{ id: string }>('POST', `${path}/certificates`, await upload())).result;
    await call('PUT', path, { config: [{ hostname: name, cert_id: id, enabled: false }] });
    return call('DELETE', `${path}/certificates/${id}`);
  },
  certificate_not_found: ({ call, at }) => call('GET', `${at}${AOP}/${NO_CERTIFICATE}`),
  association_not_found: ({ call, at, name }) => call('GET', `${at}${AOP}/hostnames/never.${name}`),
  hostname_outside_zone: ({ call, at }) => {
    const config = [{ hostname: 'www.elsewhere.test', cert_id: NO_CERTIFICATE, enabled: true }];
    return call('PUT', `${at}${AOP}/hostnames`, { config });
  },
  managed_certificate: async ({ call, at, name }) => {
    await call('PUT', `${at}${AOP}/settings`, { enabled: true });
    await call('POST', `${at}/dns_records`, RECORD);
    const plan = await call<{ certificate: { id: string } }>('GET', `/postern/v1${at}/hostnames/www.${name}/plan`);
    return call('DELETE', `${at}${AOP}/${plan.result.certificate.id}`);
  },
  rule_exists: ({ call, at }) =>
    twice(() => call('POST', `${at}/firewall/access_rules/rules`, { mode: 'block', configuration: NETWORK })),
  request_not_found: ({ call, at }) => call('GET', `/postern/v1${at}/certificate_requests/${NO_CERTIFICATE}`),
  request_key_mismatch: async ({ call, at, upload }) => {
    const path = `/postern/v1${at}/certificate_requests`;
    const { result } = await call<{ id: string }>('POST', path, {});
    return call('POST', `${path}/${result.id}/certificate`, { certificate: (await upload()).certificate });
  },
  rule_not_found: ({ call, at }) => call('GET', `${at}/firewall/access_rules/rules/${NOBODY}`),
  too_many_rules: async ({ call, at, name }) => {
    for (let count = 0; ; count += 1) {
      const match = { request: { url: `${name}/${count}` } };
      const limit = { match, threshold: 5, period: 60, action: { mode: 'ban', timeout: 600 } };
      const answer = await call('POST', `${at}/rate_limits`, limit);
      if (!answer.success) return answer;
    }
  },
  zone_id_required: ({ call }) => call('GET', '/certificates'),
  origin_hostname_refused: ({ call }) =>
    call('POST', '/certificates', { csr: signingRequest('x'), hostnames: ['192.0.2.1'], request_type: 'origin-ecc' }),
  csr_unfit: ({ call, name }) =>
    call('POST', '/certificates', { csr: 'none', hostnames: [name], request_type: 'origin-ecc' }),
  origin_certificate_revoked: async ({ call, name }) => {
    const request = { csr: signingRequest('x'), hostnames: [name], request_type: 'origin-ecc' };
    const { id } = (await call<{ id: string }>('POST', '/certificates', request)).result;
    return twice(() => call('DELETE', `/certificates/${id}`));
  },
  not_a_ca: async ({ call, at, upload }) =>
    call('POST', `${at}/acm/custom_trust_store`, { certificate: (await upload()).certificate }),
};

/**
 * The codes of the vendor's API that clients match on, as the reference lists them. 1434 (deleted before it was
 * deployed) and 409 have no row: deletions are taken at any time, and changes wait for their turn.
 */
const VENDORS: Readonly<Record<number, readonly [row: ProblemCode, text: RegExp]>> = {
  1000: ['invalid_token', /Invalid API Token/],
  1001: ['missing_token', /Missing/],
  1012: ['zone_id_required', /zone id must be given/i],
  1061: ['zone_exists', /already exists/],
  1404: ['certificate_id_required', /Certificate ID required/],
  1406: ['certificate_exists', /already exists/],
  1408: ['certificate_unreadable', /Unable to parse certificate/],
  1411: ['missing_leaf', /missing leaf certificate/],
  1414: ['certificate_pending_deletion', /pending deletion.*already deleted/],
  1415: ['invalid_certificate_id', /Invalid Certificate ID/],
  1433: ['certificate_in_use', /in use/],
  1552: ['certificate_not_found', /certificate not found/],
  1553: ['association_not_found', /setting for this hostname not found/],
  6003: ['bad_authorization', /Invalid request headers/],
  7001: ['method_not_allowed', /[Mm]ethod not allowed for that route/],
  7003: ['no_route', /Could not route to .*, perhaps your object identifier is invalid\?/],
  9109: ['forbidden', /Unauthorized to access requested resource/],
  10000: ['unauthenticated', /Authentication error/],
  81044: ['record_not_found', /Record does not exist\./],
  81053: ['record_conflict', /An A, AAAA, or CNAME record with that host already exists\./],
  81054: ['cname_exists', /A CNAME record with that host already exists\./],
  81057: ['record_exists', /identical record already exists/],
};

// Longer than the tests: a rotation that is begun stays where it is until its problem is provoked.
const NO_TICK = 3_600_000;

let control: Control;
before(async () => {
  control = await startControl({ rateLimits: { token: null, address: null }, rotationTick: NO_TICK });
});
after(() => control[Symbol.asyncDispose]());

let count = 0;
async function newZone(to: Control): Promise<{ readonly id: string; readonly name: string }> {
  count += 1;
  return to.made('POST', '/zones', { name: `problem-${count}.test` });
}

async function ground(): Promise<Ground> {
  const { id, name } = await newZone(control);
  return {
    control,
    call: control.call,
    at: `/zones/${id}`,
    zone: id,
    name,
    upload: async () => {
      const { credential } = await clientAuthority('a test');
      return { certificate: credential.cert, private_key: credential.key };
    },
    bearer: async (...permissions) => {
      const draft = { name: permissions.join(), permissions, zones: 'all' };
      const { token } = await control.made<{ token: string }>('POST', '/postern/v1/tokens', draft);
      return { authorization: `Bearer ${token}` };
    },
  };
}

async function twice<T>(act: () => Promise<T>): Promise<T> {
  await act();
  return act();
}

async function expired(): Promise<Upload> {
  const key = await generateKey();
  const now = Date.now();
  const { certificate } = createAuthority({
    profile: PROFILES.pullLeaf,
    subject: { commonName: 'of last week' },
    key,
    validity: { notBefore: instant(now - 9 * DAY), notAfter: instant(now - DAY) },
  });
  return { certificate: certificate.pem, private_key: key.reveal() };
}

describe('a problem of the API', () => {
  for (const [row, provoke] of Object.entries(PROVOKED) as readonly [ProblemCode, Provocation][]) {
    const { code, status, text } = PROBLEMS[row];
    test(`${row} is ${status} with code ${code}`, async () => {
      const answer = await provoke(await ground());
      assert.deepEqual([answer.status, answer.errors[0]?.code], [status, code], JSON.stringify(answer.errors));
      const message = answer.errors[0]?.message ?? '';
      assert.ok(message.startsWith(text.replace(/\.$/, '')), message);
      assert.doesNotMatch(message, /PRIVATE|BEGIN CERTIFICATE-----\s*M/);
    });
  }

  test('is provoked here, or it is said why it cannot be', () => {
    const known = [...Object.keys(PROVOKED), ...Object.keys(OUT_OF_REACH)];
    assert.deepEqual(known.toSorted(), Object.keys(PROBLEMS).toSorted());
  });

  test('has the number and the words that clients of the vendor’s API match on', () => {
    for (const [code, [row, text]] of Object.entries(VENDORS)) {
      assert.equal(PROBLEMS[row].code, Number(code), row);
      assert.match(PROBLEMS[row].text, text);
    }
  });
});
