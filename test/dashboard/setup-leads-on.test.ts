import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, createZone, visit, zonePull } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { originAuthority, showingOf, showingOrigin } from '../support/showing-origins.ts';
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

  test('a certificate that is not believed is no alarm before it is its turn, and is one once pulls fail', async () => {
    await using alone = await showingOrigin(await showingOf(null, ['www.calm.test']));
    const path = await setUpFor(postern, 'calm.test', alone.port);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, path);
    const told = (kind: string) =>
      page.locator(`.setup-origin > .note.${kind}`, { hasText: 'the edge does not believe the certificate' });
    await told('info').getByText('Nothing to do yet: what stands above comes first.').waitFor();
    await mustCount(told('problem'), 0);
    await mustCount(told('warning'), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'trust-not-yet');
    await report(postern, scratch, 'www.calm.test', 'calm.test');
    await page.getByRole('heading', { name: /whom the edge believes ?Now/ }).waitFor();
    await told('warning').getByText('Until it does, a visit through the edge gets an error (526).').waitFor();
    await mustCount(told('problem'), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'trust-now');
    const red = told('problem').getByText('Every visitor gets an error (526).');
    await until('pulls are seen to fail', async () => {
      await visit(postern, 'www.calm.test');
      return red.isVisible();
    });
    await mustCount(told('warning'), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'trust-failing');
    assert.deepEqual(complaints, []);
  });

  test('pulls that fail while nothing is told of the origin yet are said in red, and what has ended is not done', async () => {
    const acme = await originAuthority('Acme internal CA');
    await using ended = await showingOrigin(await showingOf(acme, ['www.ended.test'], { ended: true }));
    const path = await setUpFor(postern, 'ended.test', ended.port);
    const { result: zones } = await postern.call<readonly { readonly id: string }[]>('GET', '/zones?name=ended.test');
    const store = `/zones/${zones[0]?.id ?? ''}/acm/custom_trust_store`;
    await postern.call('POST', store, { certificate: acme.certificate.pem });
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, postern.token, path);
    const told = page.locator('.setup-origin > .note', { hasText: 'It has expired' });
    await told.getByText('Nothing to do yet').waitFor();
    await until('pulls are seen to fail', async () => {
      await visit(postern, 'www.ended.test');
      return told.getByText('Every visitor gets an error (526).').isVisible();
    });
    await report(postern, scratch, 'www.ended.test', 'ended.test');
    await page.getByText('Heard of the origin. Now visit it through the edge.').waitFor();
    await page.getByRole('heading', { name: 'Then, here: whom the edge believes', exact: true }).waitFor();
    await told.waitFor();
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

  test('looks of Postern itself show that the server loaded it, and take nobody away from the visit', async () => {
    await using alone = await showingOrigin(await showingOf(null, ['www.loaded.test']));
    const path = await setUpFor(postern, 'loaded.test', alone.port);
    const { result: zones } = await postern.call<readonly { readonly id: string }[]>('GET', '/zones?name=loaded.test');
    const zone = zones[0]?.id ?? assert.fail();
    await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'full' });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, path);
    await report(postern, scratch, 'www.loaded.test', 'loaded.test');
    await page.getByText('Heard of the origin. Now visit it through the edge.').waitFor();
    const visit = page.getByRole('button', { name: 'Visit through the edge', exact: true });
    const before = await visit.boundingBox();
    await tells(postern, zone, { looks: 1 });
    await page.getByText('The server loaded it. Now visit it through the edge.').waitFor();
    await page.getByText('a look of Postern stands in its log. Nobody else came yet.').waitFor();
    assert.deepEqual(await visit.boundingBox(), before, 'nothing moves under the hand that is about to press');
    await mustBeAccessible(page);
    await screenshot(page, 'setup-loaded');
    await tells(postern, zone, { looks: 2, accepted: 1 });
    await page.getByRole('button', { name: 'Enforce', exact: true }).waitFor();
    assert.deepEqual(complaints, []);
  });
});

/** What reports callers at the origin of `www.loaded.test` has seen these come. */
async function tells(postern: Postern, zone: string, came: Readonly<Record<string, number>>): Promise<void> {
  const none = { accepted: 0, without: 0, foreign: 0, unverified: 0, looks: 0, examples: [] };
  const hostname = 'www.loaded.test';
  await postern.call('POST', `/postern/v1/zones/${zone}/origins/callers`, {
    host: 'web-1',
    lock: 'www',
    batch: randomBytes(16).toString('hex'),
    hostnames: [hostname],
    counts: [{ ...none, hostname, at: new Date().toISOString(), ...came }],
  });
}
