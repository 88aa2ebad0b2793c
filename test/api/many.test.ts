/** Many things at once: lists longer than a page, and changes that meet. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Cloudflare from 'cloudflare';
import { clientAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { all, type Control, startControl } from './control.ts';
import { signingRequest } from '../support/signing-request.ts';

let control: Control;
let client: Cloudflare;
before(async () => {
  control = await startControl({ rateLimits: { token: null, address: null } });
  client = new Cloudflare({ apiToken: control.token, baseURL: `${control.base}/client/v4`, maxRetries: 0 });
});
after(() => control[Symbol.asyncDispose]());

let count = 0;
async function newZone(): Promise<string> {
  count += 1;
  return (await control.made('POST', '/zones', { name: `many-${count}.test` })).id;
}

async function upload() {
  const { credential } = await clientAuthority('one of many');
  return { certificate: credential.cert, private_key: credential.key };
}

interface Item {
  readonly id?: string | null;
}

/** A list that the SDK reads page by page: how to fill it, and how to read it. */
const LISTS: Readonly<
  Record<
    string,
    {
      readonly fill: (zone: string, index: number) => Promise<{ readonly id: string }>;
      readonly list: (zone: string, per_page: number) => AsyncIterable<Item>;
      /** The shortest page that the list takes. */
      readonly shortest: number;
    }
  >
> = {
  zones: {
    fill: async () => ({ id: await newZone() }),
    list: (_, per_page) => client.zones.list({ per_page }),
    shortest: 5,
  },
  records: {
    fill: (zone, index) =>
      control.made('POST', `/zones/${zone}/dns_records`, { type: 'A', name: `n${index}`, content: '192.0.2.1' }),
    list: (zone_id, per_page) => client.dns.records.list({ zone_id, per_page }),
    shortest: 1,
  },
  'visitor certificates': {
    fill: async (zone, index) => {
      const { name } = await control.made<{ name: string }>('GET', `/zones/${zone}`);
      const { cert, key } = await (await serverAuthority()).issue([`n${index}.${name}`]);
      const body = { certificate: cert, private_key: key, type: 'sni_custom' };
      return control.made('POST', `/zones/${zone}/custom_certificates`, body);
    },
    list: (zone_id, per_page) => client.customCertificates.list({ zone_id, per_page }),
    shortest: 1,
  },
  'trusted CAs': {
    fill: async (zone) =>
      control.made('POST', `/zones/${zone}/acm/custom_trust_store`, { certificate: (await serverAuthority()).ca }),
    list: (zone_id, per_page) => client.acm.customTrustStore.list({ zone_id, per_page }),
    shortest: 1,
  },
  'origin certificates': {
    fill: async (zone) => {
      const { name } = await control.made<{ name: string }>('GET', `/zones/${zone}`);
      return control.made('POST', '/certificates', {
        csr: signingRequest('x'),
        hostnames: [name],
        request_type: 'origin-ecc',
      });
    },
    list: (zone_id, per_page) => client.originCACertificates.list({ zone_id, per_page }),
    shortest: 5,
  },
  tokens: {
    fill: (_, index) =>
      control.made('POST', '/postern/v1/tokens', { name: `t${index}`, permissions: ['zone:read'], zones: 'all' }),
    list: (_, per_page) => client.user.tokens.list({ per_page }),
    shortest: 5,
  },
};

describe('a list is read to its end with the SDK', () => {
  for (const [name, { fill, list, shortest }] of Object.entries(LISTS)) {
    test(`${name}: every item once, whatever the length of the last page`, async () => {
      const zone = await newZone();
      const made: string[] = [];
      for (let index = 0; index < 2 * shortest; index += 1) made.push((await fill(zone, index)).id);
      for (const extra of [false, true]) {
        if (extra) made.push((await fill(zone, 99)).id);
        const ids = (await all(list(zone, shortest))).map(({ id }) => id ?? '');
        assert.equal(new Set(ids).size, ids.length, 'an item came twice');
        assert.deepEqual(
          made.filter((id) => !ids.includes(id)),
          [],
        );
      }
    });
  }

  test('the items of a page, and of all pages, are counted; a page past the end is empty', async () => {
    const zone = await newZone();
    for (let index = 0; index < 5; index += 1) await LISTS['records']?.fill(zone, index);
    const page = (number: number) =>
      control.call<unknown[]>('GET', `/zones/${zone}/dns_records?per_page=2&page=${number}`);
    const pages = [await page(1), await page(3), await page(4), await page(1_000_000)];
    assert.deepEqual(
      pages.map(({ status, result }) => [status, result.length]),
      [
        [200, 2],
        [200, 1],
        [200, 0],
        [200, 0],
      ],
    );
    assert.deepEqual(pages[1]?.result_info, { page: 3, per_page: 2, count: 1, total_count: 5, total_pages: 3 });
  });
});

