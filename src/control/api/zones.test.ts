import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, idOf, startApi, textOf } from './api.fixture.ts';

test('a zone is active at once and needs no account', async (t) => {
  const { call, plane } = await startApi(t);
  const { status, result } = await call('POST', '/zones', { name: 'example.test' });
  assert.equal(status, 200);
  assert.match(idOf(result), /^[0-9a-f]{32}$/);
  assert.deepEqual([result['name'], result['status'], result['paused']], ['example.test', 'active', false]);
  assert.equal(result['account']?.['id'], plane.installation.account);
  const { result: same } = await call('GET', `/zones/${idOf(result).toUpperCase()}`);
  assert.deepEqual(same, result);
});

test('upper case, a trailing dot and letters beyond ASCII name the same zone', async (t) => {
  const { call } = await startApi(t);
  const { result } = await call('POST', '/zones', { name: 'Bücher.Test.', account: {} });
  assert.equal(result['name'], 'xn--bcher-kva.test');
  for (const name of ['xn--bcher-kva.test', 'BÜCHER.test', 'bücher.test.']) {
    assert.deepEqual(codes(await call('POST', '/zones', { name })), [1061], name);
    const found = await call('GET', `/zones?name=${encodeURIComponent(name)}`);
    assert.equal([...found.result][0]?.['id'], result['id'], name);
  }
});

test('names that no zone can have are refused', async (t) => {
  const { call } = await startApi(t);
  for (const name of [
    'test',
    '*.example.test',
    'a b.test',
    '192.0.2.1',
    '-a.test',
    `${'a'.repeat(64)}.test`,
    '..',
    'a..b',
  ]) {
    const { status, errors } = await call('POST', '/zones', { name });
    assert.deepEqual([status, errors[0]?.code, errors[0]?.source?.pointer], [400, 1105, '/name'], name);
  }
  for (const name of [undefined, 7, null, '', ['a.test'], 'a'.repeat(300)]) {
    const { status, errors } = await call('POST', '/zones', { name });
    assert.deepEqual([status, errors[0]?.code, errors[0]?.source?.pointer], [400, 6007, '/name'], String(name));
  }
});

test('an unknown account is named as the fault', async (t) => {
  const { call } = await startApi(t);
  const refused = await call('POST', '/zones', { name: 'a.test', account: { id: '0'.repeat(32) } });
  assert.deepEqual([refused.status, codes(refused)], [400, [7404]]);
});

test('ids that are none, and ids of no zone, are 404 with code 7003 and the words that clients match on', async (t) => {
  const { call } = await startApi(t);
  for (const id of ['x', '0'.repeat(32), '0'.repeat(31), `${'0'.repeat(32)}0`, 'example.test', '%00', '%F0%9F%92%A9']) {
    for (const path of [`/zones/${id}`, `/zones/${id}/settings`, `/zones/${id}/dns_records`]) {
      const answer = await call('GET', path);
      assert.deepEqual([answer.status, codes(answer)], [404, [7003]], path);
      assert.match(
        answer.errors[0]?.message ?? '',
        /Could not route to .*, perhaps your object identifier is invalid\?/,
      );
      assert.equal(answer.errors[0]?.error_chain?.[0]?.code, 7000);
    }
  }
});

test('fields without meaning are ignored, and named', async (t) => {
  const { call } = await startApi(t);
  const { status, messages } = await call('POST', '/zones', {
    name: 'a.test',
    jump_start: true,
    account: { name: 'x' },
  });
  assert.equal(status, 200);
  assert.deepEqual(
    messages.map(({ code, message }) => [code, message.split(': ')[1]]),
    [
      [20101, '/jump_start.'],
      [20101, '/account/name.'],
    ],
  );
});

test('a zone is paused and goes on', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  assert.equal((await call('PATCH', `/zones/${id}`, { paused: true })).result['paused'], true);
  assert.equal((await call('PATCH', `/zones/${id}`, {})).result['paused'], true);
  assert.equal((await call('PATCH', `/zones/${id}`, { paused: false })).result['paused'], false);
  assert.deepEqual(codes(await call('PATCH', `/zones/${id}`, { paused: 'yes' })), [6007]);
});

test('a deleted zone is gone, and its name is free', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const { status, result } = await call('DELETE', `/zones/${id}`);
  assert.deepEqual([status, result], [200, { id }]);
  assert.equal((await call('GET', `/zones/${id}`)).status, 404);
  assert.notEqual(await zone('example.test'), id);
});

test('lists are filtered, ordered and paged as at Cloudflare', async (t) => {
  const { call, zone } = await startApi(t);
  for (const name of ['c.test', 'a.test', 'b.test', 'd.example', 'e.example', 'f.example']) await zone(name);
  const names = async (query: string) => {
    const { result, result_info } = await call('GET', `/zones?${query}`);
    return { names: [...result].map((found) => textOf(found['name'])).join(' '), info: result_info };
  };
  assert.equal((await names('order=name&direction=desc')).names, 'f.example e.example d.example c.test b.test a.test');
  assert.equal((await names('name=ends_with:.test&order=name')).names, 'a.test b.test c.test');
  assert.equal((await names('name=contains:.EX')).names, 'd.example e.example f.example');
  assert.equal((await names('name=a.test&status=active')).names, 'a.test');
  assert.equal((await names('name=a.test&status=pending')).names, '');
  assert.equal((await names('status=pending&name=b.test&match=any')).names, 'b.test');
  const second = await names('per_page=5&page=2');
  assert.deepEqual(second, {
    names: 'f.example',
    info: { page: 2, per_page: 5, count: 1, total_count: 6, total_pages: 2 },
  });
  assert.equal((await names('per_page=5&page=3')).names, '');
  assert.equal((await names('page=999999')).names, '');
});

test('query parameters out of range, malformed or given twice are refused by name', async (t) => {
  const { call } = await startApi(t);
  const bad = [
    'per_page=4',
    'per_page=51',
    'page=0',
    'page=-1',
    'page=1.5',
    'page=1e3',
    'page=x',
    'page=',
    'page=1&page=2',
  ];
  for (const query of [
    ...bad,
    'order=size',
    'direction=up',
    'status=active&status=moved',
    'page=99999999999999999999',
  ]) {
    const { status, errors } = await call('GET', `/zones?${query}`);
    assert.deepEqual([status, errors[0]?.code], [400, 6008], query);
    assert.match(errors[0]?.message ?? '', new RegExp(`${query.split('=')[0]} is .*must be`), query);
  }
});

test('a zone below another one of the same account is allowed', async (t) => {
  const { call, zone } = await startApi(t);
  await zone('example.test');
  assert.equal((await call('POST', '/zones', { name: 'shop.example.test' })).status, 200);
});
