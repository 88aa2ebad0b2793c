import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { originAuthority, showingOf, showingOrigin } from '../support/showing-origins.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser } from './browser.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly proxied: boolean;
  readonly origin: object;
}

const ANSWERS_LATE = 700;
const A_HAIR = 4;
/** Keeps where the button of the form stands, in every frame from now on. */
const RECORD_PLACES = `{
  globalThis.places = [];
  const button = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Make the configuration');
  const look = () => {
    places.push(Math.round(button.getBoundingClientRect().top + scrollY));
    requestAnimationFrame(look);
  };
  look();
}`;

describe('a set-up with few words and few clicks', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  const zoneOf = async (name: string) =>
    (await postern.call<readonly Row[]>('GET', `/zones?name=${name}`)).result[0]?.id ?? assert.fail();
  const recordsOf = async (zone: string, name: string) =>
    (await postern.call<readonly Row[]>('GET', `/zones/${zone}/dns_records?name=${name}`)).result;

  test('one form and one press lead to the server, and the names of its certificate are taken in with one more', async () => {
    const acme = await originAuthority('Acme internal CA');
    const names = ['www.few.test', 'few.test', '*.few.test', 'www.elsewhere.test'];
    await using origin = await showingOrigin(await showingOf(acme, names));
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/setup');
    await page.getByText('Other names of the same site come in the next step.').waitFor();
    await page.getByLabel('Hostname').fill('www.few.test');
    await page.getByText('New: it is added.').waitFor();
    assert.equal(await page.getByLabel('Zone').inputValue(), 'few.test');
    await page.getByLabel('Address of the origin').fill('127.0.0.1');
    await page.getByLabel('HTTPS port of the origin').fill(String(origin.port));
    await mustBeAccessible(page);
    await screenshot(page, 'setup-begin');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByText('Added the zone few.test and the record of www.few.test. The edge shows its cert').waitFor();
    const zone = await zoneOf('few.test');
    const pulls = `/zones/${zone}/origin_tls_client_auth/settings`;
    assert.equal((await postern.call<{ readonly enabled: boolean }>('GET', pulls)).result.enabled, true);

    await page.getByLabel('Server', { exact: true }).selectOption('nginx');
    await page.getByText("The origin's certificate also names few.test.").waitFor();
    await page.route('**/dns_records?*', async (route) => {
      await sleep(ANSWERS_LATE);
      await route.continue();
    });
    await page.evaluate(RECORD_PLACES);
    await page.getByRole('button', { name: 'Add few.test' }).click();
    await page.getByText('few.test has no record:').waitFor();
    const places = await page.evaluate<readonly number[]>('places');
    await page.unrouteAll({ behavior: 'wait' });
    const moved = places.slice(places.findIndex((place) => place !== places[0]));
    assert.ok(
      Math.max(...moved) - Math.min(...moved) <= A_HAIR,
      `it moves at the press alone: ${[...new Set(places)].join(', ')}`,
    );
    await mustBeAccessible(page);
    await screenshot(page, 'setup-few-server');
    await page.getByRole('button', { name: 'Make the configuration' }).click();
    await page.getByText('Made the record of few.test, like that of www.few.test.').waitFor();
    const [made] = await recordsOf(zone, 'few.test');
    assert.deepEqual([made?.proxied, made?.origin], [true, { https_port: origin.port }]);
    await page.getByRole('list', { name: 'Record of www.few.test' }).getByText('www.few.test').waitFor();

    await page.getByRole('button', { name: 'Trust the CA of the origin' }).first().click();
    const form = page.getByRole('dialog', { name: 'Trust a CA' });
    await form.getByText('Where is that file?').click();
    await form.getByText('in a second terminal', { exact: false }).waitFor();
    const command = form.getByRole('region', { name: 'Find it on the origin' }).locator('code');
    assert.match(await command.innerText(), /'subject=CN=Acme internal CA' \{\} \+/);
    await mustBeAccessible(page);
    await screenshot(page, 'setup-few-ca');
    await page.setViewportSize({ width: 390, height: 800 });
    await mustFit(page);
    await page.keyboard.press('Escape');
    await mustFit(page);
    assert.deepEqual(complaints, []);
  });

  test('what somebody has switched off for the hostname alone is not switched on in passing', async () => {
    const { result: zone } = await postern.call<Row>('POST', '/zones', { name: 'veto.test' });
    const hostname = 'www.veto.test';
    const record = { type: 'A', name: hostname, content: '127.0.0.1', proxied: true };
    await postern.call('POST', `/zones/${zone.id}/dns_records`, record);
    const pulls = `/zones/${zone.id}/origin_tls_client_auth`;
    await postern.call('PUT', `${pulls}/settings`, { enabled: true });
    const wish = { hostnames: [hostname], associate: false };
    const made = await postern.call<Row>('POST', `/postern/v1/zones/${zone.id}/managed_certificates`, wish);
    const config = [{ hostname, cert_id: made.result.id, enabled: false }];
    await postern.call('PUT', `${pulls}/hostnames`, { config });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/setup');
    await page.getByLabel('Hostname').fill(hostname);
    await page.getByText('A record leads to 127.0.0.1.').waitFor();
    await mustCount(page.getByLabel('Address of the origin'), 0);
    await page.getByText('Has the edge show its certificate at the origin, where that breaks nothing.').waitFor();
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByText('switched off for this hostname alone').last().waitFor();
    const { result } = await postern.call<{ readonly enabled: boolean }>('GET', `${pulls}/hostnames/${hostname}`);
    assert.equal(result.enabled, false);
    assert.deepEqual(complaints, []);
  });

  test('a zone that is there is found, and what a registry has put between is no zone', async () => {
    await postern.call('POST', '/zones', { name: 'deep.example.test' });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/setup');
    for (const [hostname, zone] of [
      ['www.deep.example.test', 'deep.example.test'],
      ['www.shop.co.uk', 'shop.co.uk'],
      ['a.b.example.com', 'example.com'],
      ['www', ''],
    ] as const) {
      await page.getByLabel('Hostname').fill(hostname);
      await until(`the zone of ${hostname}`, async () => (await page.getByLabel('Zone').inputValue()) === zone);
    }
    await page.getByLabel('Hostname').fill('www.typed.test');
    await page.getByLabel('Zone').focus();
    await until('the zone is filled in', async () => (await page.getByLabel('Zone').inputValue()) === 'typed.test');
    await page.keyboard.type('example.com');
    assert.equal(await page.getByLabel('Zone').inputValue(), 'example.com', 'typed in place of it, and not behind it');
    await page.getByLabel('Hostname').fill('www.deep.example.test');
    await page.getByLabel('Address of the origin').fill('127.0.0.1');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByText('The hostname lies outside the zone.').waitFor();
    await page.getByLabel('Zone').fill('');
    assert.equal(await page.getByLabel('Zone').inputValue(), '', 'what somebody takes away does not come back');
    assert.deepEqual(complaints, []);
  });

  test('what is known is said before it is enforced, of all names, and where nothing would stop it is asked once', async () => {
    const { result: zone } = await postern.call<Row>('POST', '/zones', { name: 'calm.test' });
    const hostnames = ['www.calm.test', 'calm.test'];
    for (const name of hostnames)
      await postern.call('POST', `/zones/${zone.id}/dns_records`, {
        type: 'A',
        name,
        content: '127.0.0.1',
        proxied: true,
      });
    await postern.call('PUT', `/zones/${zone.id}/origin_tls_client_auth/settings`, { enabled: true });
    const at = `/postern/v1/zones/${zone.id}`;
    const choices = { server: 'nginx', way: 'install', other_names: ['calm.test'] };
    await postern.call('PUT', `${at}/setups/www.calm.test`, { choices });
    const came = (batch: string, without: number) => {
      const none = { foreign: 0, unverified: 0, looks: 0, examples: [] };
      const counts = hostnames.map((hostname) => {
        return { hostname, at: new Date().toISOString(), accepted: 1, without, ...none };
      });
      const report = { host: 'web-1', lock: 'www', batch: batch.repeat(32), hostnames, counts };
      return postern.call('POST', `${at}/origins/callers`, report);
    };
    await came('0', 0);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/setup/calm.test/www.calm.test');
    await page.getByText(/^Watched briefly\. 2 requests since it was configured .* ago, all by the edge\.$/).waitFor();
    await page.getByText('Who did not come yet may still be refused.').waitFor();
    await page.getByText('www.calm.test, calm.test').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-calm');

    await page.getByRole('button', { name: 'Enforce', exact: true }).click();
    await page.getByRole('heading', { name: 'On the origin: put the enforcing configuration in place' }).waitFor();
    await mustCount(page.getByRole('dialog'), 0);

    await postern.call('PUT', `${at}/setups/www.calm.test`, { choices: { ...choices, mode: 'watch' } });
    await came('1', 1);
    await page.getByRole('button', { name: 'Enforce all the same' }).click();
    const dialog = page.getByRole('dialog', { name: 'Enforce www.calm.test and calm.test' });
    await dialog.getByText('2 of 6 requests that reached the origin').waitFor();
    await mustCount(page.getByText('Nothing that works now'), 0);
    assert.deepEqual(complaints, []);
  });
});
