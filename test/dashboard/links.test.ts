import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { attentionPath, expiryPath } from '../../dashboard/src/api/places.ts';
import type { View } from '../../src/wire/answer-fields.ts';
import type { EXPIRY, OVERVIEW } from '../../src/wire/overview.ts';
import { clientAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, createZone, trust, zonePull } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { signingRequest } from '../support/signing-request.ts';
import { uploads } from './bad-certificates.ts';
import { lookAt, mustBeAccessible, mustCount, screenshot, signIn, startBrowser } from './browser.ts';

const HOST = 'www.ending.test';

type Expiry = View<typeof EXPIRY>;
type Attention = View<typeof OVERVIEW>['attention']['first'][number];

/** What a page is headed by, for what is not about one certificate. */
const HEADS: Readonly<Record<string, string | RegExp>> = {
  attestations: HOST,
  rotations: 'Rotations',
  edges: 'Edges',
  installation: 'Notices',
};

describe('links to what ends and what wants attention', needs('chromium', 'openssl'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    const zone = await createZone(postern, 'ending.test', null);
    // Of a day: each of them wants attention.
    await trust(postern, zone, await serverAuthority());
    await addRecord(postern, zone, { name: 'www', origin: { https_port: 1 } });
    await zonePull(postern, zone, true);
    const visitors = await clientAuthority('visitors of a test');
    const asking = `/postern/v1/zones/${zone}/hostnames/${HOST}/visitor_authorities`;
    await postern.call('PUT', asking, { certificates: visitors.ca });
    const { good } = await uploads('serverLeaf', 'an edge certificate', [HOST]);
    await postern.call('POST', `/zones/${zone}/custom_certificates`, good);
    const pulls = await uploads('pullLeaf', 'an upload', []);
    await postern.call('POST', `/zones/${zone}/origin_tls_client_auth/hostnames/certificates`, pulls.good);
    const origin = {
      csr: signingRequest('origin'),
      hostnames: [HOST],
      request_type: 'origin-ecc',
      requested_validity: 7,
    };
    await postern.call('POST', '/certificates', origin);
    const ends = new Date(Date.now() + 10 * 86_400_000).toISOString();
    const token = { name: 'for ten days', permissions: ['zone:read'], zones: 'all', expires_on: ends };
    await postern.call('POST', '/postern/v1/tokens', token);
    await postern.call('POST', `/postern/v1/zones/${zone}/attestations`, {});
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  /** Fails where the page does not show what it was asked for, and that alone, in sight. */
  const mustShow = async (page: Page, path: string, words: readonly string[]) => {
    await page.goto(`/dashboard${path}`);
    const marked = page.locator('.marked');
    await mustCount(marked, 1);
    await page.locator('.marked:focus').waitFor();
    const text = await marked.innerText();
    assert.ok(
      words.some((word) => text.includes(word)),
      `${path} shows ${text}`,
    );
    assert.ok(
      await marked.evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top < (element.ownerDocument.defaultView?.innerHeight ?? 0) && bottom > 52;
      }),
      `${path} is out of sight`,
    );
  };

  test('each kind of what ends leads to it', async () => {
    const { result } = await postern.call<readonly Expiry[]>('GET', '/postern/v1/expiries?within=36500d&per_page=100');
    await using looking = await lookAt(browser, { base: postern.base, height: 600 });
    const { page, complaints } = looking;
    await signIn(page, postern.token);
    const kinds = new Set<string>();
    for (const one of result) {
      const path = expiryPath(one);
      assert.ok(path !== null, one.what);
      kinds.add(one.what);
      await mustShow(page, path, [
        one.name,
        one.name.replace(/^.*CN=/, ''),
        ...one.hostnames,
        ...(one.what === 'visitor' ? [HOST, 'Names without an uploaded certificate'] : []),
      ]);
    }
    assert.deepEqual([...kinds].toSorted(), [
      'authority',
      'managed',
      'origin_ca',
      'origin_certificate',
      'shared',
      'token',
      'uploaded',
      'visitor',
      'visitor_authority',
    ]);
    assert.deepEqual(complaints, []);
  });

  test('what is on a later page of its list is led to, and turning the page lets go of it', async () => {
    const zone = await createZone(postern, 'many.test', null);
    for (let count = 0; count < 22; count += 1) await trust(postern, zone, await serverAuthority());
    const ends = new Date(Date.now() + 20 * 86_400_000).toISOString();
    const token = { permissions: ['zone:read'], zones: 'all', expires_on: ends };
    for (let count = 0; count < 51; count += 1) {
      await postern.call('POST', '/postern/v1/tokens', { ...token, name: `token ${count}` });
    }
    const list = async (query: string) =>
      (await postern.call<readonly Expiry[]>('GET', `/postern/v1/expiries?within=36500d&per_page=1000&${query}`))
        .result;
    const cas = await postern.call<readonly { id: string }[]>('GET', `/zones/${zone}/acm/custom_trust_store?page=2`);
    const later = (await list(`zone=${zone}&what=origin_ca`)).filter(({ id }) => cas.result.some((ca) => ca.id === id));
    assert.equal(later.length, 2);
    const lastToken = (await list('what=token')).filter(({ name }) => name === 'token 50');
    await using looking = await lookAt(browser, { base: postern.base, height: 600 });
    const { page, complaints } = looking;
    await signIn(page, postern.token);
    for (const one of [...later, ...lastToken]) {
      await mustShow(page, expiryPath(one) ?? assert.fail(one.what), [one.name, one.name.replace(/^.*CN=/, '')]);
    }
    await mustShow(page, expiryPath(later[0] ?? assert.fail()) ?? '', [later[0]?.name.replace(/^.*CN=/, '') ?? '']);
    const turning = page.getByRole('navigation', { name: 'Pages of CAs' });
    await turning.getByText('21 to 22 of 22 CAs').waitFor();
    await turning.getByRole('button', { name: 'Previous' }).click();
    await turning.getByText('1 to 20 of 22 CAs').waitFor();
    await mustCount(page.locator('.marked'), 0);
    assert.deepEqual(complaints, []);
  });

  test('each kind of what wants attention leads to it', async () => {
    const { result } = await postern.call<{ attention: { first: readonly Attention[] } }>(
      'GET',
      '/postern/v1/overview',
    );
    await using looking = await lookAt(browser, { base: postern.base, height: 600 });
    const { page, complaints } = looking;
    await signIn(page, postern.token);
    const { first } = result.attention;
    assert.ok(first.length > 1, JSON.stringify(first));
    for (const one of first) {
      const path = attentionPath(one);
      const head = HEADS[one.page];
      if (head === undefined) {
        await mustShow(page, path, [
          HOST,
          ...one.text.split(/[:=]/).map((word) => word.trim().split(' ends on')[0] ?? ''),
        ]);
        continue;
      }
      await page.goto(`/dashboard${path}`);
      await page.getByRole('heading', { level: 1, name: head }).waitFor();
    }
    assert.deepEqual(complaints, []);
  });

  test('what was led to is told from the others, in every theme and where there is little room', async () => {
    const { result } = await postern.call<readonly Expiry[]>('GET', '/postern/v1/expiries?within=36500d&per_page=100');
    const wanted = result.find(({ what }) => what === 'origin_ca');
    const path = wanted === undefined ? null : expiryPath(wanted);
    assert.ok(path !== null);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, path);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.locator('.marked').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `marked-${width}`);
    }
    assert.deepEqual(complaints, []);
  });
});
