import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Hostname, hostname } from '../../domain/ids.ts';
import { authority, clientCertificate, codes, type Json, type StartedApi, startApi, textOf } from './api.fixture.ts';
import { planPage } from './zone-plans.ts';

const RECORD = { type: 'A', content: '127.0.0.1', proxied: true };

function name(text: string): Hostname {
  return hostname(text) ?? assert.fail(text);
}

/** All pages of a list, and how many there were. */
async function pages({ call }: Pick<StartedApi, 'call'>, path: string, query: string) {
  const rows: Json[] = [];
  let cursor = '';
  for (let count = 1; ; count += 1) {
    const answer = await call('GET', `${path}?${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.errors));
    rows.push(...answer.result);
    const info: object = answer.result_info ?? {};
    cursor = 'cursor' in info && typeof info.cursor === 'string' ? info.cursor : '';
    if (cursor === '') return { names: rows.map((row) => textOf(row['hostname'])), rows, count };
  }
}

/** A zone with names of every kind: proxied, DNS-only, a wildcard, one of its own, a veto, and one without a record. */
async function mixedZone({ call, zone }: StartedApi) {
  const id = await zone('example.test');
  for (const host of ['a', 'b', 'own', 'veto', '*.wild']) {
    await call('POST', `/zones/${id}/dns_records`, { ...RECORD, name: host });
  }
  await call('POST', `/zones/${id}/dns_records`, { ...RECORD, name: 'dns', proxied: false });
  const upload = await clientCertificate(await authority());
  const { result } = await call('POST', `/zones/${id}/origin_tls_client_auth/hostnames/certificates`, upload);
  const config = [
    ['own', true],
    ['veto', false],
    ['later', true],
  ].map(([host, enabled]) => ({ hostname: `${String(host)}.example.test`, cert_id: result['id'], enabled }));
  await call('PUT', `/zones/${id}/origin_tls_client_auth/hostnames`, { config });
  await call('PUT', `/zones/${id}/origin_tls_client_auth/settings`, { enabled: true });
  return { id, path: `/postern/v1/zones/${id}/plans` };
}

test('the plans of a zone are those of its hostnames, one by one', async (t) => {
  const api = await startApi(t);
  const { id, path } = await mixedZone(api);
  const { rows } = await pages(api, path, 'limit=2');
  assert.equal(rows.length, 7);
  for (const row of rows) {
    const host = textOf(row['hostname']);
    assert.equal(row['verdict'], null, 'nobody has looked');
    if (host.startsWith('*.')) continue;
    const { result } = await api.call('GET', `/postern/v1/zones/${id}/hostnames/${host}/plan`);
    const { pem: _, ...certificate } = result['certificate'] ?? { pem: undefined };
    for (const field of ['https', 'http', 'level', 'why', 'identity'])
      assert.deepEqual(row[field], result[field], host);
    if (row['certificate'] !== null) assert.deepEqual(row['certificate'], certificate, host);
  }
});

test('plans are filtered by name, by the level that decides and by what happens', async (t) => {
  const api = await startApi(t);
  const { path } = await mixedZone(api);
  const found = async (query: string) =>
    (await pages(api, path, query)).names.map((host) => host.replace('.example.test', '')).join(' ');
  assert.equal(await found('level=zone'), 'a b *.wild dns');
  assert.equal(await found('level=hostname'), 'own veto later');
  assert.equal(await found('level=global'), '');
  assert.equal(await found('kind=present'), 'a b own *.wild');
  assert.equal(await found('kind=without'), 'veto');
  assert.equal(await found('kind=not_served'), 'dns later');
  assert.equal(await found('hostname=WILD'), '*.wild');
  assert.equal(await found('kind=present&level=hostname&limit=1'), 'own');
});

test('a cursor that leads nowhere, and what the list does not know, are refused by name', async (t) => {
  const api = await startApi(t);
  const { path } = await mixedZone(api);
  for (const query of [
    'cursor=gone.example.test',
    'cursor=%20',
    'cursor=',
    'level=edge',
    'kind=x',
    'limit=0',
    'limit=1001',
    'page=1',
  ]) {
    const answer = await api.call('GET', `${path}?${query}`);
    assert.deepEqual([answer.status, codes(answer)], [400, [6008]], query);
  }
});

test('a page out of 100,000 hostnames looks at no more of them than it shows', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => name(`host-${index}.example.test`));
  let looked = 0;
  const look = (host: Hostname) => {
    looked += 1;
    return host;
  };
  const page = planPage(names, { after: names[70_000] ?? null, limit: 50, most: 10_000, look });
  assert.deepEqual([page?.rows[0], page?.rows.length, page?.next], [names[70_001], 50, names[70_050]]);
  assert.equal(looked, 50);
});

test('a name is found among 100,000 in one page, because names alone are no looks', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => name(`host-${index}.example.test`));
  const named = (host: Hostname) => host.startsWith('host-9999');
  const page = planPage(names, { after: null, limit: 50, named, most: 20, look: (host) => host });
  assert.deepEqual(page, { rows: names.filter(named), next: null });
});

test('property: whatever fits, and however little each page may look at, all pages together are the list', () => {
  const list = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 40 });
  fc.assert(
    fc.property(
      list,
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 4 }),
      (numbers, limit, most, every) => {
        const names = numbers.map((number) => name(`n${number}.test`));
        const fits = (host: Hostname) => Number(/\d+/.exec(host)?.[0]) % every === 0;
        const found: Hostname[] = [];
        let after: Hostname | null = null;
        do {
          const page: ReturnType<typeof planPage<Hostname>> = planPage(names, {
            after,
            limit,
            most,
            look: (host) => (fits(host) ? host : null),
          });
          assert.ok(page !== null && page.rows.length <= limit);
          found.push(...page.rows);
          after = page.next;
        } while (after !== null);
        assert.deepEqual(found, names.filter(fits));
      },
    ),
  );
});
