import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, createZone, visit, zonePull } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { showingOf, showingOrigin } from '../support/showing-origins.ts';
import {
  isInSight,
  lookAt,
  mustBeAccessible,
  mustCount,
  mustFit,
  screenshot,
  signIn,
  startBrowser,
} from './browser.ts';
import { report, setUpFor } from './set-up-for.ts';

describe('a set-up says what is so now, and moves nobody', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  const scratch = mkdtempSync(join(tmpdir(), 'postern-leads-on-'));
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true });
  });

  test('what the edge could not pull is told while it goes on, and not once something was changed', async () => {
    const zone = await createZone(postern, 'failing.test', null);
    await zonePull(postern, zone, true);
    const host = 'www.failing.test';
    await addRecord(postern, zone, { name: host, origin: { https_port: 1 } });
    const choices = { server: 'nginx', mode: 'enforce' };
    await postern.call('PUT', `/postern/v1/zones/${zone}/setups/${host}`, { choices });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, `/setup/failing.test/${host}`);
    const told = page.getByText('for visitors of this zone failed', { exact: false });
    await until('it is told', async () => {
      await visit(postern, host);
      return told.isVisible();
    });
    await page.getByText(/Nothing listens at the origin \(\d+ times?\)/).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-pulls-failed');
    await postern.call('PATCH', `/zones/${zone}/settings/min_tls_version`, { value: '1.3' });
    await mustCount(told, 0);
    await until('it is told anew', async () => {
      await visit(postern, host);
      return told.isVisible();
    });
    assert.deepEqual(complaints, []);
  });

  test('who types, or has scrolled elsewhere, is not moved; the words above lead to what is to be done now', async () => {
    await using alone = await showingOrigin(await showingOf(null, ['www.apart.test']));
    const path = await setUpFor(postern, 'apart.test', alone.port);
    await using looking = await lookAt(browser, { base: postern.base, width: 390, height: 800, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, postern.token, path);
    await page.getByText('run that first, and there is nothing to compare', { exact: false }).waitFor();
    const field = page.getByLabel('Where the edge answers');
    await field.fill('192.0.2.7:443');
    const before = await field.boundingBox();
    await report(postern, scratch, 'www.apart.test', 'apart.test');
    await page.getByRole('heading', { name: /whom the edge believes ?Now/ }).waitFor();
    assert.deepEqual(await field.boundingBox(), before, 'nothing moves under who types');
    await screenshot(page, 'trust-not-moved-narrow-dark');
    await page.getByRole('button', { name: 'Go to its certificate' }).click();
    await until('it is in sight', () => isInSight(page.getByRole('button', { name: 'Trust this certificate' })));
    await page.locator('.setup-task:focus').getByText('whom the edge believes').waitFor();
    await field.waitFor({ state: 'hidden' });
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'trust-led-narrow-dark');
    assert.deepEqual(complaints, []);
  });
});
