import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answered, codes, idOf, startApi, textOf } from './api.fixture.ts';

function told({ status, result, errors }: Answered): string {
  assert.equal(status, 200, JSON.stringify(errors));
  const found = result['consequences'] ?? assert.fail('no consequences');
  return [...found].map((one) => `${textOf(one['severity'])} ${textOf(one['code'])}`).join('; ');
}

test('what ends with a token is told, and nothing is changed', async (t) => {
  const { call } = await startApi(t);
  const rights = { permissions: ['dns:edit'], zones: 'all' };
  const { result } = await call('POST', '/postern/v1/tokens', { name: 'ci', ...rights });
  const path = `/postern/v1/tokens/${idOf(result)}`;
  const before = (await call('GET', path)).result;
  const ask = (body: unknown) => call('POST', `${path}/impact`, body);
  assert.equal(told(await ask({ kind: 'token_revoke' })), 'stop token_refused');
  assert.equal(told(await ask({ kind: 'token_roll' })), 'stop token_refused');
  const change = (edit: object) => ask({ kind: 'token_change', change: edit });
  assert.equal(told(await change({ name: 'other' })), 'note nothing_lost');
  assert.equal(told(await change({ permissions: ['dns:read'] })), 'stop token_may_less');
  assert.equal(told(await change({ permissions: ['*'] })), 'warning token_may_more');
  assert.equal(told(await change({ addresses: ['192.0.2.0/24'] })), 'stop token_may_less');
  assert.deepEqual((await call('GET', path)).result, before);
  const refused = await change({ permissions: ['fly'] });
  assert.deepEqual([refused.status, refused.errors[0]?.source?.pointer], [400, '/change/permissions/0']);
  assert.equal((await ask({ kind: 'explode' })).errors[0]?.source?.pointer, '/kind');
  const unknown = await call('POST', `/postern/v1/tokens/${'f'.repeat(32)}/impact`, { kind: 'token_revoke' });
  assert.equal(unknown.status, 404);
});

test('who revokes the token they use is told so, and how much it changed of late', async (t) => {
  const { call } = await startApi(t);
  const tokens = await call('GET', '/postern/v1/tokens');
  const own = idOf([...tokens.result][0] ?? assert.fail());
  const answer = await call('POST', `/postern/v1/tokens/${own}/impact`, { kind: 'token_revoke' });
  assert.equal(told(answer), 'stop token_refused; stop token_is_own; stop token_last_manager');
  const [first] = answer.result['consequences'] ?? assert.fail();
  assert.match(textOf(first?.['text']), /It changed nothing in the last hour\./);
  await call('POST', '/zones', { name: 'shop.test' });
  const later = await call('POST', `/postern/v1/tokens/${own}/impact`, { kind: 'token_roll' });
  assert.match(textOf([...(later.result['consequences'] ?? [])][0]?.['text']), /It changed something once in the last/);
});

test('who hears no more without a channel is told, and nothing is changed', async (t) => {
  const { call } = await startApi(t);
  const url = 'https://hooks.example.test/postern';
  const add = (name: string, over: object = {}) =>
    call('POST', '/postern/v1/notice_channels', { name, kind: 'webhook', url, ...over });
  const one = idOf((await add('one')).result);
  const ask = (body: unknown) => call('POST', `/postern/v1/notice_channels/${one}/impact`, body);
  assert.equal(told(await ask({ kind: 'channel_delete' })), 'stop notices_unheard');
  const change = (edit: object) => ask({ kind: 'channel_change', change: edit });
  assert.equal(told(await change({ enabled: false })), 'stop notices_unheard');
  assert.equal(told(await change({ severity: 'critical' })), 'stop notices_unheard');
  assert.equal(told(await change({ url: `${url}/2` })), 'warning channel_leads_elsewhere');
  assert.equal(told(await ask({ kind: 'channel_roll' })), 'stop channel_secret_ends');
  await add('two');
  assert.equal(told(await ask({ kind: 'channel_delete' })), 'note notices_heard_elsewhere');
  const refused = await change({ severity: 'loud' });
  assert.deepEqual([refused.status, refused.errors[0]?.source?.pointer], [400, '/change/severity']);
  const unknown = await call('POST', `/postern/v1/notice_channels/${'f'.repeat(32)}/impact`, {
    kind: 'channel_delete',
  });
  assert.equal(unknown.status, 404);
  assert.equal([...(await call('GET', '/postern/v1/notice_channels')).result].length, 2);
});

test('who may not see a token or a channel is told nothing of it', async (t) => {
  const { app, call } = await startApi(t);
  const rights = { permissions: ['tokens:read', 'notices:read'], zones: 'all' };
  const made = await call('POST', '/postern/v1/tokens', { name: 'reader', ...rights });
  const mighty = await call('POST', '/postern/v1/tokens', { name: 'mighty', permissions: ['*'], zones: 'all' });
  const headers = { authorization: `Bearer ${textOf(made.result['token'])}` };
  const ask = async (path: string, payload: object) =>
    (await app.inject({ method: 'POST', url: path, headers, payload })).statusCode;
  assert.equal(await ask(`/postern/v1/tokens/${idOf(mighty.result)}/impact`, { kind: 'token_revoke' }), 404);
  assert.equal(await ask(`/postern/v1/tokens/${idOf(made.result)}/impact`, { kind: 'token_revoke' }), 200);
  assert.deepEqual(codes(made), []);
});
