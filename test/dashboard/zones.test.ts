import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const MARKUP = '"><img src=x onerror=alert(1)>';
/** Zones take time to be made: an authority each. Ten thousand of them are searched in the tests of the API. */
const MANY = 500;
const PER_PAGE = 50;

describe('zones', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    const argv = ['--api-rate-limit', 'off', '--api-address-rate-limit', 'off'];
    [postern, browser] = await Promise.all([startPostern({ argv }), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  const create = async (name: string) => (await postern.call<{ id: string }>('POST', '/zones', { name })).result.id;

  for (const theme of THEMES) {
    test(`a zone is added: refused at its field first, and nothing typed is lost (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/zones');
      if (theme === 'light') await page.getByText('There is no zone yet.').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `zones-empty-${theme}`);
      await page.getByRole('button', { name: 'Add a zone' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add a zone' });
      await dialog.getByLabel('Name').fill(MARKUP);
      await dialog.getByRole('button', { name: 'Add the zone' }).click();
      await dialog.locator('.field-problem').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `zones-refused-${theme}`);
      await page.reload();
      await page.getByRole('button', { name: 'Add a zone' }).click();
      assert.equal(await dialog.getByLabel('Name').inputValue(), MARKUP);
      await dialog.getByLabel('Name').fill(`${theme}.test`);
      await dialog.getByRole('button', { name: 'Add the zone' }).click();
      await page.getByRole('heading', { level: 1, name: `${theme}.test` }).waitFor();
      await page.getByText('No hostname yet').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `zone-new-${theme}`);
      assert.deepEqual(complaints, []);
    });
  }

  test('of many zones one page is shown; the server finds, filters, sorts and turns it', async () => {
    const names = Array.from({ length: MANY }, (_, index) => `zone-${String(index).padStart(4, '0')}.test`);
    for (let from = 0; from < MANY; from += 20) await Promise.all(names.slice(from, from + 20).map(create));
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones?sort=name');
    const rows = page.locator('tbody tr');
    await page.getByText(`1 to 50 of ${MANY + 2} zones`).waitFor();
    await mustCount(rows, PER_PAGE);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText(`51 to 100 of ${MANY + 2} zones`).waitFor();
    await mustCount(rows, PER_PAGE);
    await page.getByLabel('Search zones').fill('zone-0123');
    await page.getByRole('row', { name: /zone-0123\.test/ }).waitFor();
    await rows.nth(1).waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'Open' }).check();
    await page.getByText('No zone is like this.').waitFor();
    await mustBeAccessible(page);
    await page.getByRole('button', { name: 'Show all zones' }).click();
    await page.getByText(`1 to 50 of ${MANY + 2} zones`).waitFor();
    assert.equal(await page.getByLabel('Search zones').inputValue(), '');
    await page.getByLabel('Sort by').selectOption('hostnames');
    await page.waitForURL(/sort=hostnames/);
    await page.getByRole('radio', { name: 'No lock' }).check();
    await page.waitForURL(/verdict=unattested/);
    await page.reload();
    await page.getByText(`1 to 50 of ${MANY + 2} zones`).waitFor();
    assert.ok(await page.getByRole('radio', { name: 'No lock' }).isChecked());
    await mustBeAccessible(page);
    await screenshot(page, 'zones');
    assert.deepEqual(complaints, []);
  });

  test('what cannot be had is said, and is there again when asked for again', async () => {
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark' });
    const { page, context, complaints } = looking;
    await signIn(page, postern.token, '/zones');
    await page.getByText(`1 to 50 of ${MANY + 2} zones`).waitFor();
    await context.setOffline(true);
    await page.getByLabel('Search zones').fill('zone-0007');
    await page.getByText('Postern does not answer.').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'zones-failed');
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row', { name: /zone-0007\.test/ }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('a zone is paused, served again and deleted, each asked about, and others see it at once', async () => {
    const zone = await create('going.test');
    await addRecord(postern, zone, { name: 'www' });
    await using acting = await lookAt(browser, { base: postern.base });
    await using watching = await lookAt(browser, { base: postern.base, theme: 'dark', width: 390 });
    const { page } = acting;
    await signIn(page, postern.token, '/zones/going.test');
    await signIn(watching.page, postern.token, '/zones?q=going');
    const row = watching.page.getByRole('row', { name: /going\.test/ });
    await row.waitFor();
    await mustFit(watching.page);
    await page.getByRole('button', { name: 'Pause' }).click();
    const pausing = page.getByRole('dialog', { name: 'Pause going.test' });
    await pausing.locator('.consequences li').first().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'zone-pause');
    await pausing.getByRole('button', { name: 'Pause it' }).click();
    await page.getByText('This zone is paused').waitFor();
    await row.getByText('Paused').waitFor();
    await page.getByRole('button', { name: 'Serve it again' }).click();
    const serving = page.getByRole('dialog').getByRole('button', { name: 'Serve it again' });
    const served = page.getByText('This zone is paused').waitFor({ state: 'detached' });
    await Promise.race([served, serving.click().catch(() => served)]);
    await served;
    await page.getByRole('button', { name: 'Delete' }).click();
    const deleting = page.getByRole('dialog', { name: 'Delete going.test' });
    const act = deleting.getByRole('button', { name: 'Delete it for good' });
    await act.waitFor();
    assert.ok(await act.isDisabled());
    await deleting.getByLabel('Type going.test to go on').fill('going.test');
    await mustBeAccessible(page);
    await screenshot(page, 'zone-delete');
    await act.click();
    await page.waitForURL('**/dashboard/zones');
    await row.waitFor({ state: 'detached' });
    await watching.page.getByText('No zone is like this.').waitFor();
    assert.deepEqual([...acting.complaints, ...watching.complaints], []);
  });

  test('where there are several accounts one is chosen, and their names are text', async () => {
    await postern.call('POST', '/accounts', { name: MARKUP, type: 'standard' });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones?add=1');
    const dialog = page.getByRole('dialog', { name: 'Add a zone' });
    await dialog.getByLabel('Account').selectOption({ label: MARKUP });
    await dialog.getByLabel('Name').fill('theirs.test');
    await mustBeAccessible(page);
    await dialog.getByRole('button', { name: 'Add the zone' }).click();
    await page.getByRole('heading', { level: 1, name: 'theirs.test' }).waitFor();
    const body = { name: 'names', permissions: ['zone:read'], zones: 'all' };
    const { token } = (await postern.call<{ token: string }>('POST', '/postern/v1/tokens', body)).result;
    await using limited = await lookAt(browser, { base: postern.base });
    await signIn(limited.page, token, '/zones?q=theirs');
    await limited.page.getByRole('row', { name: MARKUP }).waitFor();
    assert.equal(await limited.page.getByRole('button', { name: 'Add a zone' }).count(), 0);
    await mustBeAccessible(limited.page);
    await screenshot(limited.page, 'zones-limited');
    await limited.page.getByRole('link', { name: 'theirs.test' }).click();
    await limited.page.getByRole('heading', { level: 1, name: 'theirs.test' }).waitFor();
    assert.equal(await limited.page.getByRole('button', { name: 'Delete' }).count(), 0);
    await mustBeAccessible(limited.page);
    assert.deepEqual([...complaints, ...limited.complaints], []);
  });
});
