/** What is pasted next is in sight where its step opens, on the screen of a usual laptop. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, createZone, zonePull } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { isInSight, lookAt, mustBeAccessible, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

/** What an origin reports besides. */
const OF_LOCK = { host: 'origin-1', lock: 'www', server: 'nginx', bundle: null, lists: [], fault: null };

describe('step 5 of files that are copied', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern(), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  for (const theme of THEMES) {
    test(`the block to paste is in sight when it opens, and when the page is opened anew (${theme})`, async () => {
      const zone = await createZone(postern, `${theme}.test`, null);
      await zonePull(postern, zone, true);
      const host = `www.${theme}.test`;
      await addRecord(postern, zone, { name: host, origin: { https_port: 1 } });
      const choices = { server: 'nginx', mode: 'watch', way: 'copy', lines: true };
      await postern.call('PUT', `/postern/v1/zones/${zone}/setups/${host}`, { choices });
      await using looking = await lookAt(browser, { base: postern.base, theme, width: 1366, height: 768 });
      const { page, complaints } = looking;
      await signIn(page, postern.token, `/setup/${theme}.test/${host}?step=enforce`);
      await page.getByRole('button', { name: 'Enforce all the same' }).click();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^Enforce/ })
        .click();
      const copy = page.getByRole('button', { name: 'Copy All at once', exact: true });
      await until('it is in sight when the step opens', () => isInSight(copy));
      const head = page.getByRole('heading', { name: 'Enforce (now)' });
      await until('its step is', () => isInSight(head));
      await page.reload();
      await copy.waitFor();
      await page.getByText('It writes /etc/postern/').waitFor();
      assert.equal(await page.evaluate('scrollY'), 0);
      const box = await copy.boundingBox();
      assert.ok(await isInSight(copy), `it is in sight without scrolling: ${JSON.stringify(box)}`);
      await postern.call('POST', `/postern/v1/zones/${zone}/origins/reports`, {
        ...OF_LOCK,
        hostnames: [{ hostname: host, mode: 'watch' }],
      });
      await page.getByText('The origin says that it still refuses nobody.').last().waitFor();
      assert.ok(await isInSight(copy), 'and stays so once the origin says that it watches');
      await mustBeAccessible(page);
      await screenshot(page, `setup-fold-${theme}`);
      assert.deepEqual(complaints, []);
    });
  }
});
