import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authority, clientCertificate, idOf, startApi } from './api.fixture.ts';
import { ROUTES } from './table.ts';

const NAMES = [
  'name',
  'type',
  'content',
  'ttl',
  'proxied',
  'comment',
  'origin',
  'https_port',
  'server_name',
  'host_header',
];
const MORE = [
  'paused',
  'account',
  'id',
  'value',
  'items',
  'enabled',
  'config',
  'hostname',
  'cert_id',
  'certificate',
  'accounts',
  'zones',
  'paused',
  'policies',
  'resources',
];
const WORDS = [
  'A',
  'AAAA',
  'CNAME',
  'ssl',
  'tls_client_auth',
  'on',
  'full',
  '127.0.0.1',
  '::1',
  'www',
  '@',
  '*',
  'a.test',
];

const DELETE_ZONE = 'DELETE /client/v4/zones/:zone';

const scalar = fc.oneof(
  fc.constantFrom(...WORDS, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
);
const field = fc.constantFrom(
  ...NAMES,
  ...MORE,
  'private_key',
  'toString',
  'hasOwnProperty',
  '',
  '0',
  'length',
  'size',
  'valueOf',
);
const { body } = fc.letrec<{ body: unknown }>((tie) => ({
  body: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('body'), { maxLength: 4 }),
    fc.dictionary(field, tie('body'), { maxKeys: 6 }),
  ),
}));
const segment = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('certificates', 'settings', 'ssl'),
);
// Not the deletion of the very zone that the others need, not the files, and not the stream that never ends.
const route = fc.constantFrom(
  ...ROUTES.filter(
    ({ method, path, returns: { shape } }) =>
      shape.kind !== 'file' && shape.kind !== 'stream' && `${method} ${path}` !== DELETE_ZONE,
  ),
);

test('no body, path or query makes the API fail: every answer is an envelope below 500', async (t) => {
  const { call, zone, logged } = await startApi(t);
  const id = await zone('example.test');
  const account = idOf((await call('POST', '/accounts', { name: 'fuzzed' })).result);
  await fc.assert(
    fc.asyncProperty(
      route,
      body,
      segment,
      fc.string({ maxLength: 20 }),
      async ({ method, path }, sent, part, query) => {
        const url = path
          .replace(':zone', id)
          .replace(':account', account)
          .replaceAll(/:\w+/g, encodeURIComponent(part.toWellFormed()) || 'x');
        const asked = method === 'GET' ? `${url}?${encodeURI(query.toWellFormed())}` : url;
        const answer = await call(method, asked, method === 'GET' ? undefined : sent);
        assert.ok(answer.status < 500, `${answer.status} ${JSON.stringify(answer)}`);
        assert.equal(answer.success, answer.status < 300);
      },
    ),
    { numRuns: 400 },
  );
  assert.deepEqual(
    logged.filter((line) => line.startsWith('api_error')),
    [],
  );
});

test('a good body with one field replaced is taken or refused, and never stored by half', async (t) => {
  const { call, zone, logged } = await startApi(t);
  const id = await zone('example.test');
  const upload = await clientCertificate(await authority());
  const base = `/zones/${id}`;
  const { result } = await call('POST', `${base}/origin_tls_client_auth/hostnames/certificates`, upload);
  const good: readonly (readonly ['POST' | 'PUT' | 'PATCH', string, object])[] = [
    ['POST', '/zones', { name: 'a.test', account: {}, type: 'full' }],
    [
      'POST',
      `${base}/dns_records`,
      { type: 'A', name: 'www', content: '192.0.2.1', ttl: 60, proxied: true, comment: '' },
    ],
    ['POST', `${base}/dns_records`, { type: 'CNAME', name: 'x', content: 'y.test', origin: { https_port: 1 } }],
    ['POST', '/accounts', { name: 'a', type: 'standard' }],
    ['POST', '/postern/v1/tokens', { name: 'a', permissions: ['zone:read'], zones: [id], accounts: 'all' }],
    ['PATCH', `/postern/v1${base}/settings`, { ssl: 'full', paused: true, origin_tls_client_auth: 'on' }],
    ['PATCH', `${base}/settings/ssl`, { value: 'full' }],
    ['PATCH', `${base}/settings`, { items: [{ id: 'ssl', value: 'full' }] }],
    ['PUT', `${base}/origin_tls_client_auth/settings`, { enabled: true }],
    [
      'PUT',
      `${base}/origin_tls_client_auth/hostnames`,
      { config: [{ hostname: 'a.example.test', cert_id: result['id'], enabled: true }] },
    ],
    ['POST', `${base}/origin_tls_client_auth`, upload],
    ['POST', `${base}/acm/custom_trust_store`, { certificate: upload.certificate }],
  ];
  const stored = async () => {
    const lists = ['settings', 'dns_records', 'origin_tls_client_auth', 'acm/custom_trust_store'];
    const paths = ['/accounts', `/postern/v1${base}/settings`, ...lists.map((list) => `${base}/${list}`)];
    const answers = await Promise.all(paths.map((path) => call('GET', path)));
    return answers.map(({ result }) => result);
  };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...good), fc.nat(), body, async ([method, path, sent], pick, odd) => {
      const keys = Object.keys(sent);
      const before = await stored();
      const answer = await call(method, path, { ...sent, [keys[pick % keys.length] ?? '']: odd });
      assert.ok(answer.status < 500, `${answer.status} ${JSON.stringify(answer)}`);
      if (answer.status >= 400) {
        assert.ok(answer.errors.every(({ message }) => message.length < 700 && !/BEGIN (?:EC )?PRIVATE/.test(message)));
        assert.deepEqual(await stored(), before);
      }
    }),
    { numRuns: 400 },
  );
  assert.deepEqual(
    logged.filter((line) => line.startsWith('api_error')),
    [],
  );
});

test('an object whose length cannot be compared is refused where a text or an array must be', async (t) => {
  const { call, logged } = await startApi(t);
  const good = { name: 'a', permissions: ['zone:read'], zones: 'all' };
  for (const field of ['name', 'permissions', 'zones', 'accounts', 'addresses', 'email'])
    for (const length of [{ toString: false }, { valueOf: null, toString: 1 }, [{ toString: false }]]) {
      const answer = await call('POST', '/postern/v1/tokens', { ...good, [field]: { length } });
      assert.equal(answer.status, 400, `${field} ${JSON.stringify(answer)}`);
    }
  assert.deepEqual(
    logged.filter((line) => line.startsWith('api_error')),
    [],
  );
});
