import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { addRecord, createZone, zonePull } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { needs, programPath } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type RunningServer, startNginx } from '../support/server-process.ts';
import { lookAt, mustBeAccessible, mustCount, mustFit, screenshot, signIn, startBrowser, THEMES } from './browser.ts';

const HOST = 'www.shop.test';
const TITLE = 'Names that no site has are answered by another virtual host, without a certificate.';

/** A blog that stays open stands before the shop that is locked, on the same socket. */
function neighbours(directory: string, port: number): string {
  return `events {}
error_log ${directory}/error.log;
http {
  access_log off;
  default_type text/html;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_certificate ${directory}/site.pem;
  ssl_certificate_key ${directory}/site.key;
  include ${directory}/conf.d/*.conf;
  server { listen 127.0.0.1:${port} ssl; server_name blog.test;
    ssl_certificate ${directory}/blog.pem; ssl_certificate_key ${directory}/blog.key; return 200 '<h1>The blog, open to all</h1>'; }
  server {
    listen 127.0.0.1:${port} ssl;
    server_name ${HOST};
    ssl_client_certificate ${directory}/bundle.pem;
    ssl_verify_client on;
    ssl_verify_depth 2;
    location / { return 200 '<h1>The shop</h1>'; }
  }
}
`;
}

describe('a site that stays open, before one that is locked', needs('chromium', 'nginx'), () => {
  let postern: Postern;
  let browser: Browser;
  let nginx: RunningServer;
  let at: string;
  before(async () => {
    [postern, browser] = await Promise.all([startPostern({ argv: ['--attest-every', '1h'] }), startBrowser()]);
    const authority = await serverAuthority();
    const [site, blog] = await Promise.all([authority.issue([HOST]), authority.issue(['blog.test'])]);
    const zone = await createZone(postern, 'shop.test', authority);
    await zonePull(postern, zone, true);
    const bundle = await fetch(`${postern.base}/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem`);
    const text = await bundle.text();
    nginx = await startNginx({
      ports: 1,
      configuration: ({ directory, ports: [port = 0] }) => {
        const write = (name: string, content: string) => writeFileSync(join(directory, name), content, { mode: 0o600 });
        mkdirSync(join(directory, 'conf.d'));
        write('bundle.pem', text);
        write('blog.pem', blog.cert);
        write('blog.key', blog.key);
        write('site.pem', site.cert);
        write('site.key', site.key);
        return neighbours(directory, port);
      },
    });
    await addRecord(postern, zone, { name: HOST, origin: { https_port: nginx.ports[0] } });
    at = `/postern/v1/zones/${zone}`;
    await postern.call('PUT', `${at}/setups/${HOST}`, { choices: { server: 'nginx', mode: 'enforce' } });
  });
  after(async () => {
    await browser?.close();
    await nginx?.stop();
    await postern?.[Symbol.asyncDispose]();
  });

  const fixOf = (page: Page) =>
    page.getByRole('region', { name: /^Configuration of nginx: unmatched names/ }).locator('code');

  test('is said at the head of the step, with a fix that holds as it stands, and that it was mended', async () => {
    await using looking = await lookAt(browser, { base: postern.base });
    const { page, complaints } = looking;
    await signIn(page, postern.token, `/setup/shop.test/${HOST}`);
    // It may have been looked at by itself already.
    await page.getByRole('button', { name: /^Look at the lock (?:now|again)$/ }).click();
    await page.getByText(`Not known to be locked: ${TITLE}`).waitFor();
    await page.locator('.note.warning').getByText(TITLE).waitFor();
    await page.getByRole('heading', { name: 'Mend this, then look again' }).waitFor();
    await page.getByText('They are shown the certificate of blog.test.').waitFor();
    await page.getByText('Strangers who asked for this name were refused').waitFor();
    await mustCount(page.getByText('could not be found out'), 0);
    await mustCount(page.getByText('What it may be'), 0);
    await mustCount(page.getByRole('button', { name: /^Look at the lock/ }), 1);
    await page
      .locator('.setup-between p.hint')
      .getByText(`${HOST} at 127.0.0.1:${nginx.ports[0] ?? 0}`)
      .waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-neighbour');
    for (const theme of THEMES) {
      await using narrow = await lookAt(browser, { base: postern.base, theme, width: 390 });
      await signIn(narrow.page, postern.token, `/setup/shop.test/${HOST}`);
      await fixOf(narrow.page).waitFor();
      await mustFit(narrow.page);
      await screenshot(narrow.page, `setup-neighbour-narrow-${theme}`);
    }
    // Who came by the install command is led on by it.
    const choices = { server: 'nginx', mode: 'enforce' };
    await postern.call('PUT', `${at}/setups/${HOST}`, { choices: { ...choices, way: 'install' } });
    const command = page.getByRole('region', { name: /^Fix: unmatched names/ }).locator('code');
    await command.getByText(/postern origin install .*--default-server$/).waitFor();
    // Who copied lines pastes this as well.
    await postern.call('PUT', `${at}/setups/${HOST}`, { choices: { ...choices, way: 'copy', lines: true } });
    await command.getByText(`unknown-names-${HOST}.conf`).waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-neighbour-block');
    await postern.call('PUT', `${at}/setups/${HOST}`, { choices });
    await fixOf(page).waitFor();
    writeFileSync(join(nginx.directory, 'conf.d', 'unknown-names.conf'), await fixOf(page).innerText());
    const tried = spawnSync(programPath('nginx'), ['-t', '-c', join(nginx.directory, 'server.conf')]);
    assert.equal(tried.status, 0, tried.stderr.toString());
    nginx.signal('SIGHUP');
    await until('nginx refuses names that no site has', async () => {
      const outcome = await knock({ port: nginx.ports[0] ?? 0, sni: 'nobody.test' });
      return outcome.kind === 'refused';
    });
    await page.getByRole('button', { name: 'Look at the lock again' }).click();
    await page.getByRole('heading', { name: 'The lock is proved' }).waitFor();
    await page.getByText(`The origin is locked. Mended: ${TITLE}`).waitFor();
    await page.getByText('Mended. This was so before, and is not any more:').waitFor();
    await mustBeAccessible(page);
    await screenshot(page, 'setup-neighbour-mended');
    assert.deepEqual(complaints, []);
  });

  test('and nothing that was not checked is told in flags of a command', async () => {
    const { result } = await postern.call<readonly { readonly evidence: Report }[]>(
      'GET',
      `${at}/attestations/${HOST}`,
    );
    const told = result.flatMap(({ evidence }) => [
      ...evidence.notChecked.map(({ what, why }) => `${what}: ${why}`),
      ...evidence.findings.map(({ fix }) => fix),
    ]);
    assert.ok(told.length > 5);
    assert.deepEqual(
      told.filter((text) => /(?:^|[\s(])--[a-z]/.test(text)),
      [],
    );
    assert.ok(told.some((text) => text.includes('each name that has a proxied record of its own')));
  });
});

interface Report {
  readonly notChecked: readonly { readonly what: string; readonly why: string }[];
  readonly findings: readonly { readonly fix: string }[];
}
