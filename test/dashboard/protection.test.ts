import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import type { ImpactView } from '../../src/wire/impact.ts';
import { addRecord, createZone, statusOf, visit } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const MARKUP = '"><img src=x onerror=alert(1)>';
const HOST = 'www.shop.test';
const PAGE = '/zones/shop.test/protection';

describe('protection', needs('chromium'), () => {
  let postern: Postern;
  let browser: Browser;
  let application: EchoApplication;
  let zone = '';
  before(async () => {
    [postern, browser, application] = await Promise.all([startPostern(), startBrowser(), startEcho()]);
    zone = await createZone(postern, 'shop.test', null);
    await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
    await addRecord(postern, zone, { name: HOST, origin: { http_port: application.port } });
  });
  after(async () => {
    await browser.close();
    await postern[Symbol.asyncDispose]();
    await application[Symbol.asyncDispose]();
  });

  const asked = async () => statusOf(await visit(postern, HOST));
  /** Waits until so many requests are counted: what is asked in the page is asked once. */
  const counted = async (words: RegExp, change: object): Promise<void> => {
    await until(`${words.source} is counted`, async () => {
      const path = `/postern/v1/zones/${zone}/impact`;
      const { consequences } = (await postern.call<ImpactView>('POST', path, change)).result;
      return consequences.some(({ text }) => words.test(text));
    });
  };
  const rules = (page: Page) => page.getByRole('region', { name: 'Access rules', exact: true });
  const limits = (page: Page) => page.getByRole('region', { name: 'Rate limits', exact: true });

  test('a blocked network is refused by the edge, after it was refused at its field and kept over a reload', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByText('Every address is let in').waitFor();
    await page.getByText('no hostname of this zone has a lock').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'protection-empty');
    assert.equal(await asked(), 200);
    await page.getByRole('button', { name: 'Add a rule' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add an access rule', exact: true });
    await dialog.getByLabel('Address or network').fill('127.0.0.1/8');
    await dialog.getByLabel('Note').fill(MARKUP);
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.locator('.field-problem').waitFor();
    assert.match(await dialog.locator('.field-problem').innerText(), /without bits beyond its prefix/);
    await mustBeAccessible(page);
    await screenshot(page, 'protection-rule-refused');
    await page.reload();
    await page.getByRole('button', { name: 'Add a rule' }).click();
    assert.equal(await dialog.getByLabel('Note').inputValue(), MARKUP);
    await dialog.getByLabel('Address or network').fill('127.0.0.0/8');
    const configuration = { target: 'ip_range', value: '127.0.0.0/8' };
    await counted(/one request/, { kind: 'access_rule_put', change: { mode: 'block', configuration } });
    await dialog.getByRole('button', { name: 'Add' }).click();
    const question = page.getByRole('dialog', { name: 'Add an access rule: what follows' });
    await question.getByText('There was one request to the zone').waitFor();
    await question.getByText('Whether it came from there is not counted').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'protection-rule-asked');
    await question.getByRole('button', { name: 'Leave it as it is' }).click();
    assert.equal(await asked(), 200);
    assert.equal(await dialog.getByLabel('Address or network').inputValue(), '127.0.0.0/8');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await question.getByRole('button', { name: 'Add' }).click();
    await dialog.waitFor({ state: 'detached' });
    await rules(page)
      .getByRole('row', { name: /127\.0\.0\.0\/8/ })
      .waitFor();
    assert.equal(await asked(), 403);
    assert.deepEqual(complaints, []);
  });

  test('a rule is changed, found by its note, and deleted after it was said what follows', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    const row = rules(page).getByRole('row', { name: /127\.0\.0\.0\/8/ });
    const { result } = await postern.call<{ id: string }[]>('GET', `/zones/${zone}/firewall/access_rules/rules`);
    await counted(/turned one request away/, { kind: 'access_rule_delete', rule: result[0]?.id });
    await row.getByRole('button', { name: 'Change' }).click();
    const form = page.getByRole('dialog', { name: 'Change the rule for 127.0.0.0/8', exact: true });
    await form.getByLabel('What becomes of these visitors').selectOption('whitelist');
    await form.getByRole('button', { name: 'Save' }).click();
    const asking = page.getByRole('dialog', { name: 'Change the rule for 127.0.0.0/8: what follows' });
    await asking.getByText('The rule turned one request away').waitFor();
    await asking.getByText('pass whatever other rules and limits say').waitFor();
    await asking.getByRole('button', { name: 'Save' }).click();
    await row.getByText('Let in').waitFor();
    assert.equal(await asked(), 200);
    const search = rules(page).getByRole('searchbox');
    await search.fill('nobody wrote this');
    await rules(page).getByText('No rule has this in its note').waitFor();
    await search.fill('onerror');
    await row.waitFor();
    await row.getByRole('button', { name: 'Delete' }).click();
    const question = page.getByRole('dialog', { name: 'Delete the rule for 127.0.0.0/8' });
    await question.getByText('meet the other rules and the limits again').waitFor();
    await mustBeAccessible(page);
    await question.getByRole('button', { name: 'Delete it' }).click();
    await row.waitFor({ state: 'detached' });
    assert.deepEqual((await postern.call('GET', `/zones/${zone}/firewall/access_rules/rules`)).result, []);
    assert.deepEqual(complaints, []);
  });

  test('a rate limit turns away whoever asks too often, until it is switched off', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, PAGE);
    await page.getByRole('button', { name: 'Add a limit' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a rate limit', exact: true });
    await dialog.getByLabel('Requests', { exact: true }).fill('many');
    await dialog.getByLabel('Description').fill(MARKUP);
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.locator('.field-problem').waitFor();
    assert.deepEqual(await dialog.locator('.field.wrong label').allInnerTexts(), ['Requests']);
    await mustBeAccessible(page);
    await screenshot(page, 'protection-limit-refused');
    await dialog.getByLabel('Requests', { exact: true }).fill('1');
    await dialog.getByLabel('Seconds', { exact: true }).fill('600');
    await dialog.getByLabel('Whoever asks more often').selectOption('ban');
    await dialog.getByRole('button', { name: 'Add' }).click();
    const question = page.getByRole('dialog', { name: 'Add a rate limit: what follows' });
    await question.getByText('How often each visitor asked is not counted').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'protection-limit-asked');
    await question.getByRole('button', { name: 'Add' }).click();
    await limits(page).getByText('turned away for 10 minutes').waitFor();
    assert.deepEqual([await asked(), await asked()], [200, 429]);
    const inForce = limits(page).getByRole('switch');
    await counted(/The limit turned one request away/, {
      kind: 'rate_limit_delete',
      rule: (await postern.call<{ id: string }[]>('GET', `/zones/${zone}/rate_limits`)).result[0]?.id,
    });
    await inForce.click();
    const switching = page.getByRole('dialog');
    await switching.getByText('The limit turned one request away').waitFor();
    await switching.getByRole('button', { name: 'Switch it off' }).click();
    await limits(page).locator('[role=switch][aria-checked=false]').waitFor();
    assert.deepEqual([await asked(), await asked()], [200, 200]);
    await limits(page).getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
    await limits(page).getByText('Every visitor may ask as often as they like').waitFor();
    assert.deepEqual(complaints, []);
  });

  describe('with rules and limits', () => {
    let reader = '';
    before(async () => {
      const access = `/zones/${zone}/firewall/access_rules/rules`;
      const network = { target: 'ip_range', value: '192.0.2.0/24' };
      const office = { target: 'ip6', value: '2001:db8::7' };
      await postern.call('POST', access, { mode: 'block', configuration: network, notes: 'Scanners of last week' });
      await postern.call('POST', access, { mode: 'whitelist', configuration: office, notes: 'The office' });
      const action = { mode: 'ban', timeout: 600 };
      for (const url of ['*.shop.test/login*', 'www.shop.test/search*']) {
        const limit = { match: { request: { methods: ['POST'], url } }, threshold: 5, period: 60, action };
        await postern.call('POST', `/zones/${zone}/rate_limits`, limit);
      }
      const rights = { name: 'reader', permissions: ['zone:read', 'firewall:read'], zones: ['shop.test'] };
      reader = (await postern.call<{ token: string }>('POST', '/postern/v1/tokens', rights)).result.token;
    });

    for (const theme of THEMES) {
      test(`whoever may change them is offered to (${theme})`, async () => {
        await using looking = await lookAt(browser, { base: postern.base, theme });
        const { page, complaints } = looking;
        await signIn(page, postern.token, PAGE);
        await limits(page).getByRole('row', { name: /login/ }).waitFor();
        await rules(page)
          .getByRole('row', { name: /Scanners/ })
          .waitFor();
        await page.getByText('no hostname of this zone has a lock').waitFor();
        await mustCount(page.getByRole('button', { name: /^Delete/ }), 4);
        await mustBeAccessible(page);
        await screenshot(page, `protection-${theme}`);
        assert.deepEqual(complaints, []);
      });

      test(`whoever may only read sees them, also on a narrow screen (${theme})`, async () => {
        await using looking = await lookAt(browser, { base: postern.base, theme, width: 390 });
        const { page, complaints } = looking;
        await signIn(page, reader, PAGE);
        await limits(page).getByRole('row', { name: /login/ }).waitFor();
        await rules(page)
          .getByRole('row', { name: /Scanners/ })
          .waitFor();
        await page.getByText('unless the origin refuses everybody').waitFor();
        assert.equal(await page.getByRole('button', { name: /^(Add|Change|Delete)/ }).count(), 0);
        assert.equal(await page.getByRole('switch').count(), 0);
        await mustBeAccessible(page);
        await screenshot(page, `protection-narrow-${theme}`);
        await mustFit(page);
        assert.deepEqual(complaints, []);
      });
    }
  });
});
