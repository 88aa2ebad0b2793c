import assert from 'node:assert/strict';
import { after as afterAll, before, describe, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { until } from '../scenarios/until.ts';
import { knock } from '../support/knock.ts';
import { isInSight, lookAt, mustBeAccessible, mustCount, screenshot, signIn, startBrowser } from './browser.ts';
import { type DebianMachine, needsDebian, startDebianMachine } from './debian-machine.ts';
import { visitByButton } from './visit-by-button.ts';

describe(
  'the guided set-up where a site is served already',
  needsDebian('chromium', 'curl', 'nginx', 'apache2'),
  () => {
    let postern: Postern;
    let browser: Browser;
    let mode: (value: 'full' | 'strict') => Promise<void>;
    before(async () => {
      [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
      const { result: zone } = await postern.call<{ readonly id: string }>('POST', '/zones', { name: 'example.test' });
      mode = async (value) => {
        await postern.call('PATCH', `/zones/${zone.id}/settings/ssl`, { value });
      };
      // Sites have certificates that they signed themselves.
      await mode('full');
    });
    afterAll(async () => {
      await browser?.close();
      await postern?.[Symbol.asyncDispose]();
    });

    test('nginx by its one install command: watched live, enforced by a second, proved', async () => {
      await mode('strict');
      await using machine = await startDebianMachine('nginx');
      await using looking = await lookAt(browser, { base: postern.base });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/setup');
      await begin(page, { name: 'www', port: machine.port });
      await page.getByLabel('Server', { exact: true }).selectOption('nginx');
      await page.getByRole('button', { name: 'Make the configuration' }).click();
      await page.getByLabel('Where the edge answers').fill(`127.0.0.1:${postern.https}`);
      await page.getByRole('button', { name: 'Make a token for this origin' }).click();
      machine.remember(await copied(page, 'Token for the terminal on the origin'));
      await screenshot(page, 'setup-install');
      await copiedWithToken(page, machine);
      // It goes on to tell who comes.
      await page.getByRole('region', { name: 'Install command' }).scrollIntoViewIfNeeded();
      machine.leaveRunning(await copied(page, 'Install command'));
      await heard(page);
      await trusted(page);
      await mustCount(page.getByText('for visitors of this zone failed', { exact: false }), 0);
      assert.deepEqual(await answers(machine), 'answered 200', 'nobody is refused yet');
      await watchedLive(page, { postern, machine });
      const byAddress = () => knock({ port: machine.port, sni: null, host: `127.0.0.1:${machine.port}` });
      await counted(page, 'By another name or by the address', 0, byAddress);
      await screenshot(page, 'setup-install-watch');

      await decided(page);
      const command = await copied(page, 'Install command');
      assert.doesNotMatch(command, /--watch/);
      await typed(machine, command);
      await proved(page, { machine, complaints });
      const then = await byAddress();
      assert.ok(then.kind === 'refused' || then.status === 400, 'what the page had said');
      await mode('full');
    });

    test('nginx by pasting into a block that has settings of certbot: beside an open site, nothing of either is lost, and it is proved', async () => {
      await using site = await startDebianMachine('nginx', ['paste.example.test']);
      const machine = { ...site, host: 'paste.example.test' };
      await using looking = await lookAt(browser, { base: postern.base });
      const { page, complaints } = looking;
      await typed(machine, `${OPEN_SITE(machine.port)}\n${withCertbot(CERTBOT)}`);
      await signIn(page, postern.token, '/setup');
      await begin(page, { name: 'paste', port: machine.port });
      await page.getByLabel('Server', { exact: true }).selectOption('nginx');
      await page.getByLabel('Copy the files').check();
      await page.getByRole('button', { name: 'Make the configuration' }).click();
      await page.getByRole('button', { name: 'Make a token for this origin' }).click();
      machine.remember(await copied(page, 'Token for the terminal on the origin'));
      assert.match(await typed(machine, await copied(page, 'All at once')), /^wrote .+\.conf$/m);
      await page.getByText('File by file').click();
      await page.getByRole('button', { name: /^Copy path \/etc\/nginx\/conf\.d\/00-postern-/ }).waitFor();
      await mustBeAccessible(page);
      await screenshot(page, 'setup-paste');
      await typed(machine, inFrontOfLocations(await copied(page, 'Lines for the virtual host')));
      machine.leaveRunning(await copied(page, 'Test it, load it, tell who comes'));
      await heard(page);
      const settled = await typed(machine, 'grep ssl_session_tickets /etc/postern/nginx-paste.example.test.conf');
      assert.match(settled, /^# The server block says it already: ssl_session_tickets/);
      const logged = async () => (await typed(machine, `wc -l < /var/log/nginx/access.log`)).trim();
      const before = await logged();
      await until('the log of before is written', async () => {
        assert.equal(await answers(machine), 'answered 200', 'nobody is refused yet');
        return (await logged()) !== before;
      });
      await watchedLive(page, { postern, machine });

      await decided(page);
      await page.getByLabel('Also refuse names that no site has').uncheck();
      await mustCount(page.getByText('ssl_reject_handshake'), 0);
      await page.getByLabel('Also refuse names that no site has').check();
      await page.getByText('ssl_reject_handshake').waitFor();
      await mustBeAccessible(page);
      const block = await copied(page, 'All at once');
      assert.doesNotMatch(block, /BEGIN CERTIFICATE/, 'only what changed');
      await screenshot(page, 'setup-paste-enforce');
      const said = await typed(machine, block);
      assert.match(said, /^kept \/etc\/postern\/nginx-paste\.example\.test\.conf\.before-/m);
      await until('who has no certificate is refused', async () => (await answers(machine)) !== 'answered 200');
      await page.getByRole('heading', { name: 'The lock is proved' }).waitFor();
      assert.equal(await answers({ ...machine, host: 'blog.test' }), 'answered 200');
      const back = await copied(page, 'Take the lock out');
      assert.match(
        await typed(machine, back),
        /^removed \/etc\/nginx\/conf\.d\/unknown-names-paste\.example\.test\.conf$/m,
      );
      await until('everybody is let in again', async () => (await answers(machine)) === 'answered 200');
      await typed(machine, 'nginx -t && ! grep -r postern /etc/nginx --include=*.conf --include=www');
      assert.deepEqual(complaints, []);
    });

    test('Apache by parts that are copied and linked to where Debian reads them', async () => {
      await using machine = await startDebianMachine('apache');
      await using looking = await lookAt(browser, { base: postern.base, theme: 'dark' });
      const { page, complaints } = looking;
      await signIn(page, postern.token, '/setup');
      await begin(page, { name: 'shop', port: machine.port });
      await page.getByLabel('Server', { exact: true }).selectOption('apache');
      await page.getByLabel('One command that writes the files').check();
      await page.getByLabel(/^Application/).fill(`http://127.0.0.1:${machine.application.port}`);
      await page.getByText(/^Files at the origin, and the version/).click();
      await page.getByLabel('Listens at').fill(`127.0.0.1:${machine.port}`);
      await page.getByRole('button', { name: 'Make the configuration' }).click();
      await page.getByLabel('Where the edge answers').fill(`127.0.0.1:${postern.https}`);
      await page.getByRole('button', { name: 'Make a token for this origin' }).click();
      machine.remember(await copied(page, 'Token for the terminal on the origin'));
      await page.getByLabel('One command that writes the files').check();
      await typed(machine, await copied(page, 'Command that writes the files'));
      await mustBeAccessible(page);
      await screenshot(page, 'setup-apache-part-dark');
      await typed(machine, await copied(page, 'Load it'));
      machine.leaveRunning(await copied(page, 'Command that reports callers'));
      await watchedLive(page, { postern, machine });

      await decided(page);
      await page.getByLabel('One command that writes the files').check();
      await typed(machine, await copied(page, 'Command that writes the files'));
      await typed(machine, await copied(page, 'Load it'));
      await proved(page, { machine, complaints });
    });
  },
);

interface Watched {
  readonly postern: Postern;
  readonly machine: DebianMachine;
}

/** Somebody came, so the server writes its log. */
const NO_EDGE = 'No request with the certificate of the edge was counted yet.';

/** Nobody came, so nothing shows that the server was loaded. */
const NOBODY = 'no request was logged since the configuration is what it is';

/** A look of Postern's own was logged, which shows that the server was loaded, and moves nobody on. */
const LOADED = 'Nobody else came yet.';

/** Somebody reports. Whether a look of Postern's own was logged already is left to chance. */
async function heard(page: Page): Promise<void> {
  await page.getByText(NOBODY).or(page.getByText(NO_EDGE)).or(page.getByText(LOADED)).last().waitFor();
}

/** Between two who come. */
const PAUSE = 500;

/** Trusts the certificate that the site signed itself, which the command saw there as well: with two clicks. */
async function trusted(page: Page): Promise<void> {
  await page.getByText('saw the same certificate').waitFor();
  const trust = page.getByRole('button', { name: 'Trust this certificate' });
  await until('what is to be done now came into sight', () => isInSight(trust));
  await screenshot(page, 'setup-install-trust');
  await trust.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Trust it' }).click();
  // What is done is folded, or not said any more.
  await mustCount(trust, 0);
}

/** One press takes along the token and the command; the token stands in a line that begins with a space. */
async function copiedWithToken(page: Page, machine: DebianMachine): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy with the token: Install command' }).click();
  const both = await page.evaluate<string>('navigator.clipboard.readText()');
  const command = await copied(page, 'Install command');
  assert.match(both, /^ export POSTERN_TOKEN=pst_\S+\npostern origin install /);
  assert.equal(both.split('\n')[1], command);
  // It is the token that the command needs: it says what it would do.
  const dry = await machine.type(`unset POSTERN_TOKEN\n${both} --dry-run`);
  assert.doesNotMatch(dry.stderr, /token/i);
}

/** Sees the page count who comes without being loaded again. */
async function watchedLive(page: Page, { machine }: Watched): Promise<void> {
  await heard(page);
  await page.getByText('Nothing happens?').click();
  await page.getByText('A reload that cannot listen is given up silently').waitFor();
  await page.getByRole('region', { name: 'What the server said of it' }).waitFor();
  const before = await counted(page, 'Without a certificate', 0, () => answers(machine));
  await counted(page, 'With the certificate of the edge', 0, () => visitByButton(page));
  await counted(page, 'Without a certificate', before, () => answers(machine));
  await page.getByRole('table', { name: 'Addresses that would be refused' }).getByText('127.0.0.1').waitFor();
  await mustBeAccessible(page);
}

/** Decides that from now on only the edge gets in. */
async function decided(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Enforce all the same' }).click();
  const dialog = page.getByRole('dialog', { name: /^Enforce / });
  await dialog.getByText(/\d of \d+ requests that reached the origin since it was configured/).waitFor();
  await dialog.getByRole('button', { name: 'Enforce', exact: true }).click();
  await page.getByRole('heading', { name: 'On the origin: put the enforcing configuration in place' }).waitFor();
}

/** Sees the lock hold: at the origin, and in the page. */
async function proved(
  page: Page,
  { machine, complaints }: Pick<Watched, 'machine'> & { readonly complaints: readonly string[] },
) {
  await until('who has no certificate is refused', async () => (await answers(machine)) !== 'answered 200');
  await page.getByRole('heading', { name: 'The lock is proved' }).waitFor();
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.waitForURL(/attestations\//);
  assert.deepEqual(complaints, []);
}

/** The first step, by clicks: an origin on this machine. */
async function begin(page: Page, { name, port }: { readonly name: string; readonly port: number }): Promise<void> {
  await page.getByLabel('Zone').fill('example.test');
  await page.getByLabel('Hostname').fill(name);
  await page.getByLabel('Address of the origin').fill('127.0.0.1');
  await page.getByLabel('HTTPS port of the origin').fill(String(port));
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('heading', { level: 1, name: `Lock ${name}.example.test` }).waitFor();
}

/** What a copy button would put into the clipboard. */
function copied(page: Page, label: string | RegExp): Promise<string> {
  return page.getByRole('region', { name: label }).locator('code').innerText();
}

async function typed(machine: DebianMachine, line: string): Promise<string> {
  const ended = await machine.type(line);
  assert.equal(ended.code, 0, `${line}\n${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

const BLOCK = '/etc/nginx/sites-available/www';

/** Settings of TLS that certbot has all its sites include. */
const CERTBOT = [
  'ssl_session_cache shared:le_nginx_SSL:10m;',
  'ssl_session_timeout 1440m;',
  'ssl_session_tickets off;',
  'ssl_protocols TLSv1.2 TLSv1.3;',
  'ssl_prefer_server_ciphers off;',
];

/** A site that is open to all, and answers for names that no site has: it is read first. */
const OPEN_SITE = (port: number) =>
  `echo 'server { listen 127.0.0.1:${port} ssl; server_name blog.test; return 200 "The blog";
    ssl_certificate /etc/site.pem; ssl_certificate_key /etc/site.key; }' > /etc/nginx/sites-enabled/blog`;

/** Has the server block include them, behind where lines go that stand above its locations. */
function withCertbot(settings: readonly string[]): string {
  const file = '/etc/letsencrypt/options-ssl-nginx.conf';
  const write = `mkdir -p /etc/letsencrypt && printf '%s\\n' ${settings.map((one) => `'${one}'`).join(' ')} > ${file}`;
  return `${write} && sed -i 's|^}|include ${file};\\n}|' ${BLOCK} && nginx -t && nginx -s reload`;
}

/** What an editor does. */
function inFrontOfLocations(lines: string): string {
  return `sed -i 's|^\\tlocation|${lines.trim().replaceAll('\n', '\\n')}\\n&|' ${BLOCK}`;
}

/** What somebody who has no certificate gets. */
async function answers({ port, host }: DebianMachine): Promise<string> {
  const outcome = await knock({ port, sni: host });
  return outcome.kind === 'answered' ? `answered ${outcome.status}` : 'refused';
}

/** Waits until a tile counts more than that, without the page being loaded again. Answers how many. */
async function counted(page: Page, title: string, than: number, come: () => Promise<unknown>): Promise<number> {
  const tile = page.locator('.setup-count', { hasText: title }).locator('strong');
  return until(`${title} is counted`, async () => {
    const count = Number((await tile.allInnerTexts())[0] ?? 0);
    if (count > than) return count;
    // Again: a server that was just loaded may have answered with what it had before.
    await come();
    await after(PAUSE);
    return null;
  });
}
