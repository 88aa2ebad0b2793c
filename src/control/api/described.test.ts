import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { PROBLEMS } from '../../domain/problems.ts';
import { HOST } from '../../wire/answer-fields.ts';
import { MESSAGE } from '../../wire/messages.ts';
import { createApiServer } from '../server.ts';
import { NOW, startApi } from './api.fixture.ts';
import { DESCRIPTION, misfit, operations, type Sent, undescribed, watchAnswers } from './described.fixture.ts';
import { openApi } from './openapi/openapi.ts';
import { publicRoute } from './route.ts';
import { one } from './returns.ts';
import { ROUTES } from './table.ts';

test('the description is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate({ ...DESCRIPTION });
  assert.ok(valid, JSON.stringify(errors));
});

test('every call of the table is described, and nothing else', () => {
  const described = Object.entries(DESCRIPTION.paths).flatMap(([path, item]) =>
    Object.keys(item).map((verb) => `${verb.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  assert.deepEqual(described.toSorted(), ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
});

test('every call has a name of its own, a chapter, and all parameters of its path', () => {
  const names = operations().map(({ operation }) => operation.operationId);
  assert.equal(new Set(names).size, names.length);
  const tags = new Set(DESCRIPTION.tags.map(({ name }) => name));
  for (const [path, item] of Object.entries(DESCRIPTION.paths)) {
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { operationId, parameters = [], tags: own } of Object.values(item)) {
      const given = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      assert.deepEqual(given, wanted, operationId);
      assert.ok(
        own.every((tag) => tags.has(tag)),
        operationId,
      );
    }
  }
});

test('whoever needs a token is told so, and what it must be allowed', () => {
  for (const { method, path, permission } of ROUTES) {
    const item = DESCRIPTION.paths[path.replaceAll(/:(\w+)/g, '{$1}')] ?? {};
    const operation = new Map(Object.entries(item)).get(method.toLowerCase());
    assert.ok(operation, `${method} ${path}`);
    assert.equal(operation['x-postern-permission'], permission);
    assert.equal(operation.security.length === 0, permission === null);
  }
});

test('every example is what its schema says', () => {
  let checked = 0;
  const check = (pointer: string, example: unknown) => {
    if (example === undefined) return;
    checked++;
    assert.equal(misfit(`${pointer}/content/application~1json/schema`, example), null, pointer);
  };
  for (const { pointer, operation } of operations()) {
    check(`${pointer}/requestBody`, operation.requestBody?.content['application/json']?.example);
    for (const [status, response] of Object.entries(operation.responses)) {
      if ('content' in response)
        check(`${pointer}/responses/${status}`, response.content?.['application/json']?.example);
    }
  }
  for (const [name, { content }] of Object.entries(DESCRIPTION.components.responses)) {
    check(`/components/responses/${name}`, content?.['application/json']?.example);
  }
  assert.ok(checked > ROUTES.length);
});

test('every problem of the API is an error of exactly one refusal', () => {
  const told = Object.values(DESCRIPTION.components.responses).flatMap(({ description }) => description.split('\n\n'));
  assert.deepEqual(
    told.toSorted(),
    Object.values(PROBLEMS)
      .map(({ code, text }) => `${code}: ${text}`)
      .toSorted(),
  );
});

test('a number in a query is described as the number that is read, a time as the text that is sent', () => {
  const query = DESCRIPTION.paths['/postern/v1/audit']?.get?.parameters ?? [];
  const schemaOf = (name: string) => query.find((one) => one.name === name)?.schema;
  assert.deepEqual(schemaOf('limit'), { type: 'integer', minimum: 1, maximum: 1000, default: 100 });
  assert.deepEqual(schemaOf('since'), { type: 'string', format: 'date-time' });
});

test('two schemas of one name are a fault, not one of them', () => {
  const [first] = ROUTES.filter(({ path }) => path === '/client/v4/zones/:zone');
  assert.ok(first);
  const namesake = publicRoute({
    method: 'GET',
    path: '/postern/v1/zones',
    takes: {},
    answers: 'Something else.',
    returns: one(MESSAGE.extend({ zone: HOST }).meta({ id: 'Zone' })),
    handle: () => ({ kind: 'answer', result: { code: 1, message: '', zone: '' } }),
  });
  assert.throws(() => openApi([first, namesake], '1'), /two schemas are called Zone/);
});

const ZONES = {
  method: 'GET',
  url: '/client/v4/zones?page=2',
  status: 200,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify({
    success: true,
    errors: [],
    messages: [],
    result: [],
    result_info: { page: 2, per_page: 20, count: 0, total_count: 0, total_pages: 0 },
  }),
} satisfies Sent;

test('an answer that is not described is told from one that is', () => {
  assert.equal(undescribed(ZONES), null);
  const { body } = ZONES;
  const wrong: readonly (readonly [Partial<Sent>, RegExp])[] = [
    [{ body: body.replace('"result":[]', '"result":[{}]') }, /must have required property 'name'/],
    [{ body: body.replace('"page":2', '"page":"2"') }, /result_info\/page must be integer/],
    [{ body: body.replace('{"success"', '{"more":1,"success"') }, /must NOT have additional properties/],
    [{ body: body.replace(/,"result_info".*/, '}') }, /must have required property 'result_info'/],
    [{ body: body.replace('true', 'false') }, /success must be equal to constant/],
    [{ body: '' }, /has no body/],
    [{ type: 'text/html' }, /is text\/html, which is not in the description/],
    [{ status: 201 }, /no such status/],
    [{ status: 404 }, /success must be equal to constant/],
    [{ url: '/client/v4/nowhere' }, /no such status/],
    [{ method: 'PUT' }, /no such status/],
  ];
  for (const [bent, why] of wrong) assert.match(undescribed({ ...ZONES, ...bent }) ?? '', why);
});

test('an error whose code belongs to another status is not described', () => {
  const refused = (code: number) => {
    const body = { success: false, errors: [{ code, message: '' }], messages: [], result: null };
    return undescribed({ ...ZONES, status: 401, body: JSON.stringify(body) });
  };
  assert.equal(refused(PROBLEMS.unauthenticated.code), null);
  assert.match(refused(PROBLEMS.forbidden.code) ?? '', /code must be equal/);
});

test('a server that answers what is not described is caught in the act', async (t) => {
  const { plane, token } = await startApi(t);
  const accounts = [...plane.accounts.all()].map((account) => ({ ...account, id: account.id.toUpperCase() }));
  const bent = Object.create(plane, {
    accounts: { value: Object.create(plane.accounts, { all: { value: () => accounts } }) },
  });
  const app = createApiServer({ plane: bent, clock: () => NOW, log: () => undefined });
  t.after(() => app.close());
  const wrong = watchAnswers(app);
  const headers = { authorization: `Bearer ${token}` };
  await app.inject({ url: '/client/v4/zones', headers });
  assert.deepEqual(wrong, []);
  await app.inject({ url: '/client/v4/accounts', headers });
  assert.equal(wrong.length, 1);
  assert.match(wrong[0] ?? '', /^GET \/client\/v4\/accounts \(200\) \/result\/0\/id must match pattern/);
});
