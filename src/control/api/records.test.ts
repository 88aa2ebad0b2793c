import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import { codes, idOf, NOW, startApi, textOf } from './api.fixture.ts';

const A = { type: 'A', name: 'www', content: '192.0.2.1' };

test('relative names are completed, and names come back in one spelling', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const names = [
    ['@', 'example.test'],
    ['www', 'www.example.test'],
    ['WWW.Example.TEST.', 'www.example.test'],
    ['*', '*.example.test'],
    ['*.shop', '*.shop.example.test'],
    ['*.example.test', '*.example.test'],
    ['bücher', 'xn--bcher-kva.example.test'],
    ['_dmarc', '_dmarc.example.test'],
  ];
  for (const [index, [name, full]] of names.entries()) {
    const { status, result } = await call('POST', `/zones/${id}/dns_records`, {
      ...A,
      name,
      content: `192.0.2.${index}`,
    });
    assert.deepEqual([status, result['name']], [200, full], name);
  }
});

test('names outside the zone and names that are none are refused', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  for (const name of ['www.other.test', 'example.test.other.test', 'notexample.test', 'www.other.test.']) {
    const { status, errors } = await call('POST', `/zones/${id}/dns_records`, { ...A, name });
    assert.deepEqual([status, errors[0]?.code, errors[0]?.source?.pointer], [400, 9000, '/name'], name);
  }
  for (const name of [
    '',
    'a b',
    'www.*.example.test',
    '*.*.example.test',
    '..',
    `${'a'.repeat(64)}`,
    7,
    null,
    undefined,
  ]) {
    const { status, errors } = await call('POST', `/zones/${id}/dns_records`, { ...A, name });
    assert.deepEqual([status, errors[0]?.code, errors[0]?.source?.pointer], [400, 1004, '/name'], String(name));
  }
});

test('content is judged by the type', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const good = [
    ['A', '127.0.0.1', '127.0.0.1'],
    ['AAAA', '2001:DB8:0:0::1', '2001:db8::1'],
    ['AAAA', '::1', '::1'],
    ['CNAME', 'Origin.Other.Example.', 'origin.other.example'],
  ];
  for (const [index, [type, content, stored]] of good.entries()) {
    const { status, result } = await call('POST', `/zones/${id}/dns_records`, { type, name: `r${index}`, content });
    assert.deepEqual([status, result['content']], [200, stored], content);
  }
  const bad = [
    ['A', '1.2.3'],
    ['A', '01.2.3.4'],
    ['A', '::1'],
    ['A', 'example.test'],
    ['A', '127.0.0.1:8443'],
    ['AAAA', '127.0.0.1'],
    ['AAAA', 'fe80::1%eth0'],
    ['CNAME', '192.0.2.1'],
    ['CNAME', 'a b'],
    ['CNAME', 'r9.example.test'],
    ['A', undefined],
    ['A', 16_909_060],
  ];
  for (const [type, content] of bad) {
    const { status, errors } = await call('POST', `/zones/${id}/dns_records`, { type, name: 'r9', content });
    assert.deepEqual([status, errors[0]?.code, errors[0]?.source?.pointer], [400, 1004, '/content'], String(content));
  }
  const txt = await call('POST', `/zones/${id}/dns_records`, { type: 'TXT', name: 'r9', content: 'x' });
  assert.match(txt.errors[0]?.message ?? '', /type is "TXT", must be one of A, AAAA, CNAME/);
});

test('addresses that the edge never connects to are refused', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const metadata = ['169.254.169.254', '0.0.0.0', '224.0.0.1', '255.255.255.255'].map((content) => ['A', content]);
  for (const [type, content] of [
    ...metadata,
    ['AAAA', 'fe80::1'],
    ['AAAA', '::'],
    ['AAAA', '::ffff:169.254.169.254'],
  ]) {
    const answer = await call('POST', `/zones/${id}/dns_records`, { type, name: 'x', content });
    assert.deepEqual([answer.status, codes(answer)], [400, [1121]], content);
  }
});

test('several bad fields are several errors', async (t) => {
  const { call, zone } = await startApi(t);
  const { errors } = await call('POST', `/zones/${await zone()}/dns_records`, {
    ...A,
    ttl: 59,
    proxied: 'yes',
    comment: 'x'.repeat(501),
    origin: { https_port: 0, http_port: 70_000, server_name: '192.0.2.1', host_header: 'a\r\nb' },
  });
  assert.deepEqual(
    new Set(errors.map(({ source }) => source?.pointer)),
    new Set([
      '/comment',
      '/origin/host_header',
      '/origin/http_port',
      '/origin/https_port',
      '/origin/server_name',
      '/proxied',
      '/ttl',
    ]),
  );
  assert.equal(
    errors.find(({ source }) => source?.pointer === '/ttl')?.message,
    'DNS Validation Error: ttl is 59, must be 1 (automatic) or a whole number of seconds from 60 to 86400. Mend the field named.',
  );
});

