import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const MARKUP = '"><img src=x onerror=alert(1)>';

describe('DNS', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  let zone = '';
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
    zone = (await postern.call<{ id: string }>('POST', '/zones', { name: 'example.test' })).result.id;
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
  });

  const records = async () =>
    (await postern.call<{ name: string; proxied: boolean; comment: string }[]>('GET', `/zones/${zone}/dns_records`))
      .result;

  test('a record is added, refused at its fields first, and nothing typed is lost by a reload', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/example.test/dns');
    await page.getByText('No record yet').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'dns-empty');
    await page.getByRole('button', { name: 'Add a record' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a record' });
    await dialog.getByLabel('Name', { exact: true }).fill('www');
    await dialog.getByLabel('Content').fill('not an address');
    await dialog.getByLabel('Comment').fill(MARKUP);
    await dialog.getByText('Where on the origin the edge knocks').click();
    await dialog.getByLabel('HTTPS port').fill('70000');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.locator('.field-problem').first().waitFor();
    const wrong = await dialog.locator('.field.wrong label').allInnerTexts();
    assert.ok(
      wrong.some((label) => label.startsWith('HTTPS port')),
      wrong.join(),
    );
    await mustBeAccessible(page);
    await screenshot(page, 'dns-refused');
    await page.reload();
    await page.getByRole('button', { name: 'Add a record' }).click();
    assert.equal(await dialog.getByLabel('Content').inputValue(), 'not an address');
    assert.equal(await dialog.getByLabel('HTTPS port').inputValue(), '70000');
    await dialog.getByLabel('Content').fill('127.0.0.1');
    await dialog.getByLabel('HTTPS port').fill('8443');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /www\.example\.test/ }).waitFor();
    assert.deepEqual(
      (await records()).map(({ name, proxied, comment }) => [name, proxied, comment]),
      [['www.example.test', true, MARKUP]],
    );
    assert.deepEqual(complaints, []);
  });

  for (const theme of THEMES) {
    test(`what turning grey would expose is said before it is done (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/zones/example.test/dns');
      const proxied = page.getByRole('switch', { name: 'Proxied: www.example.test' });
      await proxied.click();
      const dialog = page.getByRole('dialog', { name: 'Take www.example.test off the edge' });
      await dialog.locator('.consequences li').first().waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `dns-grey-${theme}`);
      await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
      assert.deepEqual(
        (await records()).map((record) => record.proxied),
        [true],
      );
      await proxied.click();
      await dialog.getByRole('button', { name: 'Take it off the edge' }).click();
      await page.locator('[role=switch][aria-checked=false]').waitFor();
      assert.deepEqual(
        (await records()).map((record) => record.proxied),
        [false],
      );
      await proxied.click();
      // Asked about as well, where its pulls would present no certificate.
      await page.getByRole('dialog').getByRole('button', { name: 'Proxy it' }).click();
      await page.locator('[role=switch][aria-checked=true]').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `dns-${theme}`);
      assert.deepEqual(complaints, []);
    });
  }

  test('a change from elsewhere is seen at once, on a narrow screen too', async () => {
    await using looking = await lookAt(browser, { base: postern.base, width: 390, height: 800 });
    const { page } = looking;
    await signIn(page, postern.token, '/zones/example.test/dns');
    await page.getByRole('row', { name: /www\.example\.test/ }).waitFor();
    const body = { type: 'CNAME', name: 'shop', content: 'origin.example.test', proxied: true };
    await postern.call('POST', `/zones/${zone}/dns_records`, body);
    await page.getByRole('row', { name: /shop\.example\.test/ }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'dns-narrow');
    await mustFit(page);
  });
});
