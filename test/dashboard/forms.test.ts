import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { createZone } from '../scenarios/site.ts';
import { needs } from '../support/availability.ts';
import { lookAt, mustBeAccessible, signIn, startBrowser } from './browser.ts';
import { type Furnished, furnish } from './furnished.ts';

/** A form of the dashboard, and how one comes to send it empty. */
interface FormCase {
  readonly what: string;
  readonly path: string;
  /** What is pressed to see it, in turn. */
  readonly open: readonly (string | RegExp)[];
  /** The part of the page that it stands in. */
  readonly within?: string;
  readonly act: string;
  /** What has to be answered before it is sent. */
  readonly yes?: string;
  /** What is wrong with it, where nothing is missing in an empty one: by label. */
  readonly typed?: Readonly<Record<string, string>>;
}

const ZONE = '/zones/furnished.test';
const PULLS = `${ZONE}/ssl/origin-server`;
const LONG = 'x'.repeat(5000);

const FORMS: readonly FormCase[] = [
  { what: 'a zone', path: '/zones', open: ['Add a zone'], act: 'Add the zone' },
  { what: 'a record', path: `${ZONE}/dns`, open: ['Add a record'], act: 'Add' },
  { what: 'a record that is changed', path: `${ZONE}/dns`, open: ['Change old.furnished.test'], act: 'Save' },
  { what: 'an edge certificate', path: `${ZONE}/ssl/edge-certificates`, open: [/^Upload/], act: 'Upload' },
  { what: 'another edge certificate', path: `${ZONE}/ssl/edge-certificates`, open: [/^Replace/], act: 'Upload' },
  { what: 'a certificate of the zone', path: PULLS, open: ['Upload for the zone'], act: 'Upload' },
  { what: 'a certificate for hostnames', path: PULLS, open: ['Upload for hostnames'], act: 'Upload' },
  { what: 'a managed certificate', path: PULLS, open: ['Have one made'], act: 'Make it' },
  { what: 'a request', path: PULLS, open: ['Make a request'], act: 'Make it', typed: { Hostnames: 'no name!' } },
  { what: 'what came of a request', path: PULLS, open: [/^CSR and certificate/], act: 'Bring it in' },
  { what: 'a rate limit', path: `${ZONE}/protection`, open: ['Add a limit'], act: 'Add' },
  { what: 'an access rule', path: `${ZONE}/protection`, open: ['Add a rule'], act: 'Add' },
  { what: 'a channel', path: '/notices', open: ['Add a channel'], act: 'Add the channel' },
  { what: 'a channel that is changed', path: '/notices', open: ['Change The duty phone'], act: 'Change it' },
  { what: 'a token', path: '/tokens', open: ['Make a token'], act: 'Make it' },
  {
    what: 'addresses of edges',
    path: '/edges',
    open: ['Change'],
    act: 'Save the addresses',
    typed: { Networks: 'nowhere' },
  },
  {
    what: 'a rotation',
    path: '/zones/other.test/rotations',
    open: [],
    within: 'Begin a rotation',
    act: 'Begin',
    yes: 'Begin the rotation',
    typed: { Reason: LONG, 'Canary, seconds': 'soon' },
  },
  {
    what: 'an emergency',
    path: '/zones/other.test/rotations',
    open: [],
    within: 'Emergency: a key is in other hands',
    act: 'Rehearse the emergency',
    yes: 'Rehearse the emergency',
    typed: { 'What has happened': LONG },
  },
  {
    what: 'the record of a set-up',
    path: '/setup/other.test/new.other.test?step=records',
    open: [],
    within: '',
    act: 'Add the record',
  },
  {
    what: 'the server of a set-up',
    path: '/setup/other.test/new.other.test?step=server',
    open: [],
    within: '',
    act: 'Make the configuration',
  },
];

interface Refusal {
  readonly message: string;
  readonly source?: { readonly pointer?: string };
}

describe('forms', needs('chromium', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  let world: Furnished;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    world = await furnish(postern);
    const zone = await createZone(postern, 'other.test', null);
    await postern.call('PUT', `/postern/v1/zones/${zone}/setups/new.other.test`, { choices: {} });
  });
  after(async () => {
    await browser?.close();
    await world?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  test('each says in the words of the API, at the field, what is wrong with it', async (context) => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token);
    const forced = `${ZONE}/rotations/${world.rotation}`;
    const steering = { what: 'a rotation forced', path: forced, open: ['Force'], act: 'Switch without proof' };
    for (const form of [...FORMS, steering]) {
      await context.test(form.what, () => mustSayAsTheApi(page, form));
    }
    assert.deepEqual(complaints, []);
  });

  test('signing in says what the API says of no token at all', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await page.goto('/dashboard/');
    await page.getByLabel('API token').waitFor();
    await mustRefuseInWords(page, page.locator('main'), () => page.getByRole('button', { name: 'Sign in' }).click());
    assert.deepEqual(complaints, []);
  });
});

async function mustSayAsTheApi(page: Page, form: FormCase): Promise<void> {
  await page.goto(`/dashboard${form.path}`);
  for (const name of form.open)
    await page
      .getByRole('button', { name, exact: typeof name === 'string' })
      .first()
      .click();
  const at =
    form.within === undefined
      ? page.getByRole('dialog')
      : form.within === ''
        ? page.locator('main')
        : page.getByRole('region', { name: form.within });
  await at.getByRole('button', { name: form.act, exact: true }).waitFor();
  await fill(at, form.typed ?? {});
  await mustRefuseInWords(page, at, async () => {
    await at.getByRole('button', { name: form.act, exact: true }).click();
    if (form.yes !== undefined)
      await page.getByRole('dialog').getByRole('button', { name: form.yes, exact: true }).click();
  });
  await mustBeAccessible(page);
}

/** Takes everything out of a form that one can take out, and types what is to be typed. */
async function fill(at: Locator, typed: Readonly<Record<string, string>>): Promise<void> {
  const folded = at.locator('details:not([open]):not(.api-call) > summary');
  while ((await folded.count()) > 0) await folded.first().click();
  for (const field of await at.locator('input:not([type=checkbox], [type=radio], [type=file]), textarea').all())
    await field.fill('');
  for (const [label, text] of Object.entries(typed)) await at.getByLabel(label).first().fill(text);
}

/** Sends it, and compares what the page says with what the API answered. */
async function mustRefuseInWords(page: Page, at: Locator, sendIt: () => Promise<void>): Promise<void> {
  // What a change would break is asked before; what it is refused for, the change itself says.
  const answered = page.waitForResponse(
    (response) => response.request().method() !== 'GET' && !response.ok() && !response.url().endsWith('/impact'),
  );
  await sendIt();
  const { errors } = (await (await answered).json()) as { readonly errors: readonly Refusal[] };
  const wrong = at.locator('[aria-invalid="true"], [data-invalid]');
  await wrong.first().waitFor();
  const said = await wrong.evaluateAll((fields) =>
    fields.map((field) => {
      const page = field.ownerDocument;
      const ids = (field.getAttribute('aria-describedby') ?? '').split(' ');
      const words = ids.map((id: string) => page.getElementById(id)?.textContent ?? '').join('\n');
      return { focused: field === page.activeElement, words };
    }),
  );
  assert.deepEqual(
    errors.filter(({ message }) => !said.some(({ words }) => words.includes(message))).map(({ message }) => message),
    [],
    'said at no field',
  );
  assert.deepEqual(
    said.map(({ focused }) => focused),
    said.map((_, index) => index === 0),
    'the first has the focus',
  );
  assert.equal(await at.locator('.note.problem[role=alert]').count(), 0, 'said above the form as well');
}
