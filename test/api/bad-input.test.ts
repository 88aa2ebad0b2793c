/** What every call has in common when something is wrong with what it is sent: checked over the whole route table. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ROUTES } from '../../src/control/api/table.ts';
import { clientAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { type Control, startControl } from './control.ts';

/** Rotations stay where they are: what changes between two calls would be taken for what a field did. */
const NO_TICK = 3_600_000;
const NO_HEX = 'f'.repeat(32);
const NO_UUID = 'ffffffff-ffff-4fff-bfff-ffffffffffff';

interface World {
  readonly zone: string;
  readonly name: string;
  readonly record: string;
  readonly zoneCertificate: string;
  readonly hostnameCertificate: string;
  readonly visitorCertificate: string;
  readonly ca: string;
  readonly request: string;
  readonly rotation: string;
  readonly rule: string;
  readonly limit: string;
  readonly channel: string;
}

let control: Control;
let mine: World;
let theirs: World;

before(async () => {
  control = await startControl({ rateLimits: { token: null, address: null }, rotationTick: NO_TICK });
  [mine, theirs] = [await settled('mine.test'), await settled('theirs.test')];
});
after(() => control[Symbol.asyncDispose]());

/** A zone that has one of everything. */
async function settled(name: string): Promise<World> {
  const { id } = await control.made('POST', '/zones', { name });
  const at = `/zones/${id}`;
  const upload = async () => {
    const { credential } = await clientAuthority(name);
    return { certificate: credential.cert, private_key: credential.key };
  };
  const servers = await serverAuthority();
  const { cert, key } = await servers.issue([name]);
  const made = async (path: string, body: object) => (await control.made('POST', `${at}${path}`, body)).id;
  const hostnameCertificate = await made('/origin_tls_client_auth/hostnames/certificates', await upload());
  await control.made('PUT', `${at}/origin_tls_client_auth/hostnames`, {
    config: [{ hostname: name, cert_id: hostnameCertificate, enabled: true }],
  });
  const asked = `/postern/v1/zones/${id}/hostnames/${name}/visitor_authorities`;
  await control.made('PUT', asked, { certificates: (await clientAuthority(name)).ca });
  await control.made('PUT', `/postern/v1/zones/${id}/setups/${name}`, { choices: {} });
  return {
    zone: id,
    name,
    record: await made('/dns_records', { type: 'A', name: 'www', content: '192.0.2.1' }),
    zoneCertificate: await made('/origin_tls_client_auth', await upload()),
    hostnameCertificate,
    visitorCertificate: await made('/custom_certificates', { certificate: cert, private_key: key }),
    ca: await made('/acm/custom_trust_store', { certificate: servers.ca }),
    request: (await control.made('POST', `/postern/v1/zones/${id}/certificate_requests`, {})).id,
    rotation: (await control.made('POST', `/postern/v1/zones/${id}/rotations`, { what: 'leaf', rehearsal: true })).id,
    rule: await made('/firewall/access_rules/rules', {
      mode: 'block',
      configuration: { target: 'ip', value: '192.0.2.7' },
    }),
    limit: await made('/rate_limits', limitFor(name)),
    channel: (await control.made('POST', '/postern/v1/notice_channels', hookOf(name))).id,
  };
}

function hookOf(name: string): object {
  return { name, kind: 'webhook', url: `https://hooks.${name}/` };
}

function limitFor(name: string): object {
  const match = { request: { url: `${name}/*` } };
  return { match, threshold: 5, period: 60, action: { mode: 'ban', timeout: 600 } };
}

/** A path of the table that leads to something in `mine`. */
function led(path: string): string {
  const rest = path
    .replace(':zone', mine.zone)
    .replace(':hostname', mine.name)
    .replace(':setting', 'ssl')
    .replace(/(?<=dns_records\/):id/, mine.record)
    .replace(/(?<=hostnames\/certificates\/):id/, mine.hostnameCertificate)
    .replace(/(?<=origin_tls_client_auth\/):id/, mine.zoneCertificate)
    .replace(/(?<=identities\/):id/, mine.zoneCertificate)
    .replace(/(?<=custom_certificates\/):id/, mine.visitorCertificate)
    .replace(/(?<=custom_trust_store\/):id/, mine.ca)
    .replace(/(?<=access_rules\/rules\/):id/, mine.rule)
    .replace(/(?<=rate_limits\/):id/, mine.limit)
    .replace(/(?<=certificate_requests\/):id/, mine.request)
    .replace(/(?<=rotations\/):id/, mine.rotation)
    .replace(/(?<=notice_channels\/):id/, mine.channel)
    .replace(':account', control.plane.installation.account);
  return rest.replace(/^\/client\/v4/, '');
}

