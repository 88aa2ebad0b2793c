import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  after,
  authority,
  clientCertificate,
  codes,
  idOf,
  type Json,
  NOW,
  type StartedApi,
  startApi,
  textOf,
} from './api.fixture.ts';
import { serverAuthority, serverCertificate } from './server-certificate.fixture.ts';

const RECORD = { type: 'A', content: '127.0.0.1', proxied: true };

async function shop({ call, zone }: StartedApi) {
  const id = await zone('shop.test');
  const records: Record<string, string> = {};
  for (const name of ['www', 'api']) {
    records[name] = idOf((await call('POST', `/zones/${id}/dns_records`, { ...RECORD, name })).result);
  }
  await call('PUT', `/zones/${id}/origin_tls_client_auth/settings`, { enabled: true });
  const ask = (body: unknown) => call('POST', `/postern/v1/zones/${id}/impact`, body);
  return { id, records, ask };
}

function consequencesOf({ consequences }: Json): string {
  return [...(consequences ?? assert.fail('no consequences'))]
    .map((one) =>
      `${textOf(one['severity'])} ${textOf(one['code'])} ${[...(one['hostnames'] ?? [])].map(textOf).join(',')}`.trim(),
    )
    .join('; ');
}

test('what a change would do is told, and nothing is changed', async (t) => {
  const api = await startApi(t);
  const { id, records, ask } = await shop(api);
  const before = (await api.call('GET', `/zones/${id}/dns_records`)).result;
  const grey = await ask({ kind: 'record_grey', record: records['www'] });
  assert.equal(grey.status, 200, JSON.stringify(grey.errors));
  assert.equal(consequencesOf(grey.result), 'stop origin_exposed www.shop.test');
  const off = await ask({ kind: 'zone_level', on: false });
  assert.equal(consequencesOf(off.result), 'warning pulled_without_certificate www.shop.test,api.shop.test');
  assert.equal(consequencesOf((await ask({ kind: 'zone_level', on: true })).result), 'note no_effect');
  const flexible = await ask({ kind: 'mode', to: 'flexible' });
  assert.equal(consequencesOf(flexible.result), 'stop pulled_in_plaintext www.shop.test,api.shop.test');
  assert.deepEqual((await api.call('GET', `/zones/${id}/dns_records`)).result, before);
});

test('each kind of change is understood, and refused where the change itself would be', async (t) => {
  const api = await startApi(t);
  const { id, records, ask } = await shop(api);
  const upload = await clientCertificate(await authority());
  const path = `/zones/${id}/origin_tls_client_auth/hostnames/certificates`;
  const cert_id = idOf((await api.call('POST', path, upload)).result);
  const record = records['www'];
  const hostname = 'www.shop.test';
  const bodies: readonly (readonly [body: object, told: string])[] = [
    [{ kind: 'always_use_https', on: false }, 'warning http_in_plaintext www.shop.test,api.shop.test'],
    [{ kind: 'global_level', on: true }, 'note no_effect'],
    [{ kind: 'hostname_level', hostname, on: false }, 'warning pulled_without_certificate www.shop.test'],
    [{ kind: 'hostname_level', hostname, on: null }, 'note no_effect'],
    [{ kind: 'hostname_certificate_assign', hostname, cert_id }, 'warning identity_changes www.shop.test'],
    [{ kind: 'record_orange', record }, 'note no_effect'],
    [{ kind: 'record_delete', record }, 'stop no_longer_served www.shop.test'],
    [{ kind: 'record_change', record, change: { content: '192.0.2.9' } }, 'warning origins_change www.shop.test'],
    [{ kind: 'certificate_delete', level: 'hostname', cert_id }, 'note certificate_unused'],
    [{ kind: 'enforce', hostname }, 'warning traffic_unknown www.shop.test'],
    [{ kind: 'pause', on: true }, 'stop no_longer_served www.shop.test,api.shop.test'],
    [
      { kind: 'authority_rotate', what: 'leaf' },
      'warning rotation_held www.shop.test,api.shop.test; note rotation_proves_first www.shop.test,api.shop.test',
    ],
    [{ kind: 'zone_delete' }, 'stop no_longer_served www.shop.test,api.shop.test; warning keys_destroyed'],
  ];
  for (const [body, expected] of bodies) {
    const answer = await ask(body);
    assert.equal(answer.status, 200, `${JSON.stringify(body)}: ${JSON.stringify(answer.errors)}`);
    assert.equal(consequencesOf(answer.result), expected, JSON.stringify(body));
  }
  await api.call('PUT', `/zones/${id}/origin_tls_client_auth/hostnames`, {
    config: [{ hostname, cert_id, enabled: true }],
  });
  const inUse = await ask({ kind: 'certificate_delete', level: 'hostname', cert_id });
  const refused = await api.call('DELETE', `${path}/${cert_id}`);
  assert.deepEqual([inUse.status, inUse.errors], [refused.status, refused.errors]);
  const gone = await ask({ kind: 'record_delete', record: 'f'.repeat(32) });
  assert.equal(gone.status, 404);
});

