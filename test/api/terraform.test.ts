/**
 * Terraform's provider as its code calls: for each resource create, read, update, import and destroy, and a second plan
 * that changes nothing. A resource is one row: which calls it makes, and what it compares.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { clientAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { type Answer, type Control, startControl } from './control.ts';
import { signingRequest } from '../support/signing-request.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Request {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** What Terraform knows of a resource: what its configuration says, and the id that the API gave. */
interface State {
  readonly zone: string;
  readonly id: string;
  readonly wanted: Fields;
}

interface Resource {
  readonly name: string;
  /** What the configuration says first, and after it was edited; one only where an edit makes a new resource. */
  readonly configurations: (zone: string) => Promise<readonly Fields[]>;
  readonly create: (state: Omit<State, 'id'>) => Request;
  /** The id in the answer to `create`; for settings and associations there is none. */
  readonly id?: (result: Fields) => string;
  /** What read and import ask for: an import knows nothing but the id, so a read may not either. */
  readonly read: (state: Omit<State, 'wanted'>) => string;
  /** The part of an answer that is compared with the configuration. */
  readonly compared: (result: Fields, wanted: Fields) => Fields;
  readonly update?: (state: State) => Request;
  /** `null` where the resource is only forgotten. */
  readonly destroy: ((state: State) => Request) | null;
  /** Attributes that may not be null once the resource is there. */
  readonly computed?: readonly string[];
  /** What a read finds after the end: 404, which is how Terraform learns of it; a tombstone; or the setting's rest. */
  readonly afterwards: 'missing' | 'deleted' | 'something';
}

let control: Control;
before(async () => {
  control = await startControl();
});
after(() => control[Symbol.asyncDispose]());

const aop = (zone: string) => `/zones/${zone}/origin_tls_client_auth`;

/** The fields that the configuration names. Of PEM the provider ignores newlines at the end, and nothing else. */
function named(result: Fields, wanted: Fields): Fields {
  return Object.fromEntries(
    Object.keys(wanted)
      .filter((key) => key !== 'private_key')
      .map((key) => [key, trimmed(result[key])]),
  );
}

function trimmed(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\n+$/, '') : value;
}

const idOf = (result: Fields): string => String(result['id']);

async function certificate(): Promise<Fields> {
  const { credential } = await clientAuthority('terraform');
  // As `file()` and heredocs give it: with more newlines than there were.
  return { certificate: `${credential.cert}\n`, private_key: credential.key };
}

async function hostnameCertificate(zone: string): Promise<string> {
  return (await control.made('POST', `${aop(zone)}/hostnames/certificates`, await certificate())).id;
}

const CERTIFICATE_FIELDS = ['id', 'status', 'issuer', 'expires_on', 'uploaded_on', 'signature', 'serial_number'];

/** A certificate of either level cannot be edited: another one is another resource. */
function certificateResource(name: string, path: (zone: string) => string): Resource {
  return {
    name,
    configurations: async () => [await certificate()],
    create: ({ zone, wanted }) => ({ method: 'POST', path: path(zone), body: wanted }),
    id: idOf,
    read: ({ zone, id }) => `${path(zone)}/${id}`,
    compared: named,
    destroy: ({ zone, id }) => ({ method: 'DELETE', path: `${path(zone)}/${id}` }),
    computed: CERTIFICATE_FIELDS,
    afterwards: 'deleted',
  };
}