// Who shows a token has no session. A list of Origin CA certificates needs the zone in its query, the view of a token is of one just made, and what is
// no envelope (pages, files, streams) is in the next table.
const READS = ROUTES.filter(({ method, path, returns, credential }) => {
  const enveloped = returns.shape.kind !== 'stream' && returns.shape.kind !== 'file';
  if (credential !== null) return false;
  return method === 'GET' && enveloped && /^\/(?:client|postern)/.test(path) && !/certificates$|tokens\/:id/.test(path);
});

/** Files that a path of our own answers, whole. */
const FILES = ROUTES.filter(({ path, returns }) => returns.shape.kind === 'file' && path.startsWith('/postern'));

/** Each call is a use of the token that makes it. */
function withoutUse(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result, (name, value) => (name === 'last_used_on' ? undefined : value)) ?? 'null');
}

describe('a parameter or field that nobody knows', () => {
  for (const { path } of READS.filter((route) => route.path.startsWith('/client'))) {
    test(`is ignored with a message: GET ${path}`, async () => {
      const usual = await control.call('GET', led(path));
      const odd = await control.call('GET', `${led(path)}?colour=red`);
      assert.deepEqual([odd.status, withoutUse(odd.result)], [usual.status, withoutUse(usual.result)]);
      if (usual.success) assert.match(odd.messages.at(-1)?.message ?? '', /colour/);
    });
  }

  for (const { path } of READS.filter((route) => route.path.startsWith('/postern'))) {
    test(`is refused on a path of our own: GET ${path}`, async () => {
      assert.equal((await control.call('GET', led(path))).status, 200);
      const { status, errors } = await control.call('GET', `${led(path)}?colour=red`);
      assert.equal(status, 400);
      assert.match(errors[0]?.message ?? '', /colour/);
    });
  }

  for (const { method, path } of FILES) {
    test(`is refused where a file is answered: ${method} ${path}`, async () => {
      const headers = { authorization: `Bearer ${control.token}` };
      const response = await fetch(`${control.base}${led(path)}?colour=red`, { method, headers });
      assert.equal(response.status, 400);
      assert.match(await response.text(), /colour/);
    });
  }

  test('is ignored in a body with a message, and refused on a path of our own', async () => {
    const www = { type: 'A', name: 'odd', content: '192.0.2.1', colour: 'red' };
    const { status, messages } = await control.call('POST', `/zones/${mine.zone}/dns_records`, www);
    assert.equal(status, 200);
    assert.match(messages.at(-1)?.message ?? '', /\/colour/);
    const token = { name: 'x', permissions: ['zone:read'], zones: 'all', colour: 'red' };
    const refused = await control.call('POST', '/postern/v1/tokens', token);
    assert.deepEqual([refused.status, refused.errors[0]?.source?.pointer], [400, '/colour']);
  });
});

