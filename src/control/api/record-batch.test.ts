import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { codes, idOf, type Json, startApi, textOf } from './api.fixture.ts';

const A = { type: 'A', content: '192.0.2.1' };

async function started(t: TestContext, bent: Parameters<typeof startApi>[1] = {}) {
  const { call, zone, ...rest } = await startApi(t, bent);
  const id = await zone('example.test');
  const path = `/zones/${id}/dns_records`;
  const add = async (name: string, over: object = {}) =>
    idOf((await call('POST', path, { ...A, name, ...over })).result);
  const batch = (body: unknown, headers = {}) => call('POST', `${path}/batch`, body, headers);
  const records = async () => [...(await call('GET', path)).result];
  // No edge is connected, so this is the newest revision.
  const revision = () => rest.plane.applied();
  return { ...rest, call, path, add, batch, records, revision };
}

function contents(list: Json | undefined): readonly string[] {
  return [...(list ?? [])].map((record) => `${textOf(record['name'])} ${textOf(record['content'])}`);
}

test('a batch deletes, patches, puts and posts in this order, in one revision', async (t) => {
  const { add, batch, records, revision } = await started(t);
  const [gone, patched, put] = [
    await add('a'),
    await add('b', { comment: 'kept' }),
    await add('c', { comment: 'lost' }),
  ];
  const before = revision();
  const { status, result } = await batch({
    // The name that is free only once its record is deleted.
    posts: [{ type: 'CNAME', name: 'a', content: 'x.test' }],
    puts: [{ ...A, id: put, name: 'c', content: '192.0.2.3' }],
    patches: [{ id: patched, content: '192.0.2.2' }],
    deletes: [{ id: gone }],
  });
  assert.equal(status, 200);
  assert.deepEqual(contents(result['deletes']), ['a.example.test 192.0.2.1']);
  assert.deepEqual(contents(result['patches']), ['b.example.test 192.0.2.2']);
  assert.deepEqual(contents(result['puts']), ['c.example.test 192.0.2.3']);
  assert.deepEqual(contents(result['posts']), ['a.example.test x.test']);
  const left = await records();
  assert.deepEqual(
    left.map((record) => [record['content'], record['comment']]),
    [
      ['192.0.2.2', 'kept'],
      ['192.0.2.3', null],
      ['x.test', null],
    ],
  );
  assert.equal(revision(), before + 1);
});

test('a batch that says nothing, or nothing new, changes nothing', async (t) => {
  const { add, batch, revision } = await started(t);
  const id = await add('a');
  const before = revision();
  const none = { deletes: [], patches: [], puts: [], posts: [] };
  for (const body of [{}, none, { ...none, posts: null }]) {
    const { status, result } = await batch(body);
    assert.deepEqual([status, result], [200, none]);
  }
  assert.deepEqual(contents((await batch({ patches: [{ id }] })).result['patches']), ['a.example.test 192.0.2.1']);
  assert.equal(revision(), before);
});

test('one bad item changes nothing, and the pointer names it', async (t) => {
  const { add, batch, records, revision } = await started(t);
  const id = await add('a');
  const other = await add('b');
  const before = [await records(), revision()];
  const post = { ...A, name: 'new' };
  const cases: readonly (readonly [object, number, string])[] = [
    [{ posts: [post, { ...post, name: 'www.other.test' }] }, 9000, '/posts/1/name'],
    [{ posts: [post, post] }, 81057, '/posts/1'],
    [{ posts: [post, { ...post, type: 'AAAA' }] }, 1004, '/posts/1/content'],
    [{ posts: [post, { ...post, ttl: 59 }] }, 1004, '/posts/1/ttl'],
    [{ posts: [post, { ...post, name: 'm', content: '169.254.169.254' }] }, 1121, '/posts/1/content'],
    [{ posts: [post, null] }, 1004, '/posts/1'],
    [{ posts: [post], deletes: [{ id: '0'.repeat(32) }] }, 81044, '/deletes/0/id'],
    [{ posts: [post], deletes: [{}] }, 1004, '/deletes/0/id'],
    [{ posts: [post], deletes: [{ id }, { id: id.toUpperCase() }] }, 1004, '/deletes/1/id'],
    [{ posts: [post], deletes: [{ id }], patches: [{ id, ttl: 300 }] }, 1004, '/patches/0/id'],
    [{ posts: [post], patches: [{ id: other, name: 'a' }] }, 81057, '/patches/0'],
    [{ posts: [post], patches: [{ id, proxied: 'yes' }] }, 1004, '/patches/0/proxied'],
    [{ posts: [post], puts: [{ id, name: 'a', type: 'A' }] }, 1004, '/puts/0/content'],
    [{ posts: [post], puts: [{ ...A, name: 'a' }] }, 1004, '/puts/0/id'],
    [{ posts: [post], puts: { id } }, 1004, '/puts'],
  ];
  for (const [body, code, pointer] of cases) {
    const bad = await batch(body);
    assert.ok(bad.status === 400 || bad.status === 404, JSON.stringify(bad));
    assert.deepEqual([codes(bad), bad.errors[0]?.source?.pointer], [[code], pointer], JSON.stringify(body));
  }
  assert.deepEqual([await records(), revision()], before);
});