function association(name: string): Resource {
  const put = (zone: string, config: Fields): Request => ({
    method: 'PUT',
    path: `${aop(zone)}/hostnames`,
    body: { config: [config] },
  });
  return {
    name,
    configurations: async (zone) => {
      const [one, other] = [await hostnameCertificate(zone), await hostnameCertificate(zone)];
      const hostname = `www.${(await control.made<{ name: string }>('GET', `/zones/${zone}`)).name}`;
      return [
        { hostname, cert_id: one, enabled: true },
        { hostname, cert_id: one, enabled: false },
        { hostname, cert_id: other, enabled: true },
      ];
    },
    create: ({ zone, wanted }) => put(zone, wanted),
    // The provider looks for its own hostname in the answer, and keeps the spelling that was sent.
    id: (result) => {
      const [found] = Array.isArray(result) ? (result as readonly Fields[]) : [];
      return String(found?.['hostname']);
    },
    read: ({ zone, id }) => `${aop(zone)}/hostnames/${id}`,
    compared: named,
    update: ({ zone, wanted }) => put(zone, wanted),
    destroy: ({ zone, wanted }) => put(zone, { ...wanted, enabled: null }),
    computed: ['status', 'cert_status', 'certificate', 'issuer', 'signature', 'serial_number', 'expires_on'],
    afterwards: 'missing',
  };
}

function zoneSwitch(name: string, destroy: Resource['destroy']): Resource {
  const put = ({ zone, wanted }: Omit<State, 'id'>): Request => ({
    method: 'PUT',
    path: `${aop(zone)}/settings`,
    body: wanted,
  });
  return {
    name,
    configurations: async () => [{ enabled: true }, { enabled: false }],
    create: put,
    read: ({ zone }) => `${aop(zone)}/settings`,
    compared: named,
    update: put,
    destroy,
    afterwards: 'something',
  };
}

function zoneSetting(name: string, setting: string, values: readonly string[]): Resource {
  const patch = ({ zone, wanted }: Omit<State, 'id'>): Request => ({
    method: 'PATCH',
    path: `/zones/${zone}/settings/${setting}`,
    body: wanted,
  });
  return {
    name,
    configurations: async () => values.map((value) => ({ value })),
    create: patch,
    read: ({ zone }) => `/zones/${zone}/settings/${setting}`,
    compared: named,
    update: patch,
    destroy: null,
    computed: ['id', 'editable'],
    afterwards: 'something',
  };
}