describe('an id of another zone', () => {
  /** Where an id stands, which one it is, and one that stands for nothing. */
  const PLACES: readonly (readonly [path: string, id: (world: World) => string, nobody: string])[] = [
    ['dns_records', ({ record }) => record, NO_HEX],
    ['origin_tls_client_auth', ({ zoneCertificate }) => zoneCertificate, NO_UUID],
    ['origin_tls_client_auth/hostnames/certificates', ({ hostnameCertificate }) => hostnameCertificate, NO_UUID],
    ['custom_certificates', ({ visitorCertificate }) => visitorCertificate, NO_UUID],
    ['acm/custom_trust_store', ({ ca }) => ca, NO_UUID],
    ['firewall/access_rules/rules', ({ rule }) => rule, NO_HEX],
    ['rate_limits', ({ limit }) => limit, NO_HEX],
  ];
  const BODIES: Readonly<Record<string, object>> = {
    PUT: { type: 'A', name: 'x', content: '192.0.2.9', ...limitFor('mine.test') },
    PATCH: { type: 'A', name: 'x', content: '192.0.2.9', bundle_method: 'force', notes: 'x' },
  };

  for (const [place, idIn, nobody] of PLACES) {
    const path = `/client/v4/zones/:zone/${place}/:id`;
    for (const { method } of ROUTES.filter((route) => route.path === path)) {
      test(`is as one that does not exist: ${method} ${place}`, async () => {
        const ask = async (id: string) => {
          const to = `/zones/${mine.zone}/${place}/${id}`;
          const { status, errors } = await control.call(method, to, BODIES[method]);
          return JSON.stringify([status, errors]).replaceAll(id, 'ID');
        };
        const answer = await ask(idIn(theirs));
        assert.equal(answer, await ask(nobody));
        assert.match(answer, /^\[404,/);
        const own = await control.call('GET', `/zones/${theirs.zone}/${place}/${idIn(theirs)}`);
        assert.equal(own.status, 200, 'it was touched');
      });
    }
  }

  test('is refused in the body of an association, and its hostname is not told', async () => {
    const path = `/zones/${mine.zone}/origin_tls_client_auth/hostnames`;
    const config = [{ hostname: mine.name, cert_id: theirs.hostnameCertificate, enabled: true }];
    const refused = await control.call('PUT', path, { config });
    assert.deepEqual([refused.status, refused.errors[0]?.code], [400, 1415]);
    const { status, errors } = await control.call('GET', `${path}/${theirs.name}`);
    assert.ok(status === 400 || status === 404);
    assert.doesNotMatch(JSON.stringify(errors), new RegExp(theirs.zone));
  });
});

describe('a name in another spelling', () => {
  test('is the same name wherever a zone, record or hostname is asked for', async () => {
    for (const spelling of ['MINE.test', 'mine.TEST.', 'Mine.Test.']) {
      const [zone] = await control.made<readonly { id: string }[]>('GET', `/zones?name=${spelling}`);
      assert.equal(zone?.id, mine.zone, spelling);
      const path = `/zones/${mine.zone}/origin_tls_client_auth/hostnames/${spelling}`;
      assert.equal((await control.made<{ cert_id: string }>('GET', path)).cert_id, mine.hostnameCertificate);
      const plan = `/postern/v1/zones/${mine.zone}/hostnames/${spelling}/plan`;
      assert.equal((await control.made<{ hostname: string }>('GET', plan)).hostname, mine.name);
      const records = `/zones/${mine.zone}/dns_records?name=www.${spelling}`;
      assert.equal((await control.made<readonly unknown[]>('GET', records)).length, 1, spelling);
    }
  });

  test('has its letters beyond ASCII in Punycode, and is refused where it is no name', async () => {
    const at = `/zones/${mine.zone}/origin_tls_client_auth/hostnames`;
    const put = (hostname: string) =>
      control.call('PUT', at, { config: [{ hostname, cert_id: mine.hostnameCertificate, enabled: true }] });
    assert.equal((await put(`bücher.${mine.name}`)).status, 200);
    const { hostname } = await control.made<{ hostname: string }>('GET', `${at}/xn--bcher-kva.${mine.name}`);
    assert.match(hostname, /bücher|xn--bcher-kva/);
    for (const wrong of [`a..${mine.name}`, `*.*.${mine.name}`, `a.*.${mine.name}`, `*x.${mine.name}`, '.', '', '☃'])
      assert.equal((await put(wrong)).status, 400, wrong);
  });
});

describe('what an origin tells of its certificates', () => {
  const told = { sha256: 'a'.repeat(64), subject: 'CN=x', self_signed: false };
  const tell = (certificates: unknown) =>
    control.call('POST', `/postern/v1/zones/${mine.zone}/origins/callers`, {
      host: 'web-1',
      lock: 'www',
      batch: 'b'.repeat(32),
      hostnames: [mine.name],
      counts: [],
      certificates,
    });

  for (const [what, pointer, wrong] of [
    ['a name of another zone', '/certificates/0/hostname', () => [{ ...told, hostname: theirs.name }]],
    [
      'a name that the report is not about',
      '/certificates/0/hostname',
      () => [{ ...told, hostname: `www.${mine.name}` }],
    ],
    ['what is no digest', '/certificates/0/sha256', () => [{ ...told, hostname: mine.name, sha256: 'a:b' }]],
    [
      'what a terminal obeys',
      '/certificates/0/subject',
      () => [{ ...told, hostname: mine.name, subject: '\u001b[2J' }],
    ],
    ['a long name', '/certificates/0/subject', () => [{ ...told, hostname: mine.name, subject: 'x'.repeat(301) }]],
    ['a word for a flag', '/certificates/0/self_signed', () => [{ ...told, hostname: mine.name, self_signed: 'no' }]],
    ['more than it may', '/certificates', () => Array.from({ length: 101 }, () => ({ ...told, hostname: mine.name }))],
    ['a list that is none', '/certificates', () => 'CN=x'],
  ] as const)
    test(`is refused at the field: ${what}`, async () => {
      const { status, errors } = await tell(wrong());
      assert.deepEqual([status, errors[0]?.source?.pointer], [400, pointer]);
      const path = `/postern/v1/zones/${mine.zone}/hostnames/${mine.name}/callers`;
      const { sources } = (await control.call<{ readonly sources: readonly unknown[] }>('GET', path)).result;
      assert.deepEqual(sources, [], 'nothing of it is kept');
    });
});