test('origin comes back exactly as it was sent, and only then', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const origin = { server_name: 'Origin.Example.test.', https_port: 8443 };
  const sent = await call('POST', `/zones/${id}/dns_records`, { ...A, proxied: true, origin });
  assert.deepEqual(sent.result['origin'], origin);
  const path = `/zones/${id}/dns_records/${idOf(sent.result)}`;
  assert.deepEqual((await call('PATCH', path, { comment: 'kept' })).result['origin'], origin);
  assert.equal('origin' in (await call('PATCH', path, { origin: null })).result, false);
  const plain = await call('POST', `/zones/${id}/dns_records`, { ...A, name: 'plain' });
  assert.equal('origin' in plain.result, false);
});

test('PUT replaces a record and PATCH keeps what it does not name', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const { result } = await call('POST', `/zones/${id}/dns_records`, {
    ...A,
    ttl: 300,
    comment: 'first',
  });
  const path = `/zones/${id}/dns_records/${idOf(result)}`;
  const patched = (await call('PATCH', path, { content: '192.0.2.9' })).result;
  assert.deepEqual([patched['content'], patched['ttl'], patched['comment']], ['192.0.2.9', 300, 'first']);
  const put = (await call('PUT', path, A)).result;
  assert.deepEqual([put['content'], put['ttl'], put['proxied'], put['comment']], ['192.0.2.1', 1, false, null]);
  const wrong = await call('PATCH', path, { type: 'AAAA' });
  assert.deepEqual([wrong.status, codes(wrong), wrong.errors[0]?.source?.pointer], [400, [1004], '/content']);
  const typed = (await call('PATCH', path, { type: 'AAAA', content: '2001:db8::5' })).result;
  assert.deepEqual([typed['type'], typed['content']], ['AAAA', '2001:db8::5']);
});

test('two PATCHes of different fields at the same time both hold', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const { result } = await call('POST', `/zones/${id}/dns_records`, A);
  const path = `/zones/${id}/dns_records/${idOf(result)}`;
  await Promise.all([call('PATCH', path, { comment: 'one' }), call('PATCH', path, { ttl: 120 })]);
  const { result: both } = await call('GET', path);
  assert.deepEqual([both['comment'], both['ttl']], ['one', 120]);
});

test('identical records, and a CNAME beside others, are refused with the codes of Cloudflare', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const first = await call('POST', `/zones/${id}/dns_records`, A);
  const twin = await call('POST', `/zones/${id}/dns_records`, A);
  assert.deepEqual([twin.status, codes(twin)], [400, [81057]]);
  assert.match(twin.errors[0]?.message ?? '', new RegExp(idOf(first.result)));
  const cname = await call('POST', `/zones/${id}/dns_records`, { ...A, type: 'CNAME', content: 'x.test' });
  assert.deepEqual([cname.status, codes(cname)], [400, [81053]]);
});

test('records are found only in their own zone', async (t) => {
  const { call, zone } = await startApi(t);
  const [mine, theirs] = [await zone(), await zone()];
  const { result } = await call('POST', `/zones/${theirs}/dns_records`, A);
  for (const id of [idOf(result), '0'.repeat(32), 'x']) {
    for (const method of ['GET', 'DELETE', 'PATCH'] as const) {
      const answer = await call(method, `/zones/${mine}/dns_records/${id}`, method === 'PATCH' ? {} : undefined);
      assert.deepEqual([answer.status, codes(answer)], [404, [81044]], `${method} ${id}`);
    }
  }
  assert.equal((await call('GET', `/zones/${theirs}/dns_records/${idOf(result)}`)).status, 200);
});

test('tags are ignored with a message', async (t) => {
  const { call, zone } = await startApi(t);
  const { status, messages } = await call('POST', `/zones/${await zone()}/dns_records`, { ...A, tags: ['a:b'] });
  assert.deepEqual([status, messages.map(({ code }) => code)], [200, [20101]]);
});

