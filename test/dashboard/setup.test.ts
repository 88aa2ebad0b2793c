import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { lookAt, mustBeAccessible, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';
import { type OriginMachine, startOriginMachine } from './origin-machine.ts';

const HOST = 'www.example.test';
const MARKUP = '"><img src=x onerror=alert(1)>';

describe('the guided set-up', needs('chromium', 'nginx', 'curl'), () => {
  let postern: Postern;
  let browser: Browser;
  let machine: OriginMachine;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    machine = await startOriginMachine();
  });
  after(async () => {
    await browser?.close();
    await machine?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  /** What a copy button would put into the clipboard. */
  const copied = (page: Page, label: string | RegExp) =>
    page.getByRole('region', { name: label }).locator('code').innerText();
  const configuration = (page: Page) => copied(page, /nginx-www\.example\.test\.conf$/);

  test('from nothing to a lock that is proved, by clicks and copied texts, left and resumed elsewhere', async () => {
    {
      await using looking = await lookAt(browser, { base: postern.base });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/setup');
      await screenshot(page, 'setup-start');
      await page.getByLabel('Hostname').fill(HOST);
      await page.getByLabel('Address of the origin').fill('127.0.0.1');
      await page.getByLabel('HTTPS port of the origin').fill(String(machine.port));
      await page.getByText('New: it is added.').waitFor();
      assert.equal(await page.getByLabel('Zone').inputValue(), 'example.test');
      await page.getByRole('button', { name: 'Begin' }).click();
      await page.getByRole('heading', { level: 1, name: `Lock ${HOST}` }).waitFor();
      await page.getByText(`Added the zone example.test and the record of ${HOST}.`).waitFor();
      await page.getByLabel('Server', { exact: true }).selectOption('nginx');
      await page.getByRole('button', { name: 'Look at it: Name and record' }).click();
      await page.getByText('the edge shows its certificate at this origin').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, 'setup-records');
      await page.getByRole('button', { name: 'Close: Name and record' }).click();
      assert.equal(await page.locator('.note', { hasText: 'It is not said which server' }).count(), 0);
      await screenshot(page, 'setup-way');
      await page.getByLabel('One command that writes the files').check();
      await page.getByLabel(/^Application/).fill(`http://127.0.0.1:${machine.application.port}`);
      await page.getByText(/^Files at the origin, and the version/).click();
      await page.getByLabel('Listens at').fill(`127.0.0.1:${machine.port}`);
      await page.getByLabel('Directory of the lock').fill(join(machine.directory, 'lock'));
      await page.getByLabel('Form').selectOption('whole');
      await page.getByLabel('Runtime directory').fill(machine.directory);
      await mustBeAccessible(page);
      await screenshot(page, 'setup-server');
      await page.getByRole('button', { name: 'Make the configuration' }).click();
      assert.equal(await page.getByLabel('Where the edge answers').inputValue(), `127.0.0.1:${postern.https}`);
      await page.getByRole('heading', { name: /what the origin needs ?Begin here/ }).waitFor();
      await page.getByRole('button', { name: 'Make a token for this origin' }).click();
      await page.getByRole('heading', { name: /put the configuration in place ?Go on here/ }).waitFor();
      machine.remember(await copied(page, 'Token for the terminal on the origin'));
      await page.getByLabel('One command that writes the files').check();
      const wrote = await machine.type(await copied(page, 'Command that writes the files'));
      assert.equal(wrote.code, 0, wrote.stderr);
      await page.getByLabel('Copy the files').check();
      await page.getByText('File by file').click();
      machine.load(await configuration(page));
      await mustBeAccessible(page);
      await screenshot(page, 'setup-configure');
      await until('nginx serves', async () => (await knock({ port: machine.port, sni: HOST })).kind === 'answered');
      machine.leaveRunning(await copied(page, 'Command that reports callers'));
      await page.getByText('No request with the certificate of the edge was counted yet.').last().waitFor();
      await page.getByText('From a browser or a terminal instead').click();
      await page.getByText('run this in another terminal', { exact: false }).waitFor();
      const visited = await machine.type(await copied(page, 'Visit through the edge'));
      assert.equal(visited.code, 0, visited.stderr);
      await screenshot(page, 'setup-watch-nobody');
      await page.getByText('Who would be refused').waitFor();
      await mustBeAccessible(page);
      await screenshot(page, 'setup-watch');
      assert.deepEqual(complaints, []);
    }
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark' });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/setup');
    await page.getByText('Some still come without the certificate').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-under-way-dark');
    await page.getByRole('link', { name: HOST }).click();
    await page.getByText('Who would be refused').waitFor();
    await screenshot(page, 'setup-watch-dark');
    await mustBeWholeNarrow(page, 'setup-watch-narrow');
    await page.getByRole('button', { name: 'Enforce all the same' }).click();
    const dialog = page.getByRole('dialog', { name: `Enforce ${HOST}` });
    await dialog.getByText(/\d of \d requests that reached the origin since it was configured/).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-enforce-dark');
    await dialog.getByRole('button', { name: 'Enforce', exact: true }).click();
    await page.getByLabel('Copy the files').check();
    await page.getByText('File by file').click();
    await page.getByText('is the same as while it watched: nothing to paste').first().waitFor();
    await screenshot(page, 'setup-enforcing-dark');
    const enforcing = await configuration(page);
    await mustStayInPlace(page);
    machine.load(enforcing);
    await until('nginx refuses', async () => {
      const outcome = await knock({ port: machine.port, sni: HOST });
      return outcome.kind === 'refused' || outcome.status !== 200;
    });
    await page.getByRole('heading', { name: 'The lock is proved' }).waitFor();
    await page.getByText('Locked').first().waitFor();
    await page.getByRole('link', { name: 'each rotation of the root' }).waitFor();
    await page.getByText('Where a command at the origin still tells who comes, it has done its work').waitFor();
    await page.getByText('Without it, copy the bundle again by hand', { exact: false }).waitFor();
    await page.getByText('Nothing reads what was there to watch any more', { exact: false }).waitFor();
    const matrix = page.getByRole('table').first();
    assert.deepEqual(await matrix.locator('.cell.bad').count(), 0);
    await matrix
      .getByRole('row', { name: /^No certificate/ })
      .getByText('Refused')
      .first()
      .waitFor();
    await matrix
      .getByRole('row', { name: /^Right certificate the edge/ })
      .getByText('Let in')
      .first()
      .waitFor();
    // What is worth knowing stands there, and not beside the verdict.
    await page.getByText('Also let in:', { exact: false }).waitFor({ state: 'hidden' });
    const call = await page.locator('.setup-proved > .api-call').boundingBox();
    const origin = await page.locator('.setup-proved .setup-origin').boundingBox();
    assert.ok((origin?.y ?? 0) - (call?.y ?? 0) - (call?.height ?? 0) >= 8, 'the call stands on the verdict');
    await mustBeAccessible(page);
    await screenshot(page, 'setup-proved-dark');
    await mustBeWholeNarrow(page, 'setup-proved-narrow');
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.waitForURL(/attestations\/www\.example\.test/);
    assert.deepEqual(complaints, []);
    await page.goto('/dashboard/setup');
    await page.getByRole('heading', { name: 'Begin a set-up' }).waitFor();
    assert.equal(await page.getByRole('heading', { name: 'Under way' }).count(), 0);
  });

  for (const theme of THEMES) {
    test(`what is wrong is said at the field, and nothing typed is lost (${theme})`, async () => {
      const zone = `${theme}.test`;
      await using looking = await lookAt(browser, { base: postern.base, theme, width: 390, height: 800 });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/setup');
      const wrong = (label: string | RegExp) => page.locator('.field.wrong', { has: page.getByLabel(label) });
      const begin = page.getByRole('button', { name: 'Begin' });
      await page.getByLabel('Zone').fill(MARKUP);
      await page.getByLabel('Hostname').fill('www.elsewhere.test');
      await page.getByLabel('Address of the origin').fill('10.0.0.300');
      await page.getByLabel('HTTPS port of the origin').fill('70000');
      await begin.click();
      await wrong('Zone').getByText('This is not a name that a zone can have').waitFor();
      await mustBeWhole(page, `setup-start-refused-${theme}`);
      await page.getByLabel('Zone').fill(zone);
      await begin.click();
      await wrong('Hostname').getByText('The hostname lies outside the zone').waitFor();
      await page.getByLabel('Hostname').fill('www');
      await begin.click();
      await page.locator('.field.wrong').first().waitFor();
      await page.reload();
      assert.equal(await page.getByLabel('Address of the origin').inputValue(), '10.0.0.300');
      assert.equal(await page.getByLabel('HTTPS port of the origin').inputValue(), '70000');
      await page.getByLabel('Address of the origin').fill('10.0.0.3');
      await begin.click();
      await wrong('HTTPS port of the origin').waitFor();
      await page.getByLabel('HTTPS port of the origin').fill('');
      await begin.click();

      await page.getByLabel('Server', { exact: true }).selectOption('nginx');
      await page.getByLabel('One command that writes the files').check();
      await page.getByText(/^Files at the origin, and the version/).click();
      await page.getByLabel(/^Version/).fill('0.1');
      await page.getByLabel(/^Application/).fill(MARKUP);
      await page.getByRole('button', { name: 'Make the configuration' }).click();
      await page.locator('.field.wrong').first().waitFor();
      await mustBeWhole(page, `setup-server-refused-${theme}`);
      await page.reload();
      assert.equal(await page.getByLabel(/^Version/).inputValue(), '0.1');
      assert.equal(await page.getByLabel(/^Application/).inputValue(), MARKUP);
      await page.getByLabel(/^Version/).fill('');
      await page.getByRole('button', { name: 'Make the configuration' }).click();
      await wrong(/^Application/)
        .getByText('not an address of an application')
        .waitFor();
      await page.getByLabel(/^Application/).fill('http://127.0.0.1:3000');
      await page.getByRole('button', { name: 'Make the configuration' }).click();

      await page.getByRole('button', { name: 'Look at it: The server' }).click();
      await page.getByLabel('One command into what is there').check();
      await page.getByText('Several servers there, or names you cannot list?').click();
      await page.getByLabel('Main file of the server').fill('nginx.conf');
      await page.getByLabel('Other names of the same site').fill('elsewhere.invalid');
      await page.getByRole('button', { name: 'Make it anew' }).click();
      await wrong('Other names of the same site').getByText('outside the zone').waitFor();
      await page.getByLabel('Other names of the same site').fill(zone);
      await page.getByRole('button', { name: 'Make it anew' }).click();
      await wrong('Main file of the server').getByText('not a path').waitFor();
      await mustBeWhole(page, `setup-install-refused-${theme}`);
      await page.getByLabel('Main file of the server').fill('/srv/nginx.conf');
      await page.getByRole('button', { name: 'Make it anew' }).click();

      await page.getByLabel('Address of this Postern').fill('https://postern.example.test/with/path');
      await wrong('Address of this Postern').waitFor();
      await page.getByLabel('Address of this Postern').fill('https://postern.example.test:7070');
      await page.getByLabel('Where the edge answers').fill('192.0.2.7');
      await wrong('Where the edge answers').waitFor();
      await page.getByLabel('Where the edge answers').fill('192.0.2.7:443');
      const install = await copied(page, 'Install command');
      assert.match(install, /--api https:\/\/postern\.example\.test:7070 .* --through 192\.0\.2\.7:443$/);
      assert.match(
        install,
        /--hostname www\.\S+ --hostname \S+ --server nginx --server-config \/srv\/nginx\.conf --watch/,
      );
      await mustBeWhole(page, `setup-configure-narrow-${theme}`);
      await page.getByRole('button', { name: 'Give up' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Give it up' }).click();
      await page.waitForURL(/\/setup$/);
      assert.deepEqual(complaints, []);
    });
  }

  test('a server that Postern cannot follow or that cannot watch is led to the proof as well', async () => {
    const { result: zone } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'node.test' });
    const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
    await postern.call('POST', `/zones/${zone.id}/dns_records`, record);
    await postern.call('PUT', `/zones/${zone.id}/origin_tls_client_auth/settings`, { enabled: true });
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/setup/node.test/www.node.test');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByLabel('Server', { exact: true }).selectOption('node');
    await page.getByLabel(/^Application/).fill('http://127.0.0.1:3000');
    await page.getByRole('button', { name: 'Make the configuration' }).click();
    await page.getByText('Postern cannot follow what this server says').waitFor();
    await page.getByRole('button', { name: 'Enforce all the same' }).waitFor();
    await mustBeWhole(page, 'setup-unheard');
    await page.getByRole('button', { name: 'Look at it: The server' }).click();
    await page.getByLabel('Server', { exact: true }).selectOption('stunnel');
    await page.getByText('it enforces at once').waitFor();
    await page.getByRole('button', { name: 'Make it anew' }).click();
    await page.getByRole('button', { name: 'Look at the lock now' }).waitFor();
    await page.getByRole('region', { name: 'Command that writes the files' }).waitFor();
    await mustBeWhole(page, 'setup-prove');
    assert.deepEqual(complaints, []);
  });

  test('a token that may only look is offered nothing that it may not do', async () => {
    const { result: zone } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'look.test' });
    await postern.call('PUT', `/postern/v1/zones/${zone.id}/setups/www.look.test`, { choices: {} });
    const wish = { name: 'looks', permissions: ['zone:read', 'dns:read', 'ssl:read'], zones: [zone.id] };
    const { result } = await postern.call<{ readonly token: string }>('POST', '/postern/v1/tokens', wish);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, result.token, '/setup/look.test/www.look.test');
    await page.getByText('this token may add none').waitFor();
    for (const name of ['Give up', 'Add the record']) {
      assert.equal(await page.getByRole('button', { name }).count(), 0, name);
    }
    await mustBeWhole(page, 'setup-looking');
    await page.goto('/dashboard/setup/look.test/other.look.test');
    await page.getByText('No set-up of other.look.test is under way.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Begin' }).count(), 0);
    await mustBeWhole(page, 'setup-none');
    assert.deepEqual(complaints, []);
  });
});

/** Accessible, and no wider than the screen; kept to be looked at. */
/** Whoever looks too early loses nothing: what stands below stays where it is meanwhile, and it is looked at again by itself. */
async function mustStayInPlace(page: Page): Promise<void> {
  const block = page.getByRole('region', { name: 'All at once', exact: true });
  const before = await block.boundingBox();
  await page.getByRole('button', { name: 'Look at the lock now', exact: true }).click();
  await page.getByText('Knocking as a stranger and as the edge').waitFor();
  assert.equal((await block.boundingBox())?.y, before?.y, 'the block moved while it is looked at');
  await page.getByRole('heading', { name: 'Mend this, then look again' }).waitFor();
}

async function mustBeWhole(page: Page, name: string): Promise<void> {
  await mustBeAccessible(page);
  await screenshot(page, name);
  await mustFit(page, name);
}

const WIDE = { width: 1280, height: 860 };

/** The same on the screen of a telephone, and back. */
async function mustBeWholeNarrow(page: Page, name: string): Promise<void> {
  await page.setViewportSize({ width: 390, height: 800 });
  await mustBeWhole(page, name);
  await page.setViewportSize(WIDE);
}
