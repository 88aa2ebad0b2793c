import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { uploads } from './bad-certificates.ts';
import { mustRefuse, upload } from './bad-upload.ts';
import { lookAt, mustBeAccessible, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const HOST = 'www.example.test';
const PAGE = '/zones/example.test/ssl/edge-certificates';

describe('Edge Certificates', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  let zone = '';
  let path = '';
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
    zone = (await postern.call<{ id: string }>('POST', '/zones', { name: 'example.test' })).result.id;
    path = `/zones/${zone}/custom_certificates`;
    await addRecord(postern, zone, { name: 'www' });
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
  });

  /** Fingerprint of what visitors are shown. */
  const shown = async (): Promise<string> => {
    const socket = connect({ port: postern.https, host: '127.0.0.1', servername: HOST, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerX509Certificate() ?? { fingerprint256: '' };
    socket.destroy();
    return fingerprint256;
  };

  test('says what visitors are shown where nothing was uploaded', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByText('No certificate was uploaded').waitFor();
    await page.getByText('Is shown no certificate at all').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'edge-certificates-empty');
    assert.deepEqual(complaints, []);
  });

  test('bad uploads are refused at their fields, and a good one is what visitors see', async () => {
    const made = await uploads('serverLeaf', HOST, [HOST, 'shop.example.test']);
    const client = await uploads('pullLeaf', 'for clients only', [HOST]);
    const bad = [...made.bad, ['one for clients only', '/certificate', client.good] as const];
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByRole('button', { name: 'Upload a certificate' }).click();
    const dialog = page.getByRole('dialog', { name: 'Upload a certificate' });
    await mustRefuse(dialog, postern, path, { ...made, bad });
    await mustBeAccessible(page);
    await screenshot(page, 'edge-certificates-refused');
    await upload(dialog, made.good);
    await dialog.waitFor({ state: 'detached' });
    await page
      .getByRole('row', { name: /shop\.example\.test/ })
      .getByText('In force')
      .waitFor();
    const { fingerprint256 } = new X509Certificate(made.good.certificate);
    await until('visitors see it', async () => (await shown()) === fingerprint256);
    assert.deepEqual(complaints, []);
  });

  test('one is replaced, and deleted only when it was said what visitors will be shown', async () => {
    const next = await uploads('serverLeaf', HOST, [HOST]);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByRole('button', { name: /^Replace the certificate of/ }).click();
    await upload(page.getByRole('dialog', { name: 'Replace a certificate' }), next.good);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /shop\.example\.test/ }).waitFor({ state: 'detached' });
    const { fingerprint256 } = new X509Certificate(next.good.certificate);
    await until('visitors see the new one', async () => (await shown()) === fingerprint256);
    await page.getByRole('button', { name: /^Delete the certificate of/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete a certificate' });
    await dialog.getByText('browsers do not know it').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'edge-certificates-delete');
    await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
    assert.equal(await shown(), fingerprint256);
    await page.getByRole('button', { name: /^Delete the certificate of/ }).click();
    await dialog.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('No certificate was uploaded').waitFor();
    await until('visitors see another', async () => (await shown()) !== fingerprint256);
    assert.deepEqual(complaints, []);
  });

  test('a certificate from elsewhere appears, in both themes and on a narrow screen; who may only look has no buttons', async () => {
    const { good } = await uploads('serverLeaf', HOST, [HOST, '*.example.test']);
    const looksOnly = { name: 'looks only', permissions: ['zone:read', 'ssl:read'], zones: 'all' };
    const { result } = await postern.call<{ token: string }>('POST', '/postern/v1/tokens', looksOnly);
    await using narrow = await lookAt(browser, { base: postern.base, width: 390, height: 800 });
    await signIn(narrow.page, result.token, PAGE);
    await narrow.page.getByText('No certificate was uploaded').waitFor();
    await postern.call('POST', path, good);
    await narrow.page.getByRole('row', { name: /\*\.example\.test/ }).waitFor();
    assert.equal(await narrow.page.getByRole('button', { name: /^(Upload|Replace|Delete)/ }).count(), 0);
    await mustBeAccessible(narrow.page);
    await screenshot(narrow.page, 'edge-certificates-narrow');
    await mustFit(narrow.page);
    for (const theme of THEMES) {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      await signIn(looking.page, postern.token, PAGE);
      await looking.page.getByRole('row', { name: /\*\.example\.test/ }).waitFor();
      await mustBeAccessible(looking.page);
      await screenshot(looking.page, `edge-certificates-${theme}`);
      assert.deepEqual(looking.complaints, []);
    }
  });

  test('the order is changed by keyboard, with what visitors will be shown said before, and seen by them', async () => {
    const { good } = await uploads('serverLeaf', HOST, [HOST, 'late.example.test']);
    await postern.call('POST', path, good);
    const added = new X509Certificate(good.certificate);
    await until('the newest is shown', async () => (await shown()) === added.fingerprint256);
    await using looking = await lookAt(browser, { base: postern.base, width: 390, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByRole('button', { name: 'Change the order' }).click();
    const dialog = page.getByRole('dialog', { name: 'Order of the certificates' });
    await dialog.getByText('Visitors are shown the same certificates as before.').waitFor();
    const down = dialog.getByRole('button', { name: /^Move .*late\.example\.test.* down$/ });
    await down.focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('Visitors are shown another certificate for:').waitFor();
    await dialog.getByText('is number 2 of 2').waitFor();
    assert.match(await dialog.locator('.order > li').last().innerText(), /late\.example\.test/);
    assert.match((await page.locator(':focus').getAttribute('aria-label')) ?? '', /late\.example\.test.* down$/);
    // At the end it goes no further.
    await page.keyboard.press('Enter');
    await dialog.getByText('is number 2 of 2').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'edge-certificates-order-dark-narrow');
    await mustFit(page);
    // What was chosen outlives a reload.
    await page.reload();
    await page.getByRole('button', { name: 'Change the order' }).click();
    await dialog.getByText('Visitors are shown another certificate for:').waitFor();
    await dialog.getByText('API call').click();
    await dialog.getByText(/"priority": 2/).waitFor();
    await dialog.getByRole('button', { name: 'Save the order', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('The order is changed.').waitFor();
    await until('visitors see the other', async () => (await shown()) !== added.fingerprint256);
    assert.deepEqual(complaints, []);
  });
});
