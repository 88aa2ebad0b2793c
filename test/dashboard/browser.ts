import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type RunOnly } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { until } from '../scenarios/until.ts';
import { programPath } from '../support/availability.ts';

/** A real Chromium, and what tests of the dashboard do with it. */

const WAIT = 45_000;
/** Where screenshots are kept: to be looked at after a run. */
const SCREENS = join(import.meta.dirname, '../../dist/screens');
/** Those that stand in the guides; POSTERN_IMAGES=write renews them. */
const IMAGES = join(import.meta.dirname, '../../docs/images');
const IN_GUIDES: ReadonlySet<string> = new Set([
  'overview-light',
  'setup-watch',
  'setup-proved-dark',
  'origin-server-asked',
  'ssl-looked-at-light',
  'attestation-locked',
]);

export const THEMES = ['light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

interface Looking extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page asked of others than Postern, and what its policy or its code complained about. */
  readonly complaints: readonly string[];
}

export interface LookingOptions {
  /** Address of the API and the dashboard, without a path. */
  readonly base: string;
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
}

/** Starts Chromium, headless; as root it can have no sandbox. */
export async function startBrowser(): Promise<Browser & AsyncDisposable> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: programPath('chromium'), args });
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() });
}

/** A browser of somebody else: cookies, storage and all. */
export async function lookAt(browser: Browser, { base, theme = 'light', width = 1280, height = 860 }: LookingOptions) {
  const context = await browser.newContext({
    baseURL: base,
    colorScheme: theme,
    viewport: { width, height },
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Zurich',
    locale: 'en-GB',
    ignoreHTTPSErrors: true,
  });
  context.setDefaultTimeout(WAIT);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${base}/`) && !request.url().startsWith('blob:'))
      complaints.push(`asked ${request.url()}`);
  });
  page.on('pageerror', (error) => complaints.push(`threw ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    // The browser itself writes down every answer that is no success; the pages show those that matter.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  return { page, context, complaints, [Symbol.asyncDispose]: () => context.close() } satisfies Looking;
}

/** Signs in by the form, as people do. */
export async function signIn(page: Page, token: string, path = '/'): Promise<void> {
  await page.goto(`/dashboard${path}`);
  await page.getByLabel('API token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#page h1').waitFor();
}

/** Keeps what the page looks like under a name, for whoever looks at it later. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENS, { recursive: true });
  await page.evaluate('scrollTo(0, 0)');
  await page.screenshot({ path: join(SCREENS, `${name}.png`), fullPage: true });
  if (process.env['POSTERN_IMAGES'] !== 'write' || !IN_GUIDES.has(name)) return;
  mkdirSync(IMAGES, { recursive: true });
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What the other theme could break: the colours of the same words. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/**
 * Fails where the page breaks a rule of WCAG 2.2 AA that a machine can judge, in the theme that it has and in the other:
 * what is open stays open, so each dialog and each state is judged in both.
 */
export async function mustBeAccessible(page: Page): Promise<void> {
  // What has scrolled half-way under the bar at the top would count as a target that is too small.
  await page.evaluate('scrollTo(0, 0)');
  await page.evaluate(axe.source);
  const isDark = await page.evaluate<boolean>("matchMedia('(prefers-color-scheme: dark)').matches");
  const [here, other] = isDark ? (['dark', 'light'] as const) : (['light', 'dark'] as const);
  const found = await violations(page, { type: 'tag', values: TAGS });
  await page.emulateMedia({ colorScheme: other });
  const foundInOther = await violations(page, { type: 'rule', values: OF_COLOURS });
  await page.emulateMedia({ colorScheme: here });
  const all = [...found, ...foundInOther.map((words) => `${other}: ${words}`)];
  assert.deepEqual(all, [], `${page.url()}\n${all.join('\n')}`);
}

/** What axe finds wrong with what is shown now. */
async function violations(page: Page, runOnly: RunOnly): Promise<readonly string[]> {
  return page.evaluate(async (only) => {
    // The script above made it a global of the page.
    const { axe: judge } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations: broken } = await judge.run({ runOnly: only });
    return broken.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html }) => html).join('\n  ')}`);
  }, runOnly);
}

/** What holds words or controls that people would have to scroll sideways for. */
const FRAMES = 'html, .table-frame:not(.dense), .code-block section, dialog';

/** Fails where one has to scroll sideways to see the page, or a table or a command of it (WCAG 1.4.10). */
export async function mustFit(page: Page, what = page.url()): Promise<void> {
  assert.deepEqual(await tooWide(page), [], what);
}

/** What of a page is wider than the place that it has. */
export function tooWide(page: Page): Promise<readonly string[]> {
  return page
    .locator(FRAMES)
    .evaluateAll((frames) =>
      frames
        .filter((frame) => frame.scrollWidth > frame.clientWidth && frame.checkVisibility())
        .map((frame) => `${frame.ariaLabel ?? frame.localName}: ${frame.scrollWidth} of ${frame.clientWidth}`),
    );
}

/** Whether all of it is on the screen, without scrolling. */
export function isInSight(what: Locator): Promise<boolean> {
  return what.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= element.ownerDocument.documentElement.clientHeight;
  });
}

/** Waits until there are so many, no more and no fewer: a list that was searched or turned is another one a moment later. */
export async function mustCount(what: Locator, count: number): Promise<void> {
  if (count > 0) await what.nth(count - 1).waitFor({ state: 'attached' });
  await what.nth(count).waitFor({ state: 'detached' });
  // In between there may be none at all.
  await until(`there are ${count}`, async () => (await what.count()) === count);
}
