import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, assertStatus, lockedSite, visit, zonePull } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { uploads } from './bad-certificates.ts';
import { mustRefuse, upload } from './bad-upload.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const MARKUP = '"><img src=x onerror=alert(1)>';
const PAGE = '/zones/example.test/ssl/origin-server';

/** A look at locks on request. */
interface Run {
  readonly attestations: readonly { readonly verdict: string }[];
}

/** Switches a level, and answers the question where one is asked. */
async function toggle(page: Page, label: string, on: boolean): Promise<void> {
  await page.getByRole('switch', { name: label }).click();
  const yes = page.getByRole('dialog').getByRole('button', { name: `Turn it ${on ? 'on' : 'off'}` });
  const done = page.locator(`[role=switch][aria-label="${label}"][aria-checked=${on}]`);
  await yes.or(done).first().waitFor();
  if (await yes.isVisible()) await yes.click();
  await done.waitFor();
}

describe('Origin Server', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  let zone = '';
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    zone = (await postern.call<{ id: string }>('POST', '/zones', { name: 'example.test' })).result.id;
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
  });

  const planOf = async (hostname: string) => {
    const path = `/postern/v1/zones/${zone}/hostnames/${hostname}/plan`;
    return (await postern.call<{ level: string | null; https: { kind: string } }>('GET', path)).result;
  };

  test('says what to do where there is nothing yet', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByText('No hostname yet').waitFor();
    await page.getByText('No request waits').waitFor();
    await page.getByText('Holds until').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'origin-server-empty');
    assert.deepEqual(complaints, []);
    await addRecord(postern, zone, { name: 'www' });
    await page.getByRole('row', { name: /www\.example\.test/ }).waitFor();
  });

  test(
    'the switch of the zone level is felt at the origin, and asked about where a lock would refuse',
    needs('nginx'),
    async () => {
      await using site = await lockedSite('nginx', postern, {
        name: 'locked.test',
        authority: await serverAuthority(),
      });
      await using looking = await lookAt(browser, { base: postern.base });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/zones/locked.test/ssl/origin-server');
      await page.locator('[role=switch][aria-label="Zone level"][aria-checked=true]').waitFor();
      assertStatus(await visit(postern, site.host), 200, 'on');
      const row = page.getByRole('table', { name: 'Hostnames' }).getByRole('row', { name: site.host });
      const path = `/postern/v1/zones/${site.zone}/attestations`;
      const { result } = await postern.call<Run>('POST', path, { hostname: site.host });
      assert.deepEqual(
        result.attestations.map(({ verdict }) => verdict),
        ['locked'],
      );
      await row.getByRole('link', { name: /^Lock of www\.locked\.test:\s*Locked/ }).waitFor();
      await page.getByRole('switch', { name: 'Zone level' }).click();
      const dialog = page.getByRole('dialog', { name: 'Turn the zone level off' });
      await dialog.locator('.consequences li').first().waitFor();
      await mustBeAccessible(page);
      await screenshot(page, 'origin-server-asked');
      await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
      assertStatus(await visit(postern, site.host), 200, 'left as it is');
      await toggle(page, 'Zone level', false);
      const refused = assertStatus(await visit(postern, site.host), 400, 'off');
      assert.match(refused, /No required SSL certificate was sent/);
      await row.getByText('Shows no certificate').waitFor();
      await toggle(page, 'Zone level', true);
      assertStatus(await visit(postern, site.host), 200, 'on again');
      await row.getByText('Shows a certificate').waitFor();
      assert.deepEqual(complaints, []);
    },
  );

  test('the global level says what it is worth, and that the zone level beats it', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await toggle(page, 'Global level', true);
    const level = page.getByRole('region', { name: 'Global level' });
    await level.getByText('which also lets every other zone in').waitFor();
    await toggle(page, 'Zone level', true);
    await level.getByText('has no effect because the zone level is on').waitFor();
    assert.equal((await planOf('www.example.test')).level, 'zone');
    await toggle(page, 'Global level', false);
    assert.deepEqual(complaints, []);
  });

  test('a bad upload is refused at its field, and a good one is there with what should be known of it', async () => {
    const made = await uploads('pullLeaf', MARKUP, []);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByRole('button', { name: 'Upload for hostnames' }).click();
    const dialog = page.getByRole('dialog', { name: 'Upload a certificate for hostnames' });
    await mustRefuse(dialog, postern, `/zones/${zone}/origin_tls_client_auth/hostnames/certificates`, made);
    await mustBeAccessible(page);
    await screenshot(page, 'origin-server-refused');
    const server = await uploads('serverLeaf', 'for servers only', []);
    await upload(dialog, server.good);
    await dialog.getByText('does not include clientAuth').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'origin-server-lint');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('row', { name: /for servers only/ }).waitFor();
    await page.getByRole('button', { name: 'Upload for hostnames' }).click();
    await upload(dialog, made.good);
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('row').filter({ hasText: 'onerror=alert(1)' });
    await row.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
    await row.waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  test('a hostname shows a certificate of its own, none at all, and what its zone says again', async () => {
    await zonePull(postern, zone, true);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    const choose = async (option: RegExp) => {
      await page.getByRole('button', { name: 'Change what www.example.test shows' }).click();
      const dialog = page.getByRole('dialog', { name: 'What www.example.test shows', exact: true });
      await dialog.getByRole('radio', { name: option }).check();
      if (option.source.startsWith('A cert'))
        await dialog.getByLabel('Certificate').selectOption({ label: 'A new one that Postern makes and renews' });
      await mustBeAccessible(page);
      await screenshot(page, 'origin-server-hostname');
      await dialog.getByRole('button', { name: 'Save' }).click();
      const yes = page.getByRole('button', { name: 'Change it' });
      await yes.or(page.locator('.toast')).first().waitFor();
      if (await yes.isVisible()) await yes.click();
      await dialog.waitFor({ state: 'detached' });
    };
    const row = page.getByRole('table', { name: 'Hostnames' }).getByRole('row', { name: /www\.example\.test/ });
    await choose(/^A certificate of its own/);
    await row.getByText('Hostname', { exact: true }).waitFor();
    assert.equal((await planOf('www.example.test')).level, 'hostname');
    await page.reload();
    await choose(/^None/);
    await row.getByText('Hostname: veto').waitFor();
    assert.equal((await planOf('www.example.test')).https.kind, 'without');
    await page.reload();
    await choose(/^As the zone/);
    await row.getByText('Zone', { exact: true }).waitFor();
    assert.equal((await planOf('www.example.test')).level, 'zone');
    assert.deepEqual(complaints, []);
  });

  test('what cannot be had is said where it would stand, and asked for again', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await page.route('**/plans?*', (route) => route.abort());
    await signIn(page, postern.token, PAGE);
    const hostnames = page.getByRole('region', { name: 'Hostnames', exact: true });
    await hostnames.getByText('Postern does not answer').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'origin-server-failed');
    await page.unroute('**/plans?*');
    await hostnames.getByRole('button', { name: 'Try again' }).click();
    await hostnames.getByRole('row', { name: /www\.example\.test/ }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('a request goes out, and only a certificate of its key comes in; another is taken back', async () => {
    const { good, sign } = await uploads('pullLeaf', 'signed by the house', []);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByRole('button', { name: 'Make a request' }).click();
    await page.getByLabel('Common name').fill(MARKUP);
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('button', { name: /^CSR and certificate/ }).click();
    const dialog = page.getByRole('dialog', { name: /^Request for/ });
    await dialog.getByText('BEGIN CERTIFICATE REQUEST').waitFor();
    await dialog.getByLabel('Certificate that your CA made of it (PEM)').fill(good.certificate);
    await dialog.getByRole('button', { name: 'Bring it in' }).click();
    await dialog.getByRole('alert').first().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'origin-server-request');
    const csr = await dialog.locator('pre').first().innerText();
    await dialog.getByLabel('Certificate that your CA made of it (PEM)').fill(sign(csr));
    await dialog.getByRole('button', { name: 'Bring it in' }).click();
    const question = page.getByRole('dialog', { name: /^Bring in the certificate/ });
    await question.locator('.consequences li').first().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'origin-server-request-asked');
    await question.getByRole('button', { name: 'Bring it in' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /signed by the house/ }).waitFor();
    await page.getByRole('button', { name: 'Make a request' }).click();
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('button', { name: /^Take back/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('No request waits').waitFor();
    assert.deepEqual(complaints, []);
  });

  for (const theme of THEMES) {
    test(`everything of a zone at a glance (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme });
      const { page, complaints } = looking;
      await signIn(page, postern.token, PAGE);
      await page
        .getByRole('row', { name: /www\.example\.test/ })
        .first()
        .waitFor();
      await page.getByText('Holds until').waitFor();
      await page.getByText('Key of the root').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, `origin-server-${theme}`);
      assert.deepEqual(complaints, []);
    });
  }

  test('is searched and paged by the server, on a narrow screen too', async () => {
    const posts = Array.from({ length: 30 }, (_, index) => ({
      type: 'A',
      name: `n${String(index).padStart(2, '0')}.example.test`,
      content: '127.0.0.1',
      proxied: true,
    }));
    await postern.call('POST', `/zones/${zone}/dns_records/batch`, { posts });
    await using looking = await lookAt(browser, { base: postern.base, width: 390, height: 800 });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    const rows = page.getByRole('table', { name: 'Hostnames' }).locator('tbody tr');
    await rows.nth(24).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('row', { name: /n29\.example\.test/ }).waitFor();
    await mustCount(rows, 6);
    await page.getByRole('button', { name: 'From the start' }).click();
    await page.getByLabel('Search hostnames').fill('n17');
    await mustCount(rows, 1);
    await page.getByRole('rowheader', { name: 'n17.example.test' }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'origin-server-narrow');
    await mustFit(page);
    assert.deepEqual(complaints, []);
  });

  test('a token that may only look sees how it is, and no switch', async () => {
    const body = { name: 'looks only', permissions: ['zone:read', 'ssl:read'], zones: 'all' };
    const { result } = await postern.call<{ token: string }>('POST', '/postern/v1/tokens', body);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, result.token, PAGE);
    await page.getByText('that needs settings:read').waitFor();
    await page
      .getByRole('row', { name: /www\.example\.test/ })
      .first()
      .waitFor();
    assert.equal(await page.getByRole('switch').count(), 0);
    assert.equal(await page.getByRole('button', { name: /^(Upload|Delete|Change|Make|Have)/ }).count(), 0);
    await mustBeAccessible(page);
    assert.deepEqual(complaints, []);
  });
});
