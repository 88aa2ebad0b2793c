import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustFit, signIn, startBrowser } from './browser.ts';

/** What a machine at an origin may say of itself, shown to whoever decides whether to enforce. */
const MARKUP = `"><img src=x onerror=alert(1)><script>alert(2)</script>'$(id)\`id\``;
const ENDLESS = 'W'.repeat(255);

describe('words of strangers', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
  });

  test('stand on the page as they are, run nothing, and push nothing aside', async () => {
    const { result: zone } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'shop.test' });
    const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
    await postern.call('POST', `/zones/${zone.id}/dns_records`, record);
    await postern.call('PUT', `/zones/${zone.id}/origin_tls_client_auth/settings`, { enabled: true });
    const at = `/postern/v1/zones/${zone.id}`;
    await postern.call('PUT', `${at}/setups/www.shop.test`, { choices: { server: 'nginx' } });
    const counts = { accepted: 1, without: 7, foreign: 0, unverified: 0, looks: 0 };
    const examples = [{ address: MARKUP.slice(0, 64), count: 7 }];
    await postern.call('POST', `${at}/origins/callers`, {
      host: ENDLESS,
      lock: MARKUP,
      batch: '0'.repeat(32),
      hostnames: ['www.shop.test'],
      counts: [{ hostname: 'www.shop.test', at: new Date().toISOString(), ...counts, examples }],
    });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/setup/shop.test/www.shop.test');
    await page.getByText(examples[0]?.address ?? assert.fail()).waitFor();
    await page.getByText(ENDLESS).waitFor();
    await mustFit(page);
    assert.equal(await page.locator('img[src="x"]').count(), 0);
    assert.deepEqual(complaints, []);
  });
});
