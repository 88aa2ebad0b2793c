import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { needs } from '../support/availability.ts';
import { lookAt, tooWide, screenshot, signIn, startBrowser } from './browser.ts';
import { type Furnished, furnish } from './furnished.ts';

/** A phone, the least that WCAG 1.4.10 asks for, a desktop at 200 %, a tablet, and a desktop. */
const WIDTHS = [320, 390, 640, 1024, 1280] as const;

describe('pages on screens of every width', needs('chromium', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  let world: Furnished;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    world = await furnish(postern);
  });
  after(async () => {
    await browser?.close();
    await world?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  const pages = (): readonly (readonly [name: string, path: string])[] => {
    const zone = `/zones/${world.name}`;
    return [
      ['overview', '/'],
      ['zones', '/zones'],
      ['setup', '/setup'],
      ['notices', '/notices'],
      ['edges', '/edges'],
      ['tokens', '/tokens'],
      ['audit', '/audit'],
      ['zone', zone],
      ['dns', `${zone}/dns`],
      ['ssl', `${zone}/ssl`],
      ['edge-certificates', `${zone}/ssl/edge-certificates`],
      ['origin-server', `${zone}/ssl/origin-server`],
      ['rotations', `${zone}/rotations`],
      ['rotation', `${zone}/rotations/${world.rotation}`],
      ['attestations', `${zone}/attestations`],
      ['attestation', `${zone}/attestations/${world.host}`],
      ['protection', `${zone}/protection`],
      ['analytics', `${zone}/analytics`],
      ['zone-audit', `${zone}/audit`],
    ];
  };

  test('each fits, with everything in it', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token);
    const found: string[] = [];
    for (const [name, path] of pages()) {
      await page.goto(`/dashboard${path}`);
      await loaded(page);
      // By clicks one would chase what a live page draws anew.
      await page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })");
      await loaded(page);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
        await page.emulateMedia({ colorScheme: width === 1024 ? 'dark' : 'light' });
        if (width === 390 || width === 1024) await screenshot(page, `wide-${width}-${name}`);
        found.push(...(await tooWide(page)).map((frame) => `${name} at ${width}: ${frame}`));
      }
    }
    assert.deepEqual(found, []);
    assert.deepEqual(complaints, []);
  });

  test('a command that is folded is copied as it is, by its button and by hand', async () => {
    await using looking = await lookAt(browser, { base: postern.base, width: 390, height: 800 });
    const { page, context, complaints } = looking;
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await signIn(page, postern.token, `/zones/${world.name}/rotations/${world.rotation}`);
    const block = page.getByRole('figure').filter({ hasText: 'postern ca bundle' });
    const code = block.locator('code');
    const text = await code.textContent();
    assert.match(text ?? '', /^postern ca bundle --zone furnished\.test --out bundle\.pem --trusted bundle\.pem\n#/);
    const lines = text?.split('\n').length ?? 0;
    assert.ok(await code.evaluate((element, count) => element.getClientRects().length > count, lines), 'is not folded');
    await block.getByRole('button', { name: /^Copy/ }).click();
    await block.getByText('Copied').first().waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), text);
    await code.evaluate((element) => element.ownerDocument.getSelection()?.selectAllChildren(element));
    assert.equal(await page.evaluate('getSelection().toString()'), text);
    assert.deepEqual(complaints, []);
  });
});

/** Waits until nothing is awaited any more. */
async function loaded(page: Page): Promise<void> {
  await page.locator('#page h1').waitFor();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
}
