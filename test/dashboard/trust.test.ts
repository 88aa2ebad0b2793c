import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { comparable } from '../../dashboard/src/parts/comparable.ts';
import { writeCertificationRequest } from '../../src/pki/csr.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { clientAuthority, type ServerAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, createZone, lockedSite, type Site, statusOf, visit } from '../scenarios/site.ts';
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

const ZONE = 'trust.test';
const HOST = `www.${ZONE}`;
const STAFF = 'Staff of a test';

describe('whom the edge believes', needs('chromium', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  let authority: ServerAuthority;
  let site: Site;
  const scratch = mkdtempSync(join(tmpdir(), 'postern-trust-'));
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
    rmSync(scratch, { recursive: true });
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
    await page.getByText('It is signed by CN=origins of a test, which no edge trusts yet').waitFor();
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
    const key = '-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n';
    await pem.fill(`${authority.ca}${key}`);
    await form.locator('.field.wrong').getByText('A private key stands in it', { exact: false }).waitFor();
    const chosen = page.waitForEvent('filechooser');
    await form.getByRole('button', { name: 'Choose a file' }).click();
    await (await chosen).setFiles({ name: 'ca.pem', mimeType: '', buffer: Buffer.from(`${key}${authority.ca}`) });
    await form.getByText(HOST, { exact: true }).waitFor();
    assert.equal((await pem.inputValue()).trim(), authority.ca.trim());
    await mustCount(form.locator('.field.wrong, .note.problem, .note.warning'), 0);
    assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage).includes('CERTIFICATE')), false);
    await mustBeAccessible(page);
    await screenshot(page, 'trust-fits');
    await form.getByRole('button', { name: 'Trust it' }).click();
    await form.waitFor({ state: 'detached' });
    await answers(200);
    await mustCount(page.getByText('the edge does not believe the certificate', { exact: false }), 0);
    await mustCount(page.getByText('for visitors of this zone failed', { exact: false }), 0);
    await screenshot(page, 'setup-verified-again');
    assert.deepEqual(complaints, []);
  });

  test('a CA that the origin sends is offered with its fingerprint, and the page then says who is trusted', async () => {
    const acme = await originAuthority('Acme internal CA');
    await using origin = await showingOrigin(await showingOf(acme, ['www.acme.test'], { sendsRoot: true }));
    const path = await setUpFor(postern, 'acme.test', origin.port);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, path);
    await page.getByText('It is signed by CN=Acme internal CA, which no edge trusts yet').waitFor();
    await page.getByText('run that first, and there is nothing to compare', { exact: false }).waitFor();
    await page.getByText('Trust this CA without it: compare it yourself').click();
    const print = comparable(acme.certificate.fingerprint);
    await page.getByText(print).waitFor();
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'trust-offered');
    await page.getByRole('button', { name: 'Trust this CA' }).click();
    const question = page.getByRole('dialog', { name: 'Trust this CA' });
    await question.getByText('only if you compared its SHA-256', { exact: false }).waitFor();
    await question.getByText('What the origins were seen to show').click();
    await question.getByText('The edge believes the certificates that the origins of these hostnames show').waitFor();
    await mustCount(question.locator('.note.problem, .note.warning'), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'trust-offered-question');
    await question.getByRole('button', { name: 'Trust it' }).click();
    await page.getByText('the edge believes the certificate of the origin', { exact: false }).waitFor();
    await page.locator('.trusted-cas').getByText(print).waitFor();
    await mustCount(page.getByRole('button', { name: 'Trust the CA of the origin' }), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'trust-trusted');
    await page.goto('/dashboard/zones/acme.test/ssl/origin-server');
    await page
      .getByRole('row', { name: /Acme internal CA/ })
      .getByTitle(acme.certificate.fingerprint)
      .waitFor();
    await screenshot(page, 'trust-origin-server');
    assert.deepEqual(complaints, []);
  });

  test('names whose origins show the same certificate stand in one box, and one dialog trusts its CA', async () => {
    const acme = await originAuthority('Acme internal CA');
    const other = await originAuthority('Another CA');
    const names = ['www.both.test', 'both.test'];
    await using origin = await showingOrigin(await showingOf(acme, names));
    await using third = await showingOrigin(await showingOf(other, ['old.both.test']));
    const path = await setUpFor(postern, 'both.test', origin.port);
    const { result: zones } = await postern.call<readonly { readonly id: string }[]>('GET', '/zones?name=both.test');
    const zone = zones[0]?.id ?? assert.fail();
    await addRecord(postern, zone, { name: 'both.test', origin: { https_port: origin.port } });
    await addRecord(postern, zone, { name: 'old.both.test', origin: { https_port: third.port } });
    const choices = { server: 'nginx', mode: 'watch', other_names: ['both.test', 'old.both.test'] };
    await postern.call('PUT', `/postern/v1/zones/${zone}/setups/www.both.test`, { choices });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, path);
    await page.getByText(`${names.join(', ')}: the edge does not believe`).waitFor();
    await page.getByText('old.both.test: the edge does not believe').waitFor();
    await mustCount(page.getByText('the edge does not believe the certificate'), 2);
    await page.getByText('Wanted is the certificate whose subject is CN=Acme internal CA').waitFor();
    await page.getByText('Wanted is the certificate whose subject is CN=Another CA').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'trust-alike');
    const trust = async (pem: string) => {
      await page.getByRole('button', { name: 'Trust the CA of the origin' }).first().click();
      await page.getByLabel('CA certificate (PEM)').fill(pem);
      const form = page.getByRole('dialog', { name: 'Trust a CA' });
      await form.locator('.consequences').waitFor();
      await screenshot(page, `trust-weighed-${pem === acme.certificate.pem ? 'first' : 'second'}`);
      await form.getByRole('button', { name: 'Trust it' }).click();
      await form.waitFor({ state: 'detached' });
    };
    await trust(acme.certificate.pem);
    await page.getByText(`${names.join(', ')}: the edge believes the certificate of the origin.`).waitFor();
    await trust(other.certificate.pem);
    await page.getByText('old.both.test: the edge believes the certificate of the origin.').waitFor();
    await mustCount(page.getByText('the edge does not believe the certificate'), 0);
    await mustFit(page);
    await screenshot(page, 'trust-alike-trusted');
    assert.deepEqual(complaints, []);
  });

  test('a CA beside which those of now count no more is asked about once more: what works would stop', async () => {
    const host = 'www.ours.test';
    const key = await generateKey();
    const csr = writeCertificationRequest({ subject: { commonName: host }, names: [], key });
    const zone = await createZone(postern, 'ours.test', null);
    const wish = { csr, hostnames: [host], request_type: 'origin-ecc', requested_validity: 7 };
    const { result } = await postern.call<{ readonly certificate: string }>('POST', '/certificates', wish);
    await using origin = await showingOrigin({ cert: result.certificate, key: key.reveal() });
    await addRecord(postern, zone, { name: host, origin: { https_port: origin.port } });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/zones/ours.test/ssl/origin-server');
    await page.getByRole('button', { name: 'Trust a CA' }).click();
    const form = page.getByRole('dialog', { name: 'Trust a CA' });
    await page.getByLabel('CA certificate (PEM)').fill(authority.ca);
    await form.locator('.note.problem').getByText('would believe no more', { exact: false }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'trust-would-break');
    await form.getByRole('button', { name: 'Trust it' }).click();
    const question = page.getByRole('dialog', { name: 'Trust this CA' });
    await question.locator('.note.problem').waitFor();
    await question.getByRole('button', { name: 'Leave it as it is' }).click();
    await question.waitFor({ state: 'detached' });
    await form.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText("Public CAs and Postern's Origin CA count.").waitFor();
    assert.deepEqual(complaints, []);
  });

  test('a self-signed certificate is offered itself, narrow and dark; a wrong name and an end are said', async () => {
    await using alone = await showingOrigin(await showingOf(null, ['www.alone.test']));
    const acme = await originAuthority('Acme internal CA');
    await using wrong = await showingOrigin(await showingOf(acme, ['shop.elsewhere.test'], { ended: true }));
    const [first, second] = [
      await setUpFor(postern, 'alone.test', alone.port),
      await setUpFor(postern, 'wrong.test', wrong.port),
    ];
    await using looking = await lookAt(browser, { base: postern.base, width: 390, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, postern.token, first);
    await page.getByText('has signed itself, and no edge trusts it yet', { exact: false }).waitFor();
    await page.getByText('<img src=x onerror=alert(1)', { exact: false }).first().waitFor();
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'trust-self-signed-narrow-dark');
    await page.getByText('Trust this certificate without it: compare it yourself').click();
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'trust-compared-narrow-dark');
    await page.getByRole('button', { name: 'Trust this certificate' }).click();
    const question = page.getByRole('dialog', { name: 'Trust this certificate' });
    await question.getByRole('button', { name: 'Trust it' }).click();
    await page.getByText('the edge believes the certificate of the origin', { exact: false }).waitFor();
    await page.goto(`/dashboard${second}`);
    await page.getByText('It has expired', { exact: false }).waitFor();
    await page.getByText('it names shop.elsewhere.test, not www.wrong.test', { exact: false }).waitFor();
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'trust-wrong-narrow-dark');
    assert.deepEqual(complaints, []);
  });

  test('what the origin itself saw needs no comparing: the page hears of it, and one click trusts', async () => {
    await using alone = await showingOrigin(await showingOf(null, ['www.told.test']));
    const path = await setUpFor(postern, 'told.test', alone.port);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, path);
    await page.getByText('run that first, and there is nothing to compare', { exact: false }).waitFor();
    await mustCount(page.getByRole('button', { name: 'Trust this certificate' }), 0);
    await page.getByRole('button', { name: 'Make a token for this origin' }).click();
    await page.getByRole('region', { name: 'Install command' }).scrollIntoViewIfNeeded();
    await report(postern, scratch, 'www.told.test', 'told.test');
    await page.getByText('saw the same certificate').waitFor();
    await page.getByRole('heading', { name: /whom the edge believes ?Now/ }).waitFor();
    // Who was at the task before is led to this one, and what is done is folded.
    const trust = page.getByRole('button', { name: 'Trust this certificate' });
    await until('what is to be done now is in sight', () => isInSight(trust));
    await page.getByRole('region', { name: 'Install command' }).waitFor({ state: 'hidden' });
    await page.getByText('Heard of the origin. Now trust its certificate.').waitFor();
    await page.getByText('put the configuration in place').click();
    await page.getByRole('region', { name: 'Install command' }).waitFor();
    await page.getByText('put the configuration in place').click();
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'trust-told-same');
    await trust.click();
    const question = page.getByRole('dialog', { name: 'Trust this certificate' });
    await question.getByText('saw the same certificate at its own server').waitFor();
    await question.getByText('The edge then believes this certificate', { exact: false }).waitFor();
    await mustCount(question.locator('.whole-fingerprint, .note.problem, .note.warning'), 0);
    await mustBeAccessible(page);
    await screenshot(page, 'trust-told-same-question');
    await question.getByRole('button', { name: 'Trust it' }).click();
    await page.getByText('Heard of the origin. Now visit it through the edge.').waitFor();
    const visiting = page.getByRole('button', { name: 'Visit through the edge', exact: true });
    await until('the next one is in sight', () => isInSight(visiting));
    await page.getByText('whom the edge believes').click();
    await page.getByText('the edge believes the certificate of the origin', { exact: false }).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'trust-told-done');
    assert.deepEqual(complaints, []);
  });

  test('somebody between is told loudly, and trusting him is not the straight way', async () => {
    const host = 'www.between.test';
    await using own = await showingOrigin(await showingOf(null, [host]));
    await using _between = await showingOrigin(
      await showingOf(null, [host]),
      {},
      { host: '127.0.0.2', port: own.port },
    );
    const path = await setUpFor(postern, 'between.test', own.port);
    await report(postern, scratch, host, 'between.test');
    await using looking = await lookAt(browser, { base: postern.base, width: 390, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, postern.token, path);
    await page.getByText('saw the same certificate').waitFor();
    await screenshot(page, 'trust-told-same-narrow-dark');
    const { result: zones } = await postern.call<readonly { readonly id: string }[]>('GET', '/zones?name=between.test');
    const records = `/zones/${zones[0]?.id ?? ''}/dns_records`;
    const { result } = await postern.call<readonly { readonly id: string }[]>('GET', `${records}?name=${host}`);
    await postern.call('PATCH', `${records}/${result[0]?.id ?? ''}`, { content: '127.0.0.2' });
    await page.getByText('Somebody may stand between the edge and it.', { exact: false }).waitFor();
    await mustCount(page.getByRole('button', { name: 'Trust this certificate' }), 0);
    await mustBeAccessible(page);
    await mustFit(page);
    await screenshot(page, 'trust-told-other-narrow-dark');
    await page.getByText('I know why: trust what the edge was shown').click();
    await page.getByRole('button', { name: 'Trust this certificate' }).waitFor();
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
