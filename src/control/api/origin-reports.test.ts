import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleSha256 } from '../../pki/bundle.ts';
import { after, codes, DAY, NOW, startApi, textOf } from './api.fixture.ts';

const REPORT = {
  host: 'web-1',
  lock: 'www',
  server: 'nginx 1.22.1',
  bundle: null,
  lists: [],
  hostnames: [{ hostname: 'www.example.test', mode: 'enforce' }],
  fault: null,
};

const at = (zone: string) => `/postern/v1/zones/${zone}/origins/reports`;

test('an origin tells what it has, and the newest word of each lock is shown', async (t) => {
  const { call, zone, plane } = await startApi(t);
  const id = await zone('example.test');
  assert.deepEqual((await call('GET', at(id))).result, []);
  const [stored] = [...plane.zones.all()];
  const sha256 = bundleSha256(plane.bundle(stored ?? assert.fail('no zone')));
  const first = await call('POST', at(id), REPORT);
  assert.deepEqual([first.status, first.result['in_step']], [200, false]);
  const lists = [{ issuer: 'a'.repeat(64), number: '12345678901234567890' }];
  const second = await call('POST', at(id), { ...REPORT, bundle: { version: 7, sha256 }, lists });
  assert.deepEqual([second.result['in_step'], second.result['lists']], [true, lists]);
  const fault = { code: 'test_failed', text: 'nginx: no' };
  assert.equal((await call('POST', at(id), { ...REPORT, host: 'web-0', fault })).status, 200);
  const { result } = await call('GET', at(id));
  assert.deepEqual(
    [...result].map((one) => [one['host'], one['in_step'], one['fault']]),
    [
      ['web-0', false, fault],
      ['web-1', true, null],
    ],
  );
  await call('DELETE', `/zones/${id}`);
  assert.equal((await call('GET', at(id))).status, 404);
});

test('a token that may report may nothing else, and only of its zones', async (t) => {
  const { call, zone } = await startApi(t);
  const [own, other] = [await zone('own.test'), await zone('other.test')];
  const draft = { name: 'web-1', permissions: ['origin:report'], zones: [own] };
  const made = await call('POST', '/postern/v1/tokens', draft);
  const headers = { authorization: `Bearer ${textOf(made.result['token'])}` };
  assert.equal((await call('POST', at(own), REPORT, headers)).status, 200);
  const refused = [
    await call('POST', at(other), REPORT, headers),
    await call('GET', at(own), undefined, headers),
    await call('GET', `/zones/${own}`, undefined, headers),
    await call('GET', `/postern/v1/zones/${own}/openings`, undefined, headers),
  ];
  for (const { status, success } of refused) assert.deepEqual([success, status >= 400 && status < 500], [false, true]);
  assert.equal(refused[1]?.status, 403);
});

test('reports end at the limit of their zone, and who fell silent makes room', async (t) => {
  let now = NOW;
  const { call, zone } = await startApi(t, { limits: { originReportsPerZone: 1 }, clock: () => now });
  const id = await zone();
  assert.equal((await call('POST', at(id), REPORT)).status, 200);
  const other = { ...REPORT, host: 'web-2' };
  assert.equal((await call('POST', at(id), other)).status, 400);
  assert.equal((await call('POST', at(id), REPORT)).status, 200);
  now = after(31 * DAY);
  assert.equal((await call('POST', at(id), other)).status, 200);
  assert.deepEqual(
    [...(await call('GET', at(id))).result].map((one) => one['host']),
    ['web-2'],
  );
});

test('what is no report is refused, with what it should be', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone();
  const wrong = [
    { ...REPORT, host: '' },
    { ...REPORT, host: 'a\nb' },
    { ...REPORT, bundle: { version: 0, sha256: 'x' } },
    { ...REPORT, lists: [{ issuer: 'x', number: 1 }] },
    { ...REPORT, hostnames: [{ hostname: 'a', mode: 'open' }] },
    { ...REPORT, hostnames: Array.from({ length: 1001 }, () => REPORT.hostnames[0]) },
    { ...REPORT, fault: { code: 'x', text: 'x'.repeat(1001) } },
    { ...REPORT, secret: 'x' },
  ];
  for (const body of wrong) {
    const answer = await call('POST', at(id), body);
    assert.deepEqual([answer.status, codes(answer).length > 0], [400, true], JSON.stringify(body).slice(0, 200));
  }
});

test('all reports of a zone together are no longer than can be read at once', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('example.test');
  const name = (index: number) => `${'x'.repeat(200)}${index}.example.test`;
  const hostnames = Array.from({ length: 1000 }, (_, index) => ({ hostname: name(index), mode: 'watch' }));
  const statuses = [];
  for (let host = 0; host < 9; host++)
    statuses.push((await call('POST', at(id), { ...REPORT, host: `web-${host}`, hostnames })).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [200, 400]);
  assert.equal((await call('POST', at(id), { ...REPORT, host: 'web-0', hostnames })).status, 200, 'the same again');
  assert.equal((await call('POST', at(id), REPORT)).status, 200, 'there is room for a small one');
});
