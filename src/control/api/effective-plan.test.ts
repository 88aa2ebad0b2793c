import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { revision } from '../../domain/ids.ts';
import { recordingEdge } from '../control-plane.fixture.ts';
import { authority, clientCertificate, codes, startApi, textOf } from './api.fixture.ts';

test('the plan of a hostname names level, identity and bundle as levels are switched on', async (t) => {
  const { call, app, zone } = await startApi(t);
  const id = await zone('example.test');
  const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
  const plan = async () => (await call('GET', `/postern/v1/zones/${id}/hostnames/www.example.test/plan`)).result;
  const bundleOf = async (path: unknown) => {
    const { body } = await app.inject({ url: String(path) });
    return createHash('sha256').update(body).digest('hex');
  };

  const before = await plan();
  assert.deepEqual([before['level'], before['identity'], before['https']?.['kind']], [null, null, 'not_served']);
  await call('POST', `/zones/${id}/dns_records`, record);
  const none = await plan();
  assert.deepEqual([none['https']?.['kind'], none['https']?.['because']], ['without', 'never_enabled']);
  assert.equal(none['http']?.['kind'], 'redirect');

  await call('PATCH', `/zones/${id}/settings/tls_client_auth`, { value: 'on' });
  const global = await plan();
  assert.deepEqual([global['level'], global['identity'], global['accept_shared']], ['global', 'shared', true]);
  assert.equal(global['bundle']?.['path'], '/ssl/static/authenticated_origin_pull_ca.pem');
  assert.equal(global['bundle']?.['sha256'], await bundleOf(global['bundle']?.['path']));

  await call('PUT', `/zones/${id}/origin_tls_client_auth/settings`, { enabled: true });
  const managed = await plan();
  assert.deepEqual([managed['level'], managed['identity'], managed['accept_shared']], ['zone', 'managed', false]);
  assert.equal(managed['bundle']?.['sha256'], await bundleOf(managed['bundle']?.['path']));
  assert.match(textOf(managed['bundle']?.['url']), new RegExp(`^http://localhost.*/zones/${id}/`));
  assert.match(textOf(managed['certificate']?.['fingerprint']), /^[0-9a-f]{64}$/);

  const upload = await clientCertificate(await authority());
  const { result } = await call('POST', `/zones/${id}/origin_tls_client_auth/hostnames/certificates`, upload);
  const associate = (enabled: boolean) =>
    call('PUT', `/zones/${id}/origin_tls_client_auth/hostnames`, {
      config: [{ hostname: 'www.example.test', cert_id: result['id'], enabled }],
    });
  await associate(true);
  const uploaded = await plan();
  assert.deepEqual(
    [uploaded['level'], uploaded['identity'], uploaded['certificate']?.['id']],
    ['hostname', 'uploaded', result['id']],
  );
  assert.deepEqual(
    [...(uploaded['notices'] ?? [])].map(({ code }) => code),
    [20006, 20007],
  );
  await associate(false);
  const veto = await plan();
  assert.deepEqual([veto['https']?.['because'], veto['bundle']], ['hostname_veto', null]);
});

test('a plan says whether every edge follows it already, and another zone’s change does not matter', async (t) => {
  const api = await startApi(t, { inForceWithin: 1 });
  const id = await api.zone('example.test');
  const other = await api.zone('other.test');
  const edge = recordingEdge({ acknowledges: false });
  api.plane.connect(edge.link);
  edge.say({ kind: 'hello', edge: 'edge' });
  const acknowledge = async () => {
    const { result } = await api.call('GET', '/postern/v1/audit?limit=1');
    edge.say({ kind: 'applied', edge: 'edge', revision: revision(Number([...result][0]?.['revision'])) });
  };
  const plan = (zone = id, name = 'www.example.test') =>
    api.call('GET', `/postern/v1/zones/${zone}/hostnames/${name}/plan`);
  const told = async () => {
    const { result } = await plan();
    const list = await api.call('GET', `/postern/v1/zones/${id}/plans`);
    const said = [result['notices'] ?? [], list.messages].map((all) => [...all].some(({ code }) => code === 20103));
    return [result['in_force'], ...said];
  };
  await edge.seen(({ kind }) => kind === 'snapshot');
  await acknowledge();
  assert.deepEqual(await told(), [true, false, false]);
  await api.call('PUT', `/zones/${id}/origin_tls_client_auth/settings`, { enabled: true });
  assert.deepEqual(await told(), [false, true, true]);
  await acknowledge();
  assert.deepEqual(await told(), [true, false, false]);
  await api.call('PUT', `/zones/${other}/origin_tls_client_auth/settings`, { enabled: true });
  assert.deepEqual(await told(), [true, false, false]);
  assert.equal((await plan(other, 'www.other.test')).result['in_force'], false);
});

test('hostnames outside the zone have no plan there', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  for (const hostname of ['www.other.test', 'x y', '*.example.test']) {
    const answer = await call('GET', `/postern/v1/zones/${id}/hostnames/${encodeURIComponent(hostname)}/plan`);
    assert.deepEqual([answer.status, codes(answer)], [400, [1416]], hostname);
  }
});

test('the installation names the CA of visitor certificates', async (t) => {
  const { call, plane } = await startApi(t, { version: '9.9.9' });
  const { result } = await call('GET', '/postern/v1/installation');
  assert.deepEqual([result['version'], result['host']], ['9.9.9', plane.installation.host]);
  assert.match(textOf(result['visitor_ca']), /^-----BEGIN CERTIFICATE-----/);
});

test('a plan and each write of a record say where its HTTP/2 has no effect', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const said = ({ messages }: Awaited<ReturnType<typeof call>>) => messages.map(({ code }) => code);
  const planned = async (name: string) => {
    const { result } = await call('GET', `/postern/v1/zones/${id}/hostnames/${name}/plan`);
    return [...(result['notices'] ?? [])].map(({ code }) => code);
  };
  const write = (name: string, proxied: boolean) =>
    ({ type: 'A', name, content: '127.0.0.1', proxied, origin: { http2: true } }) as const;

  assert.deepEqual(said(await call('POST', `/zones/${id}/dns_records`, write('*', true))), []);
  assert.deepEqual(await planned('www.example.test'), []);
  const hidden = await call('POST', `/zones/${id}/dns_records`, write('hidden', false));
  assert.deepEqual(said(hidden), [20012]);
  assert.deepEqual(await planned('hidden.example.test'), [20012]);

  await call('PATCH', `/zones/${id}/settings/ssl`, { value: 'flexible' });
  assert.deepEqual(await planned('www.example.test'), [20011]);
  const record = `/zones/${id}/dns_records/${textOf(hidden.result['id'])}`;
  assert.deepEqual(said(await call('PATCH', record, { proxied: true })), [20011]);
  const batch = { posts: [write('a', false), write('b', true)] };
  assert.deepEqual(said(await call('POST', `/zones/${id}/dns_records/batch`, batch)), [20011, 20012]);
  assert.deepEqual(said(await call('PATCH', record, { origin: null })), []);
  assert.deepEqual(await planned('hidden.example.test'), []);
});
