import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { lookAt, mustBeAccessible, screenshot, signIn, startBrowser } from './browser.ts';
import { type OriginMachine, startOriginMachine } from './origin-machine.ts';

const HOST = 'www.example.test';

describe('the guided set-up', needs('chromium', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  let machine: OriginMachine;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    machine = await startOriginMachine(postern.token);
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
      await page.getByLabel('Zone').fill('example.test');
      await page.getByLabel('Hostname').fill('www');
      await page.getByLabel('Address of the origin').fill('127.0.0.1');
      await page.getByLabel('HTTPS port of the origin').fill(String(machine.port));
      await page.getByText('There is none yet: it is added.').waitFor();
      await page.getByRole('button', { name: 'Begin' }).click();
      await page.getByRole('heading', { level: 1, name: `Lock ${HOST}` }).waitFor();
      await page.getByRole('button', { name: 'Switch on Authenticated Origin Pulls' }).waitFor();
      await mustBeAccessible(page);
      await screenshot(page, 'setup-records');
      await page.getByRole('button', { name: 'Switch on Authenticated Origin Pulls' }).click();
      await page.getByLabel('Server', { exact: true }).selectOption('nginx');
      await page.getByLabel(/^Application/).fill(`http://127.0.0.1:${machine.application.port}`);
      await page.getByText('Ports and files at the origin').click();
      await page.getByLabel('Listens at').fill(`127.0.0.1:${machine.port}`);
      await page.getByLabel('Directory of the lock').fill(join(machine.directory, 'lock'));
      await page.getByLabel('Form').selectOption('whole');
      await page.getByLabel('Runtime directory').fill(machine.directory);
      await mustBeAccessible(page);
      await screenshot(page, 'setup-server');
      await page.getByRole('button', { name: 'Make the configuration' }).click();
      await page.getByLabel('One command that writes the files').check();
      const wrote = await machine.type(await copied(page, 'Command that writes the files'));
      assert.equal(wrote.code, 0, wrote.stderr);
      await page.getByLabel('Copy the files').check();
      machine.load(await configuration(page));
      await mustBeAccessible(page);
      await screenshot(page, 'setup-configure');
      await until('nginx serves', async () => (await knock({ port: machine.port, sni: HOST })).kind === 'answered');
      machine.leaveRunning(await copied(page, 'Command that reports callers'));
      await page.getByText('No request with the certificate of the edge was counted yet.').last().waitFor();
      await knock({ port: postern.https, sni: HOST, path: '/visitor' });
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
    await page.getByRole('button', { name: 'Enforce all the same' }).click();
    const dialog = page.getByRole('dialog', { name: `Enforce ${HOST}` });
    await dialog.locator('.consequences li').first().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-enforce-dark');
    await dialog.getByRole('button', { name: 'Enforce', exact: true }).click();
    await page.getByLabel('Copy the files').check();
    await screenshot(page, 'setup-enforcing-dark');
    machine.load(await configuration(page));
    await until('nginx refuses', async () => {
      const outcome = await knock({ port: machine.port, sni: HOST });
      return outcome.kind === 'refused' || outcome.status !== 200;
    });
    await page.getByRole('button', { name: 'Look at the lock now' }).click();
    await page.getByRole('heading', { name: 'The lock is proved' }).waitFor();
    await page.getByText('Locked').first().waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-proved-dark');
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.waitForURL(/attestations\/www\.example\.test/);
    assert.deepEqual(complaints, []);
  });
});
