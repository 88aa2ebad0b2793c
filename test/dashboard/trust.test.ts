import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { clientAuthority, type ServerAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { lockedSite, type Site, statusOf, visit } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser } from './browser.ts';

const ZONE = 'trust.test';
const HOST = `www.${ZONE}`;
const STAFF = 'Staff of a test';

describe('whom the edge believes', needs('chromium', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  let authority: ServerAuthority;
  let site: Site;
  before(async () => {
    [postern, browser, authority] = await Promise.all([
      startPostern({ argv: ['--attest-every', '1h'] }),
      startBrowser(),
      serverAuthority(),
    ]);
    site = await lockedSite('nginx', postern, { name: ZONE, authority });
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
    await postern[Symbol.asyncDispose]();
  });

  const answers = async (status: number | string): Promise<void> => {
    await until(`a visitor gets ${status}`, async () => statusOf(await visit(postern, HOST)) === status);
  };

  test('a CA of origins is taken away with what breaks, and the set-up says where it is missing and takes it', async () => {
    await answers(200);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, `/zones/${ZONE}/ssl/origin-server`);
    await page.getByRole('button', { name: 'End the trust in CN=origins of a test' }).click();
    const question = page.getByRole('dialog', { name: 'End the trust in a CA' });
    await question.getByText(HOST).first().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'trust-ending');
    await question.getByRole('button', { name: 'End it' }).click();
    await page.getByText("Public CAs and Postern's Origin CA count.").waitFor();
    await answers(526);
    const setup = `/postern/v1/zones/${site.zone}/setups/${HOST}`;
    await postern.call('PUT', setup, { choices: { server: 'nginx', mode: 'enforce' } });
    await page.goto(`/dashboard/setup/${ZONE}/${HOST}`);
    await page.getByText('The certificate of the origin does not hold').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-not-verified');
    await page.getByRole('button', { name: 'Trust the CA of the origin' }).click();
    const form = page.getByRole('dialog', { name: 'Trust a CA' });
    const pem = form.getByLabel('CA certificate (PEM)');
    await pem.fill((await authority.issue([HOST])).cert);
    await form.getByRole('button', { name: 'Trust it' }).click();
    await form.locator('.field.wrong').getByText('not a CA', { exact: false }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'trust-refused');
    await pem.fill(authority.ca);
    await form.getByRole('button', { name: 'Trust it' }).click();
    const weighed = page.getByRole('dialog', { name: 'Trust this CA' });
    await weighed.getByText('The edge believes fewer CAs').waitFor();
    await weighed.getByRole('button', { name: 'Trust it' }).click();
    await form.waitFor({ state: 'detached' });
    await answers(200);
    assert.deepEqual(complaints, []);
  });

  test('a hostname asks its visitors for certificates, and lets them come without again', async () => {
    const staff = await clientAuthority(STAFF);
    await using looking = await lookAt(browser, { base: postern.base, width: 390, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, postern.token, `/zones/${ZONE}/ssl/edge-certificates`);
    await page.getByText('No hostname asks its visitors for a certificate.').waitFor();
    await page.getByRole('button', { name: 'Ask for certificates' }).click();
    const form = page.getByRole('dialog', { name: 'Ask visitors for certificates' });
    const send = form.getByRole('button', { name: 'Ask for certificates' });
    await form.getByLabel('Hostname').fill('www.elsewhere.test');
    await form.getByLabel('CA certificates (PEM)').fill(staff.ca);
    await send.click();
    await form.locator('.field.wrong', { has: page.getByLabel('Hostname') }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'visitors-refused-narrow');
    await mustFit(page);
    await form.getByLabel('Hostname').fill(HOST);
    await form.getByLabel('Name of the list').fill('staff');
    await send.click();
    const question = page.getByRole('dialog', { name: `Visitors of ${HOST}` });
    await question.getByRole('button', { name: 'Ask for certificates' }).click();
    const row = page.getByRole('row', { name: new RegExp(`${HOST}.*${STAFF}`) });
    await row.waitFor();
    await answers(403);
    assert.equal(statusOf(await visit(postern, HOST, { credential: staff.credential })), 200);
    await mustBeAccessible(page);
    await screenshot(page, 'visitors-narrow-dark');
    await page.getByRole('button', { name: `Ask no more: visitors of ${HOST}` }).click();
    await question.getByRole('button', { name: 'Let them come without' }).click();
    await mustCount(row, 0);
    await answers(200);
    assert.deepEqual(complaints, []);
  });
});