test('what visitors and origins would meet is told before certificates and rules change', async (t) => {
  const api = await startApi(t);
  const { id, ask } = await shop(api);
  const [staff, own] = await Promise.all([authority('Staff CA'), authority('Own CA')]);
  const hostname = 'www.shop.test';
  const { certificate } = await clientCertificate(own);
  const server = await serverCertificate(await serverAuthority(), ['shop.test', '*.shop.test']);
  const visitors = idOf((await api.call('POST', `/zones/${id}/custom_certificates`, server)).result);
  const trust = `/zones/${id}/acm/custom_trust_store`;
  const trusted = idOf((await api.call('POST', trust, { certificate: own.certificate.pem })).result);
  const asks = `/postern/v1/zones/${id}/hostnames/api.shop.test/visitor_authorities`;
  await api.call('PUT', asks, { certificates: staff.certificate.pem });
  const configuration = { target: 'ip_range', value: '192.0.2.0/24' };
  const access = `/zones/${id}/firewall/access_rules/rules`;
  const rule = idOf((await api.call('POST', access, { mode: 'block', configuration })).result);
  const match = { request: { url: '*.shop.test/login' } };
  const change = { match, threshold: 5, period: 60, action: { mode: 'ban' } };
  const limit = idOf((await api.call('POST', `/zones/${id}/rate_limits`, change)).result);
  const both = 'www.shop.test,api.shop.test';
  const wanted = { level: 'zone', common_name: 'shop' };
  const request = idOf((await api.call('POST', `/postern/v1/zones/${id}/certificate_requests`, wanted)).result);
  const elsewhere = { type: 'A', name: 'www', content: '192.0.2.7', proxied: true };
  const told: readonly (readonly [body: object, told: string])[] = [
    [{ kind: 'min_tls_version', to: '1.3' }, 'warning old_tls_unknown'],
    [{ kind: 'origin_tls_compliance_modes', to: ['pqh', 'fips'] }, `warning key_exchanges_fewer ${both}`],
    [{ kind: 'origin_tls_compliance_modes', to: [] }, 'note no_effect'],
    [{ kind: 'record_create', record: elsewhere }, 'warning origins_change www.shop.test'],
    [{ kind: 'certificate_upload', level: 'zone', certificate }, `warning identity_changes ${both}`],
    [{ kind: 'certificate_upload', level: 'hostname', certificate }, 'note certificate_unused'],
    [{ kind: 'certificate_upload', level: 'zone', certificate, request }, '10451'],
    [{ kind: 'certificate_upload', level: 'zone', certificate, request: id }, '10450'],
    [{ kind: 'visitor_certificate_upload', certificate: server.certificate }, '1406'],
    [{ kind: 'visitor_certificate_delete', cert_id: visitors }, `stop visitors_shown_local ${both}`],
    [
      { kind: 'visitor_authorities_put', hostname, certificates: staff.certificate.pem },
      'stop visitors_asked www.shop.test',
    ],
    [{ kind: 'visitor_authorities_delete', hostname: 'api.shop.test' }, 'stop visitors_free api.shop.test'],
    [{ kind: 'trusted_ca_add', certificate: staff.certificate.pem }, `warning origin_cas_joined ${both}`],
    [
      { kind: 'trusted_ca_delete', cert_id: trusted },
      `warning origin_cas_unseen ${both}; warning origin_cas_joined ${both}`,
    ],
    [
      { kind: 'access_rule_put', rule, change: { mode: 'whitelist' } },
      'warning visitors_unblocked; warning visitors_exempt',
    ],
    [
      { kind: 'access_rule_put', change: { mode: 'block', configuration: { target: 'ip_range', value: '::/0' } } },
      'stop everybody_blocked',
    ],
    [{ kind: 'access_rule_delete', rule }, 'warning visitors_unblocked'],
    [{ kind: 'rate_limit_put', rule: limit, change: { ...change, disabled: true } }, 'warning visitors_unlimited'],
    [{ kind: 'rate_limit_put', change }, 'warning visitors_limited'],
    [{ kind: 'rate_limit_delete', rule: limit }, 'warning visitors_unlimited'],
  ];
  const present = async () =>
    [await api.call('GET', access), await api.call('GET', trust), await api.call('GET', asks)].map(
      ({ result }) => result,
    );
  const before = await present();
  for (const [body, expected] of told) {
    const answer = await ask(body);
    const said = answer.status === 200 ? consequencesOf(answer.result) : codes(answer).join();
    assert.equal(said, expected, `${JSON.stringify(body).slice(0, 100)}: ${JSON.stringify(answer.errors)}`);
  }
  assert.deepEqual(await present(), before);
});

