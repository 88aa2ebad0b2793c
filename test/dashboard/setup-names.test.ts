import assert from 'node:assert/strict';
import { after as afterAll, before, describe, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { run } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import { knock } from '../support/knock.ts';
import { lookAt, mustBeAccessible, mustFit, screenshot, signIn, startBrowser } from './browser.ts';
import { type DebianMachine, needsDebian, startDebianMachine } from './debian-machine.ts';
import { visitByButton } from './visit-by-button.ts';

const WWW = 'www.example.test';
const APEX = 'example.test';

/** Between two who come. */
const PAUSE = 500;

describe('a site of two names in one server block', needsDebian('chromium', 'curl', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    const { result: zone } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: APEX });
    await postern.call('PATCH', `/zones/${zone.id}/settings/ssl`, { value: 'full' });
    await postern.call('POST', '/zones', { name: 'other.test' });
  });
  afterAll(async () => {
    await browser?.close();
    await postern?.[Symbol.asyncDispose]();
  });

  test('each of its names is led to the edge, watched, weighed, locked and proved', async () => {
    await using machine = await startDebianMachine('nginx', [APEX]);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, '/setup');
    await begin(page, machine.port);
    await named(page);
    await page.getByRole('button', { name: 'Make the configuration' }).click();

    const records = page.getByRole('list', { name: 'Records of the other names' });
    await page.getByRole('heading', { name: /have the edge serve every name ?Begin here/ }).waitFor();
    await records.getByText(`${APEX} has no record:`).waitFor();
    await page.getByText(/^What to know before/).click();
    await page.getByText(`${APEX}: No proxied record leads here yet`).waitFor();
    await page.getByLabel('Where the edge answers').fill(`127.0.0.1:${postern.https}`);
    await page.getByRole('button', { name: 'Make a token for this origin' }).click();
    machine.remember(await copied(page, 'Token for the terminal on the origin'));
    await whole(page, 'setup-names-configure');
    machine.leaveRunning(await copied(page, 'Install command'));
    // Postern's own looks move nobody on: the visit is what is to be done.
    await page.getByRole('heading', { name: 'Then open the site through the edge' }).waitFor();
    await page.getByText('From a browser or a terminal instead').click();
    const visit = await copied(page, 'Visit through the edge');
    assert.doesNotMatch(visit, /\/\/example\.test:/);
    await seen(page, WWW, 'Seen', () => typed(machine, visit));
    await seen(page, APEX, 'No record: 404 at the edge', async () => undefined);
    await page.getByText('Not for every name a request with the certificate').last().waitFor();
    await counted(page, () => knock({ port: machine.port, sni: APEX }));
    await whole(page, 'setup-names-watch');
    await page.setViewportSize({ width: 390, height: 800 });
    await whole(page, 'setup-names-watch-narrow');
    await page.setViewportSize({ width: 1280, height: 860 });
    await weighed(page);

    await records.getByRole('button', { name: `Make the same record for it: ${APEX}` }).click();
    await page.getByText(`The edge serves ${APEX}.`).waitFor();
    await page.getByText(`It is about ${APEX}.`).waitFor();
    await page.getByRole('button', { name: 'Enforce all the same' }).waitFor();
    await page.getByText(`asks the edge for the first page of ${APEX},`).waitFor();
    await seen(page, APEX, 'Seen', () => visitByButton(page));

    await page.getByRole('button', { name: /^Enforce/ }).click();
    const dialog = page.getByRole('dialog', { name: /^Enforce / });
    assert.equal(await dialog.getByText('answers 404').count(), 0);
    await dialog.getByRole('button', { name: 'Enforce', exact: true }).click();
    await page.getByRole('heading', { name: 'On the origin: put the enforcing configuration in place' }).waitFor();
    await typed(machine, await copied(page, 'Install command'));
    await page.getByRole('heading', { name: 'The lock is proved' }).waitFor();
    for (const name of [WWW, APEX])
      await page.getByRole('row', { name }).getByText('Proved: the edge gets in, strangers do not.').first().waitFor();
    await page.getByText(`At ${WWW} and ${APEX} the edge gets in`).waitFor();
    await whole(page, 'setup-names-proved');
    await page.setViewportSize({ width: 390, height: 800 });
    await whole(page, 'setup-names-proved-narrow');
    const asked = ['setup', '--zone', APEX, '--hostname', WWW];
    const told = await run(asked, { POSTERN_API: postern.base, POSTERN_TOKEN: postern.token });
    for (const name of [WWW, APEX])
      assert.match(told.stdout, new RegExp(`^  ${name}: \\d+ by the edge, \\d+ otherwise; proved$`, 'm'));
    assert.deepEqual(complaints, []);
  });

  test('a name of another zone is sent to its own, and one that stays DNS only is proxied here', async () => {
    await using looking = await lookAt(browser, { base: postern.base, theme: 'dark' });
    const { page, complaints } = looking;
    const { result: zones } = await postern.call<readonly { readonly id: string }[]>('GET', `/zones?name=${APEX}`);
    const path = `/zones/${zones[0]?.id}/dns_records`;
    const record = { type: 'A', content: '127.0.0.1', origin: { https_port: 19_443, host_header: WWW } };
    await postern.call('POST', path, { ...record, name: 'shop', proxied: true });
    await postern.call('POST', path, { ...record, name: 'old', proxied: false });
    await signIn(page, postern.token, `/setup/${APEX}/shop.${APEX}`);
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByLabel('Server', { exact: true }).selectOption('nginx');
    await page.getByLabel('Other names of the same site').fill(`old.${APEX}, www.other.test, www.nowhere.test`);
    await page.getByText('www.nowhere.test belongs to no zone here').waitFor();
    await page.getByText('www.other.test belongs to the zone other.test').waitFor();
    await whole(page, 'setup-names-elsewhere-dark');
    await page.getByRole('button', { name: 'Make the same record for it: www.other.test' }).click();
    await page.getByText('The edge serves www.other.test.').waitFor();
    const { result: others } = await postern.call<readonly { readonly id: string }[]>('GET', '/zones?name=other.test');
    const there = `/zones/${others[0]?.id}/dns_records`;
    const copies = await postern.call<readonly { readonly origin: object }[]>('GET', there);
    assert.deepEqual(copies.result[0]?.origin, { https_port: 19_443, host_header: WWW });
    await page.getByRole('button', { name: `Proxy old.${APEX}` }).click();
    await page.getByText(`old.${APEX} → 127.0.0.1`).waitFor();
    await page.getByRole('link', { name: 'lock it by a set-up of its own' }).click();
    await page.getByText('No set-up of www.other.test is under way.').waitFor();
    assert.deepEqual(complaints, []);
  });
});

