import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { lockedSite, type Site } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const MARKUP = '"><img src=x onerror=alert(1)>';
/** Tags in the title of a page are not kept. */
const TITLE = 'javascript:alert(1) " onmouseover=alert(1) x="';
/** An interval, a look in every way, and a machine that has other work. */
const SEEN_WITHIN = { timeout: 45_000 };

describe('attestations of a real nginx', needs('chromium', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  let site: Site;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '10s'] }), startBrowser()]);
    site = await lockedSite('nginx', postern, { name: 'seen.test', authority: await serverAuthority() });
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
    await postern[Symbol.asyncDispose]();
  });

  const cell = (page: Page, credential: string, door: number) =>
    page.getByRole('row', { name: credential }).first().getByRole('cell').nth(door);

  test('a look on request shows a locked zone, and the matrix of its origin', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/seen.test/attestations');
    await page.getByRole('button', { name: 'Look now' }).click();
    await page.locator('.standing.locked').waitFor(SEEN_WITHIN);
    await page.getByText('The origin is locked.').waitFor(SEEN_WITHIN);
    await mustBeAccessible(page);
    await screenshot(page, 'attestations-locked');
    await page.getByRole('link', { name: site.host }).click();
    await page.getByRole('heading', { level: 1, name: site.host }).waitFor();
    await cell(page, 'No certificate', 1).waitFor();
    assert.match(await cell(page, 'No certificate', 1).innerText(), /^Refused/);
    assert.match(await cell(page, 'Right certificate', 1).innerText(), /^Let in/);
    const kin = page.getByRole('row', { name: 'Certificate without a purpose' });
    await kin.getByText('signed by the authority of the lock itself: no stranger has one').waitFor();
    const neighbour = page.getByRole('row', { name: "Neighbour's certificate" });
    await neighbour.getByText('made for this look by the authority of the lock itself').waitFor();
    assert.match(await cell(page, 'Certificate without a purpose', 1).innerText(), /^Let in/);
    await page.getByText('Also let in: certificate without a purpose.', { exact: false }).waitFor();
    await mustCount(page.locator('.standing').getByText('without a purpose'), 0);
    await page.getByRole('columnheader', { name: 'Plain HTTP, same port' }).first().waitFor();
    await page
      .getByText('Names of other sites on the same server were not tried here.', { exact: false })
      .waitFor({ state: 'attached' });
    await page.getByText('that another customer of the same edge really has', { exact: false }).waitFor();
    await page.getByRole('heading', { name: 'Not checked' }).waitFor();
    assert.equal(await page.locator('.cell.bad').count(), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'attestation-locked');
    assert.deepEqual(complaints, []);
  });

  test('the signed report is downloaded with its signature', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/seen.test/attestations');
    const files: string[] = [];
    const both = new Promise<void>((resolve) => {
      page.on('download', (file) => {
        files.push(file.suggestedFilename());
        if (files.length === 2) resolve();
      });
    });
    await page.getByRole('button', { name: 'Download the signed report' }).click();
    await both;
    assert.deepEqual(files.toSorted(), ['locks-seen.test.json', 'locks-seen.test.json.p7s']);
    await page.getByText('How to verify it').click();
    assert.match(await page.getByRole('region', { name: 'verification' }).innerText(), /openssl cms -verify/);
    assert.deepEqual(complaints, []);
  });

  test('hostnames and verdicts are looked for by the server, and the address keeps what was asked', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page } = looking;
    await signIn(page, postern.token, '/zones/seen.test/attestations');
    const filter = page.getByRole('group', { name: 'Filter by verdict' });
    await filter.getByRole('button', { name: 'Open' }).click();
    await page.getByText('No origin like this.').waitFor();
    assert.match(page.url(), /verdict=open/);
    await page.reload();
    await page.getByText('No origin like this.').waitFor();
    await filter.getByRole('button', { name: 'All' }).click();
    await page.getByLabel('Search hostnames').fill('nobody');
    await page.getByText('No origin like this.').waitFor();
    await page.getByLabel('Search hostnames').fill('WWW');
    await page.getByRole('link', { name: site.host }).waitFor();
  });

  test('an origin that is opened turns the pages red without a reload, with the fix, and green again', async () => {
    const file = join(site.origin.server.directory, 'server.conf');
    const text = readFileSync(file, 'utf8');
    const serve = (configuration: string) => {
      writeFileSync(file, configuration);
      site.origin.server.signal('SIGHUP');
    };
    const [light, dark] = await Promise.all(
      THEMES.map((theme) =>
        lookAt(browser, { base: postern.base, theme, ...(theme === 'dark' ? { width: 390 } : {}) }),
      ),
    );
    await using of = new AsyncDisposableStack();
    const zone = of.use(light ?? assert.fail()).page;
    const hostname = of.use(dark ?? assert.fail()).page;
    await signIn(zone, postern.token, '/zones/seen.test/attestations');
    await signIn(hostname, postern.token, `/zones/seen.test/attestations/${site.host}`);
    await zone.locator('.standing.locked').waitFor();
    await hostname.locator('.standing.locked').waitFor();
    serve(text.replace(/ssl_verify_client on;/g, 'ssl_verify_client optional;'));
    await zone.locator('.standing.open').waitFor(SEEN_WITHIN);
    await zone.getByText('The origin lets strangers in').waitFor();
    await mustBeAccessible(zone);
    await screenshot(zone, 'attestations-open');
    await hostname.locator('.cell.bad').first().waitFor();
    assert.match(await cell(hostname, 'No certificate', 1).innerText(), /^Let in/);
    assert.match(
      await hostname.getByRole('region', { name: 'Configuration of nginx: optional' }).innerText(),
      /ssl_verify_client on;/,
    );
    await mustBeAccessible(hostname);
    await screenshot(hostname, 'attestation-open-dark-narrow');
    await mustFit(hostname);
    serve(text);
    await zone.locator('.standing.locked').waitFor(SEEN_WITHIN);
    await hostname.locator('.standing.locked').waitFor();
    await mustCount(hostname.locator('.history > li'), 3);
    assert.deepEqual([...(light?.complaints ?? []), ...(dark?.complaints ?? [])], []);
  });

  test('what an origin says is shown as it is and taken for nothing else, to a token that may only read too', async () => {
    const file = join(site.origin.server.directory, 'server.conf');
    const text = readFileSync(file, 'utf8');
    const page200 = `default_type text/html; return 200 '<title>${TITLE}</title>';`;
    writeFileSync(file, text.replaceAll(/proxy_pass [^;]+;/g, page200));
    site.origin.server.signal('SIGHUP');
    const path = `/postern/v1/zones/${site.zone}/attestations`;
    await until('the server says it', async () => {
      await postern.call('POST', path, {});
      return JSON.stringify((await postern.call('GET', `${path}/${site.host}`)).result).includes('onmouseover');
    });
    const body = { name: 'reader', permissions: ['zone:read', 'ssl:read'], zones: 'all' };
    const { result } = await postern.call<{ readonly token: string }>('POST', '/postern/v1/tokens', body);
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, result.token, `/zones/seen.test/attestations/${site.host}`);
    await cell(page, 'Right certificate', 1).getByText(TITLE).waitFor();
    await page.getByText('To look now needs the permission ssl:edit.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Look now' }).count(), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'attestation-read-only-dark');
    assert.deepEqual(complaints, []);
    writeFileSync(file, text);
    site.origin.server.signal('SIGHUP');
  });

  test('a pause is made and ended on the page, with what it costs said before, and told beside every verdict', async () => {
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark', width: 390 });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/seen.test/attestations');
    await page.locator('.standing.locked').waitFor(SEEN_WITHIN);
    await page.getByRole('button', { name: 'Pause looks' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause looks' });
    await dialog.getByText('One origin is locked now: it becomes unknown').waitFor();
    await dialog.getByRole('button', { name: 'Pause looks' }).click();
    await dialog.getByRole('alert').first().waitFor();
    assert.equal(await dialog.getByLabel('Why').getAttribute('aria-invalid'), 'true');
    await dialog.getByLabel('Why').fill(MARKUP);
    await dialog.getByLabel('How long').selectOption({ label: 'Until a time' });
    await dialog.getByLabel('Until', { exact: true }).fill('2099-01-01T00:00');
    await dialog.getByRole('button', { name: 'Pause looks' }).click();
    await dialog.getByText('must lie a minute ahead at least, and a week at most').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'attestations-pause-refused-dark-narrow');
    await mustFit(page);
    // What was typed outlives a reload.
    await page.reload();
    await page.getByRole('button', { name: 'Pause looks' }).click();
    assert.equal(await dialog.getByLabel('Why').inputValue(), MARKUP);
    await dialog.getByLabel('How long').selectOption({ label: 'Four hours' });
    await dialog.getByText('API call').click();
    await dialog.getByText(/"seconds": 14400/).waitFor();
    await dialog.getByRole('button', { name: 'Pause looks', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.standing.unknown').waitFor();
    await page.locator('.standing').getByText(MARKUP).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'attestations-paused-dark-narrow');
    await mustFit(page);
    for (const path of ['', '/protection', '/ssl/origin-server', `/attestations/${site.host}`]) {
      await page.goto(`/dashboard/zones/seen.test${path}`);
      await page.getByText('Nobody looks until').getByText(MARKUP).first().waitFor();
      await mustFit(page);
    }
    await page.goto('/dashboard/zones');
    await page.getByRole('row', { name: 'seen.test' }).getByText('Nobody looks until').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'zones-looks-paused-dark-narrow');
    await page.goto('/dashboard/');
    await page.getByText('nobody looks at 1 zone for a while').waitFor();
    await page.goto('/dashboard/zones/seen.test/attestations');
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('The locks of seen.test are looked at again.').waitFor();
    await page.getByText('Somebody looks: nothing is paused.').waitFor();
    await postern.call('POST', `/postern/v1/zones/${site.zone}/attestations`, {});
    await page.locator('.standing.locked').waitFor(SEEN_WITHIN);
    assert.deepEqual(complaints, []);
  });

  test('which path is asked for is said for a hostname and for all others, and taken back', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/seen.test/attestations');
    const table = page.getByRole('table', { name: 'What is asked for' });
    await table.getByRole('row', { name: 'Every hostname' }).getByText('/', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Another path for a hostname' }).click();
    const dialog = page.getByRole('dialog', { name: 'Another path for a hostname' });
    await dialog.getByLabel('Hostname').fill('www.elsewhere.test');
    await dialog.getByLabel('Path').fill('status page');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('must be a path like /status').waitFor();
    assert.equal(await dialog.getByLabel('Path').getAttribute('aria-invalid'), 'true');
    await dialog.getByLabel('Path').fill('/status');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('www.elsewhere.test is not in seen.test').waitFor();
    assert.equal(await dialog.getByLabel('Hostname').getAttribute('aria-invalid'), 'true');
    await mustBeAccessible(page);
    await screenshot(page, 'attestations-path-refused');
    await dialog.getByLabel('Hostname').fill(site.host);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await table.getByRole('row', { name: site.host }).getByText('/status').waitFor();
    await page.getByRole('button', { name: 'Change the path of Every other hostname' }).click();
    const others = page.getByRole('dialog', { name: 'The path of every other hostname' });
    await others.getByLabel('Path').fill('/healthz');
    await others.getByRole('button', { name: 'Save' }).click();
    await table.getByRole('row', { name: 'Every other hostname' }).getByText('/healthz').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'attestations-paths');
    await page.getByRole('button', { name: `Take back the path of ${site.host}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
    await table.getByRole('row', { name: 'Every hostname' }).waitFor();
    await mustCount(table.getByRole('row'), 2);
    const { result } = await postern.call<{ readonly path: string }>(
      'GET',
      `/postern/v1/zones/${site.zone}/attestation_settings`,
    );
    assert.equal(result.path, '/healthz');
    assert.deepEqual(complaints, []);
  });
});