const RESOURCES: readonly Resource[] = [
  association('v5 cloudflare_authenticated_origin_pulls'),
  certificateResource('v5 cloudflare_authenticated_origin_pulls_certificate', aop),
  certificateResource(
    'v5 cloudflare_authenticated_origin_pulls_hostname_certificate',
    (zone) => `${aop(zone)}/hostnames/certificates`,
  ),
  zoneSwitch('v5 cloudflare_authenticated_origin_pulls_settings', null),
  zoneSetting('v5 cloudflare_zone_setting: tls_client_auth', 'tls_client_auth', ['on', 'off']),
  zoneSetting('v5 cloudflare_zone_setting: ssl', 'ssl', ['full', 'strict']),
  zoneSetting('v5 cloudflare_zone_setting: always_use_https', 'always_use_https', ['off', 'on']),
  {
    name: 'v5 cloudflare_zone',
    configurations: async (zone) => [{ name: `terraform-${zone.slice(0, 8)}.test`, type: 'full' }],
    create: ({ wanted }) => ({ method: 'POST', path: '/zones', body: { ...wanted, account: {} } }),
    id: idOf,
    read: ({ id }) => `/zones/${id}`,
    compared: named,
    update: ({ id, wanted: { type } }) => ({ method: 'PATCH', path: `/zones/${id}`, body: { type } }),
    destroy: ({ id }) => ({ method: 'DELETE', path: `/zones/${id}` }),
    computed: ['status', 'created_on', 'modified_on', 'name_servers', 'account', 'owner', 'meta', 'plan'],
    afterwards: 'missing',
  },
  {
    name: 'v5 cloudflare_dns_record',
    configurations: async (zone) => {
      const { name } = await control.made<{ name: string }>('GET', `/zones/${zone}`);
      const record = { name: `api.${name}`, type: 'A', content: '192.0.2.1', ttl: 1, proxied: true };
      return [record, { ...record, content: '192.0.2.2', comment: 'edited' }, { ...record, proxied: false, ttl: 300 }];
    },
    create: ({ zone, wanted }) => ({ method: 'POST', path: `/zones/${zone}/dns_records`, body: wanted }),
    id: idOf,
    read: ({ zone, id }) => `/zones/${zone}/dns_records/${id}`,
    compared: named,
    update: ({ zone, id, wanted }) => ({ method: 'PUT', path: `/zones/${zone}/dns_records/${id}`, body: wanted }),
    destroy: ({ zone, id }) => ({ method: 'DELETE', path: `/zones/${zone}/dns_records/${id}` }),
    computed: ['created_on', 'modified_on', 'proxiable', 'settings', 'tags'],
    afterwards: 'missing',
  },
  {
    name: 'v5 cloudflare_origin_ca_certificate',
    configurations: async (zone) => {
      const { name } = await control.made<{ name: string }>('GET', `/zones/${zone}`);
      return [
        {
          csr: signingRequest(name),
          hostnames: [name, `*.${name}`],
          request_type: 'origin-ecc',
          requested_validity: 90,
        },
      ];
    },
    create: ({ wanted }) => ({ method: 'POST', path: '/certificates', body: wanted }),
    id: idOf,
    read: ({ id }) => `/certificates/${id}`,
    compared: named,
    destroy: ({ id }) => ({ method: 'DELETE', path: `/certificates/${id}` }),
    computed: ['certificate', 'expires_on'],
    // Revoked certificates stay readable, as at Cloudflare.
    afterwards: 'something',
  },
  {
    name: 'v5 cloudflare_custom_origin_trust_store',
    configurations: async () => [{ certificate: (await serverAuthority()).ca }],
    create: ({ zone, wanted }) => ({ method: 'POST', path: `/zones/${zone}/acm/custom_trust_store`, body: wanted }),
    id: idOf,
    read: ({ zone, id }) => `/zones/${zone}/acm/custom_trust_store/${id}`,
    compared: named,
    destroy: ({ zone, id }) => ({ method: 'DELETE', path: `/zones/${zone}/acm/custom_trust_store/${id}` }),
    computed: ['status', 'issuer', 'expires_on', 'uploaded_on', 'signature'],
    afterwards: 'missing',
  },
  {
    ...zoneSetting('v4 cloudflare_authenticated_origin_pulls, global', 'tls_client_auth', ['on', 'off']),
    destroy: ({ zone }) => ({
      method: 'PATCH',
      path: `/zones/${zone}/settings/tls_client_auth`,
      body: { value: 'off' },
    }),
  },
  zoneSwitch('v4 cloudflare_authenticated_origin_pulls, zone', ({ zone }) => ({
    method: 'PUT',
    path: `${aop(zone)}/settings`,
    body: { enabled: false },
  })),
  association('v4 cloudflare_authenticated_origin_pulls, hostname'),
  {
    name: 'v4 cloudflare_zone_settings_override',
    configurations: async () => [
      { ssl: 'full', always_use_https: 'off', tls_client_auth: 'on' },
      { ssl: 'full', always_use_https: 'on', tls_client_auth: 'off' },
    ],
    create: bulk,
    read: ({ zone }) => `/zones/${zone}/settings`,
    compared: (result, wanted) => {
      const settings = Array.isArray(result) ? (result as readonly Fields[]) : [];
      return Object.fromEntries(
        Object.keys(wanted).map((id) => [id, settings.find((setting) => setting['id'] === id)?.['value']]),
      );
    },
    update: bulk,
    destroy: ({ zone }) => bulk({ zone, wanted: { ssl: 'strict', always_use_https: 'on', tls_client_auth: 'off' } }),
    afterwards: 'something',
  },
];

function bulk({ zone, wanted }: Omit<State, 'id'>): Request {
  const items = Object.entries(wanted).map(([id, value]) => ({ id, value }));
  return { method: 'PATCH', path: `/zones/${zone}/settings`, body: { items } };
}

