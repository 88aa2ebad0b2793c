import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustCount, screenshot, signIn, startBrowser } from './browser.ts';

const HOST = 'www.example.test';
const NONE = { accepted: 0, without: 0, foreign: 0, unverified: 0, looks: 0, examples: [] };

describe('the guided set-up, of who comes by no name of the lock', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  test('they are a figure of their own, with their addresses, and nothing is called calm beside them', async () => {
    const { result: zone } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'example.test' });
    const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
    await postern.call('POST', `/zones/${zone.id}/dns_records`, record);
    await postern.call('PUT', `/zones/${zone.id}/origin_tls_client_auth/settings`, { enabled: true });
    const at = `/postern/v1/zones/${zone.id}`;
    await postern.call('PUT', `${at}/setups/${HOST}`, { choices: { server: 'nginx', way: 'install' } });
    const came = (batch: string, others: readonly object[]) => {
      const now = new Date().toISOString();
      return postern.call('POST', `${at}/origins/callers`, {
        host: 'web-1',
        lock: 'www',
        batch: batch.repeat(32),
        hostnames: [HOST],
        counts: [{ hostname: HOST, at: now, ...NONE, accepted: 1 }],
        by_other_names: others.map((one) => ({ at: now, ...NONE, ...one })),
      });
    };
    await came('0', []);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, `/setup/example.test/${HOST}`);
    await page.getByRole('button', { name: 'Enforce', exact: true }).waitFor();
    await mustCount(page.getByText('By another name', { exact: false }), 0);

    const examples = [{ address: '192.0.2.77', count: 3 }];
    await came('1', [{ without: 2, foreign: 1, examples }, { accepted: 4 }]);
    await page
      .getByText('Some still come without the certificate of the edge: they would be refused.', { exact: true })
      .waitFor();
    const counts = page.getByLabel('Requests counted');
    const tile = (title: string) => counts.locator('.setup-count', { hasText: title });
    await tile('By another name or by the address').getByText('They would be refused too.').waitFor();
    assert.equal(await tile('By another name or by the address').locator('strong').innerText(), '3');
    assert.equal(await tile('By another name, with a certificate').locator('strong').innerText(), '4');
    assert.equal(await tile('Without a certificate').locator('strong').innerText(), '0', 'none of them is said twice');
    const addresses = page.getByRole('table', { name: 'Addresses that come by another name or by the address' });
    await addresses.getByText('192.0.2.77').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-other-names');

    await page.getByRole('button', { name: 'Enforce all the same', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Enforce ${HOST}` });
    await dialog.getByText(/^Somebody comes to the origin by another name, or by its address/).waitFor();
    await dialog.getByText('3 requests since it was configured', { exact: false }).waitFor();
    await dialog.getByText('by a name that is not locked', { exact: false }).waitFor();
    await mustCount(dialog.getByText('Nobody came without a certificate', { exact: false }), 0);
    assert.deepEqual(complaints, []);
  });
});