test('what is no change is refused at the field', async (t) => {
  const { ask } = await shop(await startApi(t));
  const refusals: readonly (readonly [body: unknown, pointer: string])[] = [
    [{}, '/kind'],
    [{ kind: 'explode' }, '/kind'],
    [{ kind: 'mode', to: 'loose' }, '/to'],
    [{ kind: 'zone_level' }, '/on'],
    [{ kind: 'zone_level', on: 'yes' }, '/on'],
    [{ kind: 'zone_level', on: true, more: 1 }, '/more'],
    [{ kind: 'enforce', hostname: 'not a name' }, '/hostname'],
    [{ kind: 'enforce', hostname: 'www.other.test' }, '/hostname'],
    [{ kind: 'hostname_level', hostname: 'www.shop.test', on: true }, '/cert_id'],
    [{ kind: 'hostname_level', hostname: 'www.other.test', on: null }, '/hostname'],
    [{ kind: 'min_tls_version', to: '1.4' }, '/to'],
    [{ kind: 'origin_tls_compliance_modes', to: ['none'] }, '/to/0'],
    [{ kind: 'certificate_upload', level: 'zone', certificate: 'none' }, '/certificate'],
    [{ kind: 'trusted_ca_add', certificate: 'none' }, '/certificate'],
    [{ kind: 'visitor_authorities_put', hostname: 'www.shop.test', certificates: 'none' }, '/certificates'],
    [{ kind: 'visitor_authorities_put', hostname: 'www.other.test', certificates: 'none' }, '/hostname'],
    [{ kind: 'access_rule_put', change: { mode: 'block' } }, '/change/configuration'],
    [{ kind: 'access_rule_put', change: { mode: 'open' } }, '/change/mode'],
    [{ kind: 'rate_limit_put', change: {} }, '/change/match'],
  ];
  for (const [body, pointer] of refusals) {
    const answer = await ask(body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.equal(answer.errors[0]?.source?.pointer, pointer, JSON.stringify(answer.errors));
  }
});

test('who may look may ask, but not about what they may not name or see', async (t) => {
  const api = await startApi(t);
  const { id, records } = await shop(api);
  const other = await api.zone('other.test');
  const { result } = await api.call('POST', '/postern/v1/tokens', {
    name: 'mine',
    permissions: ['zone:read', 'dns:edit'],
    zones: [id],
  });
  const bearer = { authorization: `Bearer ${textOf(result['token'])}` };
  const ask = (zone: string, body: object) => api.call('POST', `/postern/v1/zones/${zone}/impact`, body, bearer);
  assert.equal((await ask(id, { kind: 'zone_delete' })).status, 200);
  assert.equal((await ask(other, { kind: 'zone_delete' })).status, 404);
  const inside = await ask(id, { kind: 'record_change', record: records['www'], change: { content: '10.0.0.1' } });
  assert.deepEqual(codes(inside).length, 1, 'a private origin, by a token that may name none');
});

test('who may read what a change is about may ask, and nobody else', async (t) => {
  const api = await startApi(t);
  const { id, records } = await shop(api);
  const about = {
    'settings:read': { kind: 'mode', to: 'off' },
    'ssl:read': { kind: 'zone_level', on: false },
    'dns:read': { kind: 'record_delete', record: records['www'] },
    'firewall:read': {
      kind: 'access_rule_put',
      change: { mode: 'block', configuration: { target: 'ip', value: '192.0.2.7' } },
    },
    'zone:read': { kind: 'pause', on: true },
  };
  for (const permission of Object.keys(about)) {
    const wish = { name: permission, permissions: [permission], zones: [id] };
    const { result } = await api.call('POST', '/postern/v1/tokens', wish);
    const bearer = { authorization: `Bearer ${textOf(result['token'])}` };
    for (const [needed, body] of Object.entries(about)) {
      const answer = await api.call('POST', `/postern/v1/zones/${id}/impact`, body, bearer);
      assert.equal(
        answer.status,
        needed === permission ? 200 : 403,
        `${permission} asks ${JSON.stringify(body)}: ${JSON.stringify(answer.errors)}`,
      );
    }
  }
});

test('what was pulled in the last hour is told, where somebody counts it', async (t) => {
  const api = await startApi(t);
  const { ask } = await shop(api);
  const hostname = 'www.shop.test';
  api.plane.countTraffic(async () => {
    const pulled = { pulls: 41, withoutCertificate: 3, refused: 0 };
    const names = [...api.plane.zones.all()].flatMap(({ records }) => [...records.values()].map(({ name }) => name));
    return { minutes: 60, silent: 0, visits: null, hostnames: new Map(names.map((name) => [name, pulled])) };
  });
  const { result } = await ask({ kind: 'enforce', hostname });
  assert.equal(consequencesOf(result), 'stop callers_without_certificate www.shop.test');
  const [first] = result['consequences'] ?? assert.fail();
  assert.match(textOf(first?.['text']), /3 of 41 pulls in the last hour had no certificate\./);
  assert.equal(JSON.stringify(result['counted']), '{"minutes":60,"silent_edges":0}');
  assert.equal(JSON.stringify(first?.['traffic']), '{"pulls":41,"without_certificate":3,"refused":0}');
});

test('who came while an origin watches is told with for how long, and that others may be refused', async (t) => {
  let now = NOW;
  const api = await startApi(t, { clock: () => now });
  const { id, ask } = await shop(api);
  const hostname = 'www.shop.test';
  const at = `/postern/v1/zones/${id}`;
  await api.call('PUT', `${at}/setups/${hostname}`, { choices: { server: 'nginx' } });
  now = after(180_000);
  const none = { without: 0, foreign: 0, unverified: 0, looks: 0, examples: [] };
  const counts = [{ hostname, at: new Date(now).toISOString(), accepted: 2, ...none }];
  const report = { host: 'web-1', lock: 'www', batch: '0'.repeat(32), hostnames: [hostname], counts };
  await api.call('POST', `${at}/origins/callers`, report);
  const { result } = await ask({ kind: 'enforce', hostname });
  assert.equal(consequencesOf(result), 'warning watched_briefly www.shop.test');
  const [first] = result['consequences'] ?? assert.fail();
  assert.deepEqual(
    [first?.['text'], first?.['fix']],
    [
      'Watched briefly. 2 requests since it was configured 3 minutes ago, all by the edge.',
      'Who did not come yet may still be refused.',
    ],
  );
});

test('who may not change records learns from their refusals nothing of other zones', async (t) => {
  const api = await startApi(t);
  const { id, records } = await shop(api);
  await api.zone('blog.test');
  const token = async (permissions: readonly string[]) => {
    const { result } = await api.call('POST', '/postern/v1/tokens', { name: 'one', permissions, zones: [id] });
    return { authorization: `Bearer ${textOf(result['token'])}` };
  };
  await api.call('PATCH', `/zones/${id}/dns_records/${records['www']}`, { content: '192.0.2.1' });
  await api.call('PATCH', `/zones/${id}/settings/tls_client_auth`, { value: 'on' });
  const ask = async (headers: Record<string, string>, server_name: string) => {
    const body = { kind: 'record_change', record: records['www'], change: { origin: { server_name } } };
    const { status, errors } = await api.call('POST', `/postern/v1/zones/${id}/impact`, body, headers);
    return [status, errors.map(({ message }) => message)];
  };
  const reader = await token(['dns:read']);
  assert.deepEqual(await ask(reader, 'www.blog.test'), await ask(reader, 'www.nobody.test'));
  const creation = (server_name: string) => ({
    kind: 'record_create',
    record: { type: 'A', name: 'new', content: '192.0.2.2', proxied: true, origin: { server_name } },
  });
  for (const name of ['www.blog.test', 'www.nobody.test']) {
    const { status } = await api.call('POST', `/postern/v1/zones/${id}/impact`, creation(name), reader);
    assert.equal(status, 403);
  }
  const editor = await token(['dns:edit']);
  assert.deepEqual((await ask(editor, 'www.nobody.test'))[0], 200);
  assert.deepEqual((await ask(editor, 'www.blog.test'))[0], 400);
});
