import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, idOf, type StartedApi, startApi, textOf } from './api.fixture.ts';

const ADDRESSES = '/postern/v1/edges/addresses';

async function bearer({ call }: StartedApi, rights: object): Promise<{ readonly authorization: string }> {
  const { result } = await call('POST', '/postern/v1/tokens', { name: 'one', zones: 'all', ...rights });
  return { authorization: `Bearer ${textOf(result['token'])}` };
}

test('what an operator says of the edges’ addresses is kept in one spelling, and in the audit log once', async (t) => {
  const api = await startApi(t);
  assert.deepEqual((await api.call('GET', ADDRESSES)).result, { networks: [] });
  const said = { networks: ['192.0.2.0/24', '2001:DB8:0::/48', '192.0.2.7', '192.0.2.7/32'] };
  const networks = ['192.0.2.0/24', '2001:db8::/48', '192.0.2.7/32'];
  assert.deepEqual((await api.call('PUT', ADDRESSES, said)).result, { networks });
  assert.deepEqual((await api.call('PUT', ADDRESSES, { networks })).result, { networks });
  assert.deepEqual((await api.call('GET', ADDRESSES)).result, { networks });
  const log = [...(await api.call('GET', '/postern/v1/audit?action=update_edge_addresses')).result];
  assert.deepEqual(
    log.map((entry) => [entry['before'], entry['after']]),
    [[{ networks: [] }, { networks }]],
  );
  assert.deepEqual((await api.call('PUT', ADDRESSES, { networks: [] })).result, { networks: [] });
});

test('what is no network, or all of them, is refused by its place, and nothing changes', async (t) => {
  const api = await startApi(t);
  for (const bad of ['0.0.0.0/0', '::/0', '192.0.2.1/24', 'edge.test', '192.0.2.0/33', '']) {
    const refused = await api.call('PUT', ADDRESSES, { networks: ['192.0.2.1', bad] });
    assert.deepEqual([refused.status, refused.errors[0]?.source?.pointer], [400, '/networks/1'], bad);
  }
  const many = Array.from({ length: 1_001 }, () => '192.0.2.1');
  for (const networks of [many, '192.0.2.1', null, [7]]) {
    assert.equal((await api.call('PUT', ADDRESSES, { networks })).status, 400);
  }
  assert.deepEqual((await api.call('GET', ADDRESSES)).result, { networks: [] });
});

test('reading needs edges:read; saying needs edges:edit on the whole installation', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  const account = idOf((await api.call('POST', '/accounts', { name: 'Shop' })).result);
  const asked = async (method: 'GET' | 'PUT', rights: object) => {
    const body = method === 'PUT' ? { networks: ['192.0.2.1'] } : undefined;
    const answer = await api.call(method, ADDRESSES, body, await bearer(api, rights));
    return answer.status === 200 ? 200 : `${answer.status} ${codes(answer).join()}`;
  };
  const edit = { permissions: ['edges:edit'] };
  assert.equal(await asked('GET', { permissions: ['dns:edit'] }), '403 9109');
  assert.equal(await asked('GET', { permissions: ['edges:read'], zones: [zone] }), 200);
  assert.equal(await asked('PUT', { permissions: ['edges:read', 'settings:edit'] }), '403 9109');
  assert.equal(await asked('PUT', { ...edit, zones: [zone] }), '403 9109');
  assert.equal(await asked('PUT', { ...edit, accounts: [account] }), '403 9109');
  assert.equal(await asked('PUT', edit), 200);
  assert.equal(await asked('GET', edit), 200);
});