test('a batch has at most 200 items, however they are spread', async (t) => {
  const { batch, records } = await started(t);
  const many = (count: number, letter: string) =>
    Array.from({ length: count }, (_, index) => ({ ...A, name: `${letter}${index}` }));
  assert.equal((await batch({ posts: many(200, 'a') })).status, 200);
  assert.equal((await records()).length, 100, 'one page of them');
  for (const body of [{ posts: many(201, 'b') }, { posts: many(200, 'b'), deletes: [{ id: '0'.repeat(32) }] }]) {
    const bad = await batch(body);
    assert.deepEqual([bad.status, codes(bad)], [400, [1004]]);
    assert.match(bad.errors[0]?.message ?? '', /must have at most 200 items in all/);
  }
});

test('a token without origins:private changes nothing that leads to a private origin', async (t) => {
  const limited = { authorization: 'Bearer limited' };
  const { add, batch, records } = await started(t, { tokens: { limited: { permissions: ['dns:edit'] } } });
  const own = await add('own', { content: '127.0.0.1' });
  const before = await records();
  const post = { ...A, name: 'new' };
  for (const [body, pointer] of [
    [{ posts: [post, { ...post, content: '10.0.0.1' }] }, '/posts/1/content'],
    [{ posts: [post], patches: [{ id: own, ttl: 300 }] }, '/patches/0/content'],
  ] as const) {
    const bad = await batch(body, limited);
    assert.deepEqual([bad.status, codes(bad), bad.errors[0]?.source?.pointer], [403, [1120], pointer]);
  }
  assert.deepEqual(await records(), before);
  assert.equal((await batch({ posts: [post], deletes: [{ id: own }] }, limited)).status, 200);
});

test('each record of a batch has the right to private origins that the token has; which lost it is told', async (t) => {
  const limited = { authorization: 'Bearer limited' };
  const { batch, records } = await started(t, { tokens: { limited: { permissions: ['dns:edit'] } } });
  const cname = (name: string) => ({ type: 'CNAME', name, content: 'origin.test' });
  await batch({ posts: [cname('a'), cname('b'), cname('c')] });
  await batch({ posts: [cname('d')] }, limited);
  const rights = async () => (await records()).map(({ meta }) => meta?.['may_be_private'] ?? false);
  assert.deepEqual(await rights(), [true, true, true, false]);
  const [a, b, c, d] = (await records()).map(({ id }) => id);

  const lesser = await batch(
    {
      deletes: [{ id: c }],
      patches: [
        { id: d, content: 'other.test' },
        { id: a, content: 'other.test' },
      ],
      puts: [{ ...cname('b'), id: b, content: 'other.test' }],
      posts: [cname('e')],
    },
    limited,
  );
  assert.deepEqual(await rights(), [false, false, false, false]);
  assert.deepEqual(
    lesser.messages.map(({ code }) => code),
    [20106],
    'what never had the right, and what is gone, is not spoken of',
  );
  assert.match(lesser.messages[0]?.message ?? '', /: \/patches\/1, \/puts\/0\.$/);

  const given = await batch({ patches: [{ id: a, content: 'other.test' }], puts: [{ ...cname('d'), id: d }] });
  assert.deepEqual(await rights(), [true, false, true, false]);
  assert.deepEqual(given.messages, []);
});

test('batch is a word of the path and no id of a record', async (t) => {
  const { call, path } = await started(t);
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const) {
    assert.equal((await call(method, `${path}/batch`, method === 'GET' ? undefined : {})).status, 405, method);
  }
});