test('lists are filtered by name, type, content, proxied and search, and paged', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const add = (record: object) => call('POST', `/zones/${id}/dns_records`, record);
  await add({ type: 'A', name: 'www', content: '192.0.2.1', proxied: true, comment: 'Front door' });
  await add({ type: 'A', name: 'api', content: '192.0.2.2' });
  await add({ type: 'AAAA', name: 'www', content: '2001:db8::1' });
  await add({ type: 'CNAME', name: 'docs', content: 'www.example.test', proxied: true });
  const found = async (query: string) => {
    const { result } = await call('GET', `/zones/${id}/dns_records?${query}`);
    return [...result].map((record) => `${textOf(record['type'])} ${textOf(record['name']).split('.')[0]}`).join(', ');
  };
  assert.equal(await found(''), 'A www, A api, AAAA www, CNAME docs');
  assert.equal(await found('name=WWW.example.test.'), 'A www, AAAA www');
  assert.equal(await found('name.exact=www.example.test&type=A'), 'A www');
  assert.equal(await found('name.contains=p'), 'A www, A api, AAAA www, CNAME docs');
  assert.equal(await found('name.startswith=d'), 'CNAME docs');
  assert.equal(await found('proxied=true&order=type&direction=desc'), 'CNAME docs, A www');
  assert.equal(await found('content=192.0.2.2&type=CNAME&match=any'), 'A api, CNAME docs');
  assert.equal(await found('search=front'), 'A www');
  assert.equal(await found('per_page=3&page=2'), 'CNAME docs');
  assert.equal(await found('per_page=3&page=3'), '');
});

test('the TTL of a proxied record is automatic, whatever was sent', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const { result } = await call('POST', `/zones/${id}/dns_records`, { ...A, ttl: 300, proxied: true });
  assert.equal(result['ttl'], 1);
  const path = `/zones/${id}/dns_records/${idOf(result)}`;
  assert.equal((await call('PATCH', path, { ttl: 600 })).result['ttl'], 1);
  assert.equal((await call('PATCH', path, { proxied: false, ttl: 600 })).result['ttl'], 600);
  assert.equal((await call('PATCH', path, { proxied: true })).result['ttl'], 1);
  assert.equal((await call('PUT', path, { ...A, ttl: 600, proxied: true })).result['ttl'], 1);
});

test('modified_on says when something last differed, created_on stays', async (t) => {
  let now: number = NOW;
  const { call, zone } = await startApi(t, { clock: () => instant(now) });
  const id = await zone();
  const { result: made } = await call('POST', `/zones/${id}/dns_records`, A);
  const path = `/zones/${id}/dns_records/${idOf(made)}`;
  now += 1000;
  const { result: same } = await call('PATCH', path, { content: A.content });
  assert.deepEqual(same, made);
  const { result: other } = await call('PATCH', path, { comment: 'new' });
  assert.equal(other['created_on'], made['created_on']);
  assert.equal(other['modified_on'], new Date(now).toISOString());
});

test('lists are filtered by comment, and by tags as records without any', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  for (const [name, comment] of [
    ['a', 'Front door'],
    ['b', 'back door'],
    ['c', null],
    ['d', ''],
  ]) {
    await call('POST', `/zones/${id}/dns_records`, { ...A, name, comment });
  }
  const found = async (query: string) => {
    const { status, result } = await call('GET', `/zones/${id}/dns_records?${query}`);
    assert.equal(status, 200, query);
    return [...result].map((record) => textOf(record['name']).split('.')[0]).join('');
  };
  assert.equal(await found('comment.present='), 'ab');
  assert.equal(await found('comment.absent=true'), 'cd');
  assert.equal(await found('comment.exact=front%20DOOR'), 'a');
  assert.equal(await found('comment.startswith=back&comment.endswith=door'), 'b');
  assert.equal(await found('comment.contains=door&name.startswith=c&match=any'), 'abc');
  // `search` narrows, whatever `match` says.
  assert.equal(await found('comment.absent=&name.startswith=a&match=any&search=door'), 'a');
  for (const query of ['tag=x', 'tag.exact=x:y', 'tag.present=x', 'tag.contains=x:y', 'tag.startswith=x:y']) {
    assert.equal(await found(query), '', query);
  }
  assert.equal(await found('tag.absent=x&tag_match=any'), 'abcd');
});