describe('changes at the same time', () => {
  for (const level of ['', '/hostnames/certificates']) {
    const what = level === '' ? 'zone' : 'hostname';
    test(`certificates of the ${what} level: all uploads are kept, each under an id of its own`, async () => {
      const path = `/zones/${await newZone()}/origin_tls_client_auth${level}`;
      const sent = await Promise.all(Array.from({ length: 8 }, upload));
      // Each twice: one of the two is told that it exists already, and under which id.
      const answers = await Promise.all(
        [...sent, ...sent].map((body) => control.call<{ id: string; certificate: string }>('POST', path, body)),
      );
      const good = answers.filter(({ success }) => success).map(({ result }) => result);
      const refused = answers.filter(({ success }) => !success);
      assert.deepEqual([good.length, refused.length], [8, 8]);
      for (const { status, errors } of refused) {
        assert.deepEqual([status, errors[0]?.code], [400, 1406]);
        assert.ok(good.some(({ id }) => errors[0]?.message.includes(id)));
      }
      const listed = await control.made<readonly { id: string; certificate: string }[]>('GET', path);
      assert.deepEqual(
        new Map(listed.map(({ id, certificate }) => [id, certificate])),
        new Map(good.map(({ id, certificate }) => [id, certificate])),
      );
    });

    test(`certificates of the ${what} level: uploads and deletes that race leave what the last answers say`, async () => {
      const path = `/zones/${await newZone()}/origin_tls_client_auth${level}`;
      const sent = await Promise.all(Array.from({ length: 4 }, upload));
      const ids = await Promise.all(sent.map(async (body) => (await control.made('POST', path, body)).id));
      for (let round = 0; round < 5; round += 1) {
        const answers = await Promise.all(
          sent.flatMap((body, index) => [
            control.call('DELETE', `${path}/${ids[index]}`),
            control.call<{ id: string }>('POST', path, body),
            control.call('GET', path),
          ]),
        );
        for (const { status, errors } of answers) {
          assert.ok(status < 500 && status !== 409, JSON.stringify(errors));
        }
      }
      const listed = await control.made<readonly { id: string; status: string }[]>('GET', path);
      assert.ok(listed.every(({ id, status }) => ids.includes(id) && status === 'active'));
      for (const [index, body] of sent.entries()) {
        const there = listed.some(({ id }) => id === ids[index]);
        const { status, errors, result } = await control.call<{ id: string } | null>('POST', path, body);
        assert.deepEqual([status, errors[0]?.code ?? null], there ? [400, 1406] : [200, null]);
        if (!there) assert.equal(result?.id, ids[index], 'it comes back under its old id');
      }
    });
  }

  test('associations of different hostnames in one zone all hold', async () => {
    const zone = await newZone();
    const { name } = await control.made<{ name: string }>('GET', `/zones/${zone}`);
    const path = `/zones/${zone}/origin_tls_client_auth/hostnames`;
    const { id: cert_id } = await control.made('POST', `${path}/certificates`, await upload());
    const hostnames = Array.from({ length: 20 }, (_, index) => `n${index}.${name}`);
    await Promise.all(
      hostnames.map((hostname) => control.made('PUT', path, { config: [{ hostname, cert_id, enabled: true }] })),
    );
    const listed = await control.made<readonly { hostname: string }[]>('GET', `/postern/v1/zones/${zone}/associations`);
    assert.deepEqual(listed.map(({ hostname }) => hostname).toSorted(), hostnames.toSorted());
  });
});
