import assert from 'node:assert/strict';

import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { lockedSite, type Site, visit } from '../scenarios/site.ts';

import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

describe('overview', needs('chromium', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  let site: Site | undefined;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  const look = (zone: string) => postern.call('POST', `/postern/v1/zones/${zone}/attestations`, {});
  const limited = async (permissions: readonly string[]) => {
    const body = { name: `limited to ${permissions.join()}`, permissions };
    return (await postern.call<{ id: string; token: string }>('POST', '/postern/v1/tokens', body)).result;
  };

  for (const theme of THEMES) {
    test(`leads to the first lock where there is no zone (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token);
      await page.getByRole('heading', { name: 'Lock the first origin' }).waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `overview-first-run-${theme}`);
      await page.getByRole('link', { name: 'Begin' }).click();
      await page.waitForURL('**/dashboard/setup');
      assert.deepEqual(complaints, []);
    });
  }

  for (const theme of THEMES) {
    test(`shows locks, what wants attention, what ends, pulls and edges as they are (${theme})`, async () => {
      site ??= await lockedSite('nginx', postern, { name: 'locked.test', authority: await serverAuthority() });
      await look(site.zone);
      for (let time = 0; time < 20; time++) await visit(postern, site.host);
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token);
      await page.getByRole('link', { name: /^1 zone: Locked/ }).waitFor();
      await page.getByText('Nothing needs attention now.').waitFor();
      await page.getByRole('row', { name: /Up to date/ }).waitFor();
      await page.locator('.chart canvas').waitFor();
      await page.getByText('As a table').last().click();
      await page.getByRole('table', { name: 'Pulls per second by outcome' }).getByRole('row').nth(1).waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `overview-${theme}`);
      assert.deepEqual(complaints, []);
    });
  }
});