test('lists are ordered by each field both ways, and what cannot be is refused', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  await call('POST', `/zones/${id}/dns_records`, { ...A, name: 'b', ttl: 300 });
  await call('POST', `/zones/${id}/dns_records`, { type: 'AAAA', name: 'c', content: '2001:db8::1', proxied: true });
  await call('POST', `/zones/${id}/dns_records`, { type: 'CNAME', name: 'a', content: 'x.test', ttl: 60 });
  const names = async (query: string) => {
    const { result } = await call('GET', `/zones/${id}/dns_records?${query}`);
    return [...result].map((record) => textOf(record['name']).split('.')[0]).join('');
  };
  for (const [order, ascending, descending] of [
    ['type', 'bca', 'acb'],
    ['name', 'abc', 'cba'],
    ['content', 'bca', 'acb'],
    ['ttl', 'cab', 'bac'],
    ['proxied', 'bac', 'cba'],
  ]) {
    assert.equal(await names(`order=${order}`), ascending);
    assert.equal(await names(`order=${order}&direction=desc`), descending);
  }
  for (const query of [
    'order=comment',
    'direction=up',
    'match=none',
    'per_page=0',
    'per_page=5000001',
    'per_page=ten',
    'page=0',
    'proxied=yes',
    'name=a&name=b',
  ]) {
    const bad = await call('GET', `/zones/${id}/dns_records?${query}`);
    assert.deepEqual([bad.status, codes(bad)], [400, [6008]], query);
  }
  assert.equal(await names('per_page=5000000'), 'bca');
});

test('a token without origins:private may not name private origins, nor touch records that do', async (t) => {
  const { call, zone } = await startApi(t, { tokens: { limited: { permissions: ['dns:edit'] } } });
  const id = await zone('example.test');
  const limited = { authorization: 'Bearer limited' };
  const own = [
    ['A', '127.0.0.1'],
    ['A', '10.1.2.3'],
    ['A', '192.168.0.1'],
    ['A', '100.64.0.1'],
    ['AAAA', '::1'],
    ['AAAA', 'fd00::1'],
    ['AAAA', '::ffff:10.0.0.1'],
    ['AAAA', '::10.0.0.1'],
    ['AAAA', '64:ff9b::10.0.0.1'],
    ['AAAA', '2002:a00:1::'],
    ['AAAA', 'fec0::1'],
    ['CNAME', 'localhost'],
    ['CNAME', 'x.localhost'],
  ];
  for (const [type, content] of own) {
    const answer = await call('POST', `/zones/${id}/dns_records`, { type, name: 'x', content }, limited);
    assert.deepEqual([answer.status, codes(answer)], [403, [1120]], content);
  }
  assert.equal((await call('POST', `/zones/${id}/dns_records`, A, limited)).status, 200);
  const { result } = await call('POST', `/zones/${id}/dns_records`, { ...A, name: 'x', content: '127.0.0.1' });
  const moved = await call(
    'PATCH',
    `/zones/${id}/dns_records/${idOf(result)}`,
    { origin: { https_port: 22 } },
    limited,
  );
  assert.deepEqual([moved.status, codes(moved)], [403, [1120]]);
});

test('what a name may lead to goes by who wrote it, and cannot be laundered by a lesser token', async (t) => {
  const { call, zone, plane } = await startApi(t, { tokens: { limited: { permissions: ['dns:edit'] } } });
  const path = `/zones/${await zone('example.test')}/dns_records`;
  const limited = { authorization: 'Bearer limited' };
  const cname = { type: 'CNAME', name: 'x', content: 'origin.test', proxied: true };
  const right = () =>
    [...([...plane.zones.all()][0]?.records.values() ?? [])].find((record) => record.id === id)?.mayBePrivate;

  const id = idOf((await call('POST', path, cname, limited)).result);
  assert.equal(right(), false);
  assert.deepEqual((await call('PATCH', `${path}/${id}`, { comment: 'seen' })).result['meta'], {});
  assert.equal(right(), false, 'touching another field blesses nothing');
  const written = await call('PUT', `${path}/${id}`, cname);
  assert.deepEqual(written.result['meta'], { may_be_private: true });

  const kept = await call('PATCH', `${path}/${id}`, { comment: 'ours' }, limited);
  assert.deepEqual([right(), kept.messages], [true, []]);
  const moved = await call('PATCH', `${path}/${id}`, { origin: { https_port: 22 } }, limited);
  assert.deepEqual([moved.status, right()], [200, false]);
  assert.deepEqual(
    moved.messages.map(({ code }) => code),
    [20106],
  );
  await call('PATCH', `${path}/${id}`, { origin: null }, limited);
  assert.equal(right(), false, 'going back does not bring it back');
});
