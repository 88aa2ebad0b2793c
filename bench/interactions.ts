import type { Page } from 'playwright-core';
import { LARGE, zoneNamed } from './full-installation.ts';
import { until } from './page-clock.ts';

/** Something that a person does on a page, and how one sees in the page that it is done. */
export interface Interaction {
  readonly name: string;
  readonly act: (page: Page) => Promise<unknown>;
  /** An expression of the page. */
  readonly ready: string;
  /** What has to be there before, and is not measured. */
  readonly before?: (page: Page) => Promise<unknown>;
}

const HEADING = "document.querySelector('main h1')?.textContent";
const ROWS = "document.querySelectorAll('main tbody tr')";
const PAGER = "document.querySelector('.pager')?.textContent ?? ''";
const is = (heading: string) => `${HEADING} === ${JSON.stringify(heading)}`;
/** A zone's own page, all of it. */
export const isShown = (zone: string) => `${is(zone)} && document.querySelector('.skeleton') === null`;
const rowsOf = (caption: string) => `document.querySelectorAll('[aria-label="Table: ${caption}"] tbody tr')`;

const entry = (name: string) => (page: Page) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).last().click();
const inZone = (path: string) => (page: Page) =>
  page.locator(`.nav a[href="/dashboard/zones/${LARGE}${path}"]`).click();
const noBox = async (page: Page) => until(page, "document.querySelector('dialog') === null");
const closed = async (page: Page) => {
  await page.keyboard.press('Escape');
  await noBox(page);
};

/** Types a text key by key: how long until each stands there, and after the last one until what was found does. */
function typed(what: string, label: string, text: string, found: string): readonly Interaction[] {
  const last = text.length - 1;
  const value = (count: number) =>
    `document.querySelector('[aria-label="${label}"]').value === ${JSON.stringify(text.slice(0, count + 1))}`;
  return text.split('').map((key, index) => ({
    name: index === last ? `${what}: found, after the last key` : `${what}: a key`,
    act: (page) => page.keyboard.press(key),
    ready: index === last ? found : value(index),
    ...(index === 0 ? { before: (page: Page) => page.getByLabel(label).focus() } : {}),
  }));
}

const NEEDLE = '0421';
const every = (rows: string, text: string, least: number) =>
  `${rows}.length >= ${least} && [...${rows}].every((row) => row.textContent.includes(${JSON.stringify(text)}))`;

/** Everything that is measured, in the order in which somebody would do it. */
export const INTERACTIONS: readonly Interaction[] = [
  {
    name: 'zones: the list',
    act: entry('Zones'),
    ready: `${is('Zones')} && ${ROWS}.length === 50`,
  },
  {
    name: 'zones: next page',
    act: (page) => page.getByRole('button', { name: 'Next' }).click(),
    ready: `(${PAGER}).startsWith('51 to 100')`,
  },
  ...typed('zones: search', 'Search zones', NEEDLE, every(ROWS, NEEDLE, 1)),
  {
    name: 'zones: sort',
    before: async (page) => {
      await page.getByLabel('Search zones').fill('');
      await until(page, `(${PAGER}).startsWith('1 to 50 of 10,000')`);
    },
    act: (page) => page.getByLabel('Sort by').selectOption('name'),
    ready: `${ROWS}[0]?.textContent.includes(${JSON.stringify(LARGE)})`,
  },
  {
    name: 'zones: those that are open',
    act: (page) => page.getByRole('radio', { name: 'Open' }).check(),
    ready: `(${PAGER}).startsWith('1 to 50 of 200')`,
  },
  {
    name: 'zone: opened from the list',
    act: (page) => page.getByRole('link', { name: zoneNamed(3), exact: true }).click(),
    ready: isShown(zoneNamed(3)),
  },
  {
    name: 'large zone: opened from the list',
    before: async (page) => {
      await entry('Zones')(page);
      await page.getByLabel('Search zones').fill(LARGE);
      await until(page, `${ROWS}.length === 1`);
    },
    act: (page) => page.getByRole('link', { name: LARGE, exact: true }).click(),
    ready: isShown(LARGE),
  },
  {
    name: 'large zone: DNS',
    act: inZone('/dns'),
    ready: `${is('DNS')} && ${ROWS}.length === 50`,
  },
  {
    name: 'large zone: DNS, next page',
    act: (page) => page.getByRole('button', { name: 'Next' }).click(),
    ready: `(${PAGER}).startsWith('51 to 100') && ${ROWS}.length === 50`,
  },
  ...typed('large zone: DNS, search', 'Search records', '9421', every(ROWS, '9421', 1)),
  {
    name: 'large zone: a record turned grey, to the question',
    act: (page) => page.getByRole('switch').first().click(),
    ready: "document.querySelector('dialog[open] .dialog-acts') !== null",
  },
  {
    name: 'large zone: Origin Server',
    before: closed,
    act: inZone('/ssl/origin-server'),
    ready: `${rowsOf('Hostnames')}.length === 25 && document.querySelectorAll('.lock-link').length === 25`,
  },
  {
    name: 'large zone: Origin Server, next page',
    act: (page) =>
      page.getByRole('navigation', { name: 'Pages of hostnames' }).getByRole('button', { name: 'Next' }).click(),
    ready: `[...${rowsOf('Hostnames')}].length === 25 && !${rowsOf('Hostnames')}[0].textContent.includes('host-0.') && document.querySelectorAll('.lock-link').length === 25`,
  },
  ...typed(
    'large zone: Origin Server, search',
    'Search hostnames',
    '942',
    `${every(rowsOf('Hostnames'), '942', 2)} && document.querySelectorAll('.lock-link').length === ${rowsOf('Hostnames')}.length`,
  ),
  {
    name: 'large zone: a dialog',
    act: (page) =>
      page
        .getByRole('button', { name: /^Change what/ })
        .first()
        .click(),
    ready: "document.querySelector('dialog[open] form') !== null",
  },
  {
    name: 'large zone: Attestations',
    before: closed,
    act: inZone('/attestations'),
    ready: `${is('Attestations')} && ${ROWS}.length > 10`,
  },
  {
    name: 'large zone: Analytics',
    act: inZone('/analytics'),
    ready: `${is('Analytics')} && document.querySelectorAll('.chart').length === 4`,
  },
  {
    name: 'large zone: Analytics, a week',
    before: (page) => page.evaluate("globalThis.figuresBefore = document.querySelector('.figures').textContent"),
    act: (page) => page.getByRole('radio', { name: '7 days' }).check(),
    ready: "document.querySelector('.figures')?.textContent !== figuresBefore",
  },
  {
    name: 'audit log',
    act: entry('Audit log'),
    ready: `${is('Audit log')} && ${ROWS}.length === 50`,
  },
  {
    name: 'overview',
    act: entry('Overview'),
    ready: `${is('Overview')} && document.querySelectorAll('.count').length === 5`,
  },
];
