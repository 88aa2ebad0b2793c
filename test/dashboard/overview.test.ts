import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { createZone, lockedSite, type Site, visit } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

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

  const locked = async (): Promise<Site> => {
    site ??= await lockedSite('nginx', postern, { name: 'locked.test', authority: await serverAuthority() });
    return site;
  };
  const look = (zone: string) => postern.call('POST', `/postern/v1/zones/${zone}/attestations`, {});
  const limited = async (permissions: readonly string[], zones: readonly string[] | 'all' = 'all') => {
    const body = { name: permissions.join(' '), permissions, zones };
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
      await page.getByRole('button', { name: 'Begin' }).click();
      await page.locator('.field-problem').first().waitFor();
      await page.setViewportSize({ width: 390, height: 860 });
      await mustBeAccessible(page);
      await mustFit(page);
      await screenshot(page, `overview-first-run-narrow-${theme}`);
      assert.deepEqual(complaints, []);
    });
  }

  for (const theme of THEMES) {
    test(`shows locks, what wants attention, what ends, pulls and edges as they are (${theme})`, async () => {
      const { zone, host } = await locked();
      await look(zone);
      for (let time = 0; time < 5; time++) await visit(postern, host);
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      const asked: string[] = [];
      page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
      await signIn(page, postern.token);
      await page.getByRole('link', { name: /^1 zone: Locked/ }).waitFor();
      // The CA of the origin was made for a day.
      await page.getByRole('link', { name: /^See to it: locked\.test, A CA by which origins/ }).waitFor();
      await page.getByText('1 to be renewed by hand').waitFor();
      await page.getByText('in the next 90 days', { exact: false }).waitFor();
      assert.deepEqual(
        asked.filter((path) => path.startsWith('/postern/v1/expiries')),
        ['/postern/v1/expiries/ending'],
      );
      await page.getByRole('row', { name: /local-1 Up to date/ }).waitFor();
      await page.getByRole('figure', { name: 'Pulls per second by outcome' }).locator('canvas').waitFor();
      for (const table of await page.getByText('As a table').all()) await table.click();
      await page.getByRole('row', { name: /CN=origins of a test.*No, by hand/ }).waitFor();
      await page.getByRole('table', { name: 'Pulls per second by outcome' }).getByRole('row').nth(1).waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `overview-${theme}`);
      assert.deepEqual(complaints, []);
    });
  }

  test('turns red when an origin opens, and green again, without a reload and for everybody', async () => {
    const { zone, host, origin } = await locked();
    await look(zone);
    await using one = await lookAt(browser, { base: postern.base });
    await using other = await lookAt(browser, { base: postern.base, theme: 'dark', width: 390 });
    await signIn(one.page, postern.token);
    await signIn(other.page, postern.token, '/zones/locked.test');
    await one.page.getByRole('link', { name: /^1 zone: Locked/ }).waitFor();
    await other.page.getByText(/^Locked for/).waitFor();
    await one.page.evaluate('window.kept = true');
    const file = join(origin.server.directory, 'server.conf');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/ssl_verify_client on;/g, 'ssl_verify_client optional;'));
    // nginx takes its new configuration in its own time; the pages have to follow, whenever that is.
    const reloaded = (verdict: string) => {
      origin.server.signal('SIGHUP');
      return until(`it is seen ${verdict}`, async () => {
        const path = `/postern/v1/zones/${zone}/attestations`;
        const { result } = await postern.call<{ attestations: readonly { verdict: string }[] }>('POST', path, {});
        return result.attestations.every((seen) => seen.verdict === verdict);
      });
    };
    await reloaded('open');
    await one.page.getByRole('link', { name: /^1 zone: Open/ }).waitFor();
    await one.page.getByRole('link', { name: new RegExp(`^See to it: ${host}`) }).waitFor();
    await other.page.getByText(/^Open for/).waitFor();
    await screenshot(one.page, 'overview-open');
    await screenshot(other.page, 'zone-open-narrow');
    await mustBeAccessible(other.page);
    await mustFit(other.page);
    writeFileSync(file, text);
    await reloaded('locked');
    await one.page.getByRole('link', { name: /^1 zone: Locked/ }).waitFor();
    await other.page.getByText(/^Locked for/).waitFor();
    assert.equal(await one.page.evaluate('window.kept'), true);
    assert.deepEqual([...one.complaints, ...other.complaints], []);
  });

  test('fits a narrow screen', async () => {
    await using looking = await lookAt(browser, { base: postern.base, width: 390, height: 800 });
    const { page } = looking;
    await signIn(page, postern.token);
    await page.locator('.chart canvas').waitFor();
    for (const table of await page.getByText('As a table').all()) await table.click();
    await mustBeAccessible(page);
    await screenshot(page, 'overview-narrow');
    await mustFit(page);
  });

  test('shows a limited token what it may see, and no more', async () => {
    const zone = await createZone(postern, 'other.test', null);
    const names = await limited(['zone:read']);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, names.token);
    await page.getByText('sees zones, but not their locks').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Lock an origin' }).count(), 0);
    await mustBeAccessible(page);
    const one = await limited(['zone:read', 'ssl:read'], [zone]);
    await using second = await lookAt(browser, { base: postern.base });
    await signIn(second.page, one.token);
    await second.page.getByRole('link', { name: /^1 zone: No lock/ }).waitFor();
    await second.page.getByText('1 zone with 0 hostnames served').waitFor();
    assert.equal(await second.page.getByText('locked.test').count(), 0);
    assert.equal(await second.page.getByRole('heading', { name: 'Pulls per second' }).count(), 0);
    assert.equal(await second.page.getByRole('heading', { name: 'Edges' }).count(), 0);
    await mustBeAccessible(second.page);
    await screenshot(second.page, 'overview-limited');
    assert.deepEqual([...complaints, ...second.complaints], []);
  });

  test('brings the sign-in back, and stays, when the token is revoked under the page', async () => {
    const revoked = await limited(['zone:read', 'ssl:read']);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, revoked.token, '/zones?verdict=unattested');
    await page.getByRole('row', { name: /other\.test/ }).waitFor();
    await postern.call('DELETE', `/postern/v1/tokens/${revoked.id}`);
    await page.getByRole('radio', { name: 'All' }).click();
    await page.getByText('The session has ended').waitFor();
    await screenshot(page, 'session-ended');
    await page.getByLabel('API token').fill(postern.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('row', { name: /other\.test/ }).waitFor();
    assert.deepEqual(complaints, []);
  });
});