/** The first step, by clicks: an origin on this machine. */
async function begin(page: Page, port: number): Promise<void> {
  await page.getByLabel('Zone').fill(APEX);
  await page.getByLabel('Hostname').fill('www');
  await page.getByLabel('Address of the origin').fill('127.0.0.1');
  await page.getByLabel('HTTPS port of the origin').fill(String(port));
  await page.getByRole('button', { name: 'Begin' }).click();
}

/** The second step: the other name is said, and that it has no record is said at once. */
async function named(page: Page): Promise<void> {
  await page.getByLabel('Server', { exact: true }).selectOption('nginx');
  await page.getByLabel('Other names of the same site').fill(APEX);
  await page.getByText(`${APEX} has no record:`).waitFor();
  await page.getByText('API call: Make the same record').waitFor();
  await page.getByRole('checkbox', { name: `Make the same record for ${APEX}` }).uncheck();
  await page.getByText('visitors who ask for it get 404 at the edge.').waitFor();
  await whole(page, 'setup-names-server');
}

/** What enforcing would mean while the other name is served by nobody but the origin. */
async function weighed(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Enforce/ }).click();
  const dialog = page.getByRole('dialog', { name: `Enforce ${WWW} and ${APEX}` });
  await dialog.getByText('The edge does not serve them, and answers 404.').waitFor();
  await dialog.getByText(/requests? for them reached the origin since it was configured/).waitFor();
  await dialog.getByText(APEX, { exact: true }).waitFor();
  assert.equal(await dialog.getByText('Nothing that works now').count(), 0);
  await screenshot(page, 'setup-names-weighed');
  await page.keyboard.press('Escape');
}

/** Waits until the row of a name says so, without the page being loaded again. */
async function seen(page: Page, name: string, text: string, come: () => Promise<unknown>): Promise<void> {
  const row = page.getByRole('table', { name: 'Requests by name' }).getByRole('row', { name: new RegExp(`^${name}`) });
  await until(`${name}: ${text}`, async () => {
    if ((await row.getByText(text).count()) > 0) return true;
    await come();
    await after(PAUSE);
    return null;
  });
}

/** Waits until somebody without the certificate is counted. */
async function counted(page: Page, come: () => Promise<unknown>): Promise<void> {
  const tile = page.locator('.setup-count', { hasText: 'Without a certificate' }).locator('strong');
  await until('a stranger is counted', async () => {
    if (Number((await tile.allInnerTexts())[0] ?? 0) > 0) return true;
    await come();
    await after(PAUSE);
    return null;
  });
}

async function whole(page: Page, name: string): Promise<void> {
  await mustBeAccessible(page);
  await screenshot(page, name);
  await mustFit(page, name);
}

function copied(page: Page, label: string): Promise<string> {
  return page.getByRole('region', { name: label, exact: true }).locator('code').innerText();
}

async function typed(machine: DebianMachine, line: string): Promise<void> {
  const ended = await machine.type(line);
  assert.equal(ended.code, 0, `${line}\n${ended.stdout}${ended.stderr}`);
}
