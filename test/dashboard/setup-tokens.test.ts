/** The tokens of a set-up once it is over: those that nobody needs any more, and one that goes on. */

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { TOKEN_FILE } from '../../dashboard/src/pages/setup/service-token.ts';
import { type ServerAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { run } from '../scenarios/program.ts';
import { lockedSite, type Site } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const ZONE = 'ends.test';
const HOST = `www.${ZONE}`;
const DAY = 86_400_000;

interface TokenSeen {
  readonly name: string;
  readonly permissions: readonly string[];
  readonly zones: readonly string[];
  readonly expires_on: string;
}

describe('tokens once a set-up is proved', needs('chromium', 'nginx'), () => {
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
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  /** A set-up whose origin enforces, opened where it is to be looked at. */
  const begun = async (page: Page, way: object): Promise<void> => {
    const choices = { server: 'nginx', mode: 'enforce', ...way };
    await postern.call('PUT', `/postern/v1/zones/${site.zone}/setups/${HOST}`, { choices });
    await signIn(page, postern.token, `/setup/${ZONE}/${HOST}`);
  };
  const proved = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Look at the lock now' }).click();
    await page.getByRole('heading', { name: 'The lock is proved' }).waitFor();
  };
  const copied = (page: Page, label: string): Promise<string> =>
    page.getByRole('region', { name: label, exact: true }).locator('code').innerText();

  test('a service is offered a token that lasts and may report alone, and reports with it', async () => {
    using scratch = scratchDirectory();
    await using looking = await lookAt(browser, { base: postern.base, width: 1366, height: 768 });
    const { page, complaints } = looking;
    await begun(page, { way: 'copy', lines: true });
    await proved(page);
    await page.getByText('Have that service report as well: with a token that lasts').click();
    await page.getByText('That of this set-up ends within seven days').waitFor();
    await page.getByRole('button', { name: 'Make a token for the service' }).click();
    const block = (await copied(page, 'Token into a file')).replaceAll('/etc/postern', scratch.path);
    const file = TOKEN_FILE.replace('/etc/postern', scratch.path);
    const wrote = await run([], {}, ['sh', '-c', block]);
    assert.equal(wrote.code, 0, wrote.stderr);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const command = await copied(page, 'Service that reports');
    assert.match(command, new RegExp(` --token-file ${TOKEN_FILE} --install-service$`));
    await mustBeAccessible(page);
    await screenshot(page, 'setup-service-token');
    await page.setViewportSize({ width: 390, height: 800 });
    await mustFit(page);

    const { result } = await postern.call<readonly TokenSeen[]>('GET', '/postern/v1/tokens');
    const made = result.find(({ name }) => name === `service at ${HOST}`) ?? assert.fail('it is there');
    assert.deepEqual([made.permissions, made.zones], [['origin:report'], [site.zone]]);
    assert.ok(Date.parse(made.expires_on) > Date.now() + 300 * DAY, made.expires_on);
    const log = join(scratch.path, 'callers.log');
    const told = ['watch-report', '--api', postern.base, '--zone', site.zone, '--hostname', HOST, '--log', log];
    await run([], {}, ['sh', '-c', `: > ${log}`]);
    const env = { POSTERN_TOKEN: readFileSync(file, 'utf8').trim() };
    const ended = await run(['origin', ...told, '--state', `${log}.state`], env);
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(complaints, []);
  });

  test('no token is made that outlives who makes it', async () => {
    const wish = { name: 'for a month', permissions: ['*'], zones: 'all', expires_on: isoIn(30) };
    const { result } = await postern.call<{ readonly token: string }>('POST', '/postern/v1/tokens', wish);
    await using looking = await lookAt(browser, { base: postern.base });
    const { page } = looking;
    await begun(page, { way: 'install' });
    await proved(page);
    await page.context().clearCookies();
    await signIn(page, result.token, `/setup/${ZONE}/${HOST}`);
    await page.getByText('Have that service report as well: with a token that lasts').click();
    await page.getByRole('button', { name: 'Make a token for the service' }).click();
    assert.match(
      await copied(page, 'Service that reports'),
      /^postern origin sync --token-file \S+ --install-service$/,
    );
    const { result: all } = await postern.call<readonly TokenSeen[]>('GET', '/postern/v1/tokens');
    assert.ok(all.some(({ name, expires_on }) => name === `service at ${HOST}` && expires_on === wish.expires_on));
  });

  for (const theme of THEMES) {
    test(`where Finish leads, the token that is left is said and taken back (${theme})`, async () => {
      await using looking = await lookAt(browser, { base: postern.base, theme, width: 1366, height: 768 });
      const { page, complaints } = looking;
      await begun(page, { way: 'install' });
      await proved(page);
      await page.goto(`/dashboard/setup/${ZONE}/${HOST}?step=enforce`);
      await page.getByText('Address and token for these commands').click();
      await page.getByRole('button', { name: 'Make a token for this origin' }).click();
      const line = await copied(page, 'Token for the terminal on the origin');
      const left = page.locator('.note', { hasText: 'The token of its set-up still counts, until' });
      await page.reload();
      await page.getByText('The token of this set-up still counts').waitFor();
      await page.goto(`/dashboard/zones/${ZONE}/attestations/${HOST}`);
      await page.getByText('Last seen open').waitFor();
      await mustCount(left, 0);
      await page.goto(`/dashboard/setup/${ZONE}/${HOST}`);
      await page.getByRole('button', { name: 'Finish' }).click();
      await left.getByText('Nothing ever used it: revoke it.').waitFor();
      await mustBeAccessible(page);
      await page.evaluate('scrollTo(0, 0)');
      await screenshot(page, `setup-token-left-${theme}`);
      const authorization = `Bearer ${line.trim().replace(/^.*=/, '')}`;
      assert.equal((await fetch(`${postern.base}/client/v4/zones`, { headers: { authorization } })).status, 200);
      await until('its use is told', async () => {
        await page.reload();
        await left.waitFor();
        return left.getByText('a service that goes on reporting needs a token of its own').isVisible();
      });
      await page.getByRole('button', { name: 'Revoke the token' }).click();
      await page.getByText('The token of its set-up is revoked: its commands at the origin end.').waitFor();
      assert.equal((await fetch(`${postern.base}/client/v4/zones`, { headers: { authorization } })).status, 401);
      assert.deepEqual(complaints, []);
    });
  }
});

function isoIn(days: number): string {
  return new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY).toISOString();
}
