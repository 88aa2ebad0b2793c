import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, type Json, type StartedApi, startApi, textOf } from './api.fixture.ts';

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

function told({ consequences }: Json): string {
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
  assert.equal(told(grey.result), 'stop origin_exposed www.shop.test');
  const off = await ask({ kind: 'zone_level', on: false });
  assert.equal(told(off.result), 'warning pulled_without_certificate www.shop.test,api.shop.test');
  assert.equal(told((await ask({ kind: 'zone_level', on: true })).result), 'note no_effect');
  const flexible = await ask({ kind: 'mode', to: 'flexible' });
  assert.equal(told(flexible.result), 'stop pulled_in_plaintext www.shop.test,api.shop.test');
  assert.deepEqual((await api.call('GET', `/zones/${id}/dns_records`)).result, before);
});