let count = 0;
async function newZone(): Promise<string> {
  count += 1;
  return (await control.made('POST', '/zones', { name: `plan-${count}.test` })).id;
}

async function perform({ method, path, body }: Request): Promise<Answer<Fields>> {
  const answer = await control.call<Fields>(method, path, body);
  assert.equal(answer.status, 200, `${method} ${path}: ${JSON.stringify(answer.errors)}`);
  return answer;
}

/** A plan: reads, and answers how the resource differs from its configuration. */
async function assertNothingToDo(resource: Resource, state: State): Promise<void> {
  const { result } = await control.call<Fields>('GET', resource.read(state));
  assert.deepEqual(resource.compared(result, state.wanted), named(state.wanted, state.wanted));
  for (const field of resource.computed ?? []) assert.notEqual(result[field] ?? null, null, `${field} is null`);
}

describe('Terraform', () => {
  for (const resource of RESOURCES) {
    test(`${resource.name}: create, plan, update, import and destroy`, async () => {
      const zone = await newZone();
      const [first, ...edits] = await resource.configurations(zone);
      assert.ok(first);
      const { result } = await perform(resource.create({ zone, wanted: first }));
      let state: State = { zone, id: resource.id?.(result) ?? '', wanted: first };
      await assertNothingToDo(resource, state);
      for (const wanted of edits) {
        assert.ok(resource.update);
        state = { ...state, wanted };
        await perform(resource.update(state));
        await assertNothingToDo(resource, state);
      }
      if (resource.destroy === null) return;
      await perform(resource.destroy(state));
      const { status, result: rest } = await control.call<Fields | null>('GET', resource.read(state));
      assert.equal(status === 404, resource.afterwards === 'missing');
      if (resource.afterwards === 'deleted') assert.equal(rest?.['status'], 'deleted');
    });
  }

  for (const level of ['', '/hostnames']) {
    test(`v4 …_certificate ${level === '' ? 'per zone' : 'per hostname'}: it is active within the minute that is waited`, async () => {
      const path = `${aop(await newZone())}${level === '' ? '' : '/hostnames/certificates'}`;
      const { id } = await control.made('POST', path, await certificate());
      assert.equal((await control.made<Fields>('GET', `${path}/${id}`))['status'], 'active');
    });
  }

  test('v4 cloudflare_zone_settings_override: the calls that it makes beside the settings are answered', async () => {
    const path = `/zones/${await newZone()}/ssl/universal/settings`;
    const { enabled } = await control.made<{ enabled: boolean }>('GET', path);
    await perform({ method: 'PATCH', path, body: { enabled } });
  });

  test('destroy: the association, and the certificate at once after it', async () => {
    const zone = await newZone();
    const { name } = await control.made<{ name: string }>('GET', `/zones/${zone}`);
    for (let round = 0; round < 3; round += 1) {
      const cert_id = await hostnameCertificate(zone);
      const config = (enabled: boolean | null) => ({ config: [{ hostname: name, cert_id, enabled }] });
      await perform({ method: 'PUT', path: `${aop(zone)}/hostnames`, body: config(true) });
      await perform({ method: 'PUT', path: `${aop(zone)}/hostnames`, body: config(null) });
      const gone = await perform({ method: 'DELETE', path: `${aop(zone)}/hostnames/certificates/${cert_id}` });
      assert.match(String(gone.result['status']), /^(?:pending_deletion|deleted)$/);
    }
  });

  test('destroy of something that is gone already is 404 or done, never an error that stays in the way', async () => {
    const zone = await newZone();
    const path = `${aop(zone)}/hostnames/certificates/${await hostnameCertificate(zone)}`;
    await perform({ method: 'DELETE', path });
    const again = await control.call('DELETE', path);
    assert.ok([200, 404].includes(again.status) || again.errors[0]?.code === 1414, JSON.stringify(again.errors));
  });
});
