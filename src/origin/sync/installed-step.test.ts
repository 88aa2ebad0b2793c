import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import type { BundleManifest } from '../../wire/bundle-manifest.ts';
import type { ModeLine } from '../lock-record.ts';
import { lookAtConfiguration } from './configuration-step.ts';
import { exchanged } from './installed-step.ts';

const NOW = instant(Date.UTC(2030, 0, 1));
const LATER = new Date(NOW + 60_000).toISOString();
const BIND = {
  enforce: '\tbind :443 verify required # postern: www',
  watch: '\tbind :443 verify optional # postern: www',
};
const RULE = { enforce: '\tdeny unless seen # postern: www', watch: '\t# deny unless seen # postern: www' };
const LINES: readonly ModeLine[] = [BIND, RULE];
const AROUND = '# caf\xe9\r\nfrontend www\r\n';

function textIn(mode: keyof ModeLine, around = AROUND): string {
  return `${around}${LINES.map((line) => `${line[mode]}\r\n`).join('')}\tdefault_backend app`;
}

test('only the lines of the lock are exchanged, with the ends that they have, and back again', () => {
  const open = exchanged(textIn('enforce'), LINES, 'watch');
  assert.deepEqual(open, { text: textIn('watch'), isOurs: true });
  assert.deepEqual(exchanged(open.text, LINES, 'enforce'), { text: textIn('enforce'), isOurs: true });
  assert.deepEqual(exchanged(open.text, LINES, 'watch'), open);
});

test('where somebody changed a line, the others are exchanged all the same, and that is said', () => {
  const text = textIn('watch').replace('optional', 'optional alpn h2');
  const shut = exchanged(text, LINES, 'enforce');
  assert.deepEqual(shut, { text: text.replace('# deny', 'deny'), isOurs: false });
  assert.equal(exchanged(`${textIn('watch')}\n${RULE.watch}`, LINES, 'enforce').isOurs, false, 'one too many');
  assert.equal(exchanged('', LINES, 'enforce').isOurs, false);
});

function manifest(...openings: BundleManifest['openings']): BundleManifest {
  const times = { issued_on: new Date(NOW).toISOString(), expires_on: LATER };
  const said = { version: 1, sha256: '0'.repeat(64), certificates: [] };
  return { format: 'postern-bundle', zone: 'a'.repeat(32), zone_name: 'example.test', ...times, ...said, openings };
}

/** What sync finds in a file of others with this text, while the lock should be open or shut. */
async function looked(t: TestContext, text: string | null, isOpen: boolean, wasOpened: boolean) {
  const directory = mkdtempSync(join(tmpdir(), 'postern-lines-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'haproxy.cfg');
  if (text !== null) writeFileSync(path, text, 'latin1');
  const bundle = { kind: 'zone', path: '/etc/postern/a.pem' } as const;
  const opening = { hostname: 'www.example.test', until: LATER };
  const before = { sha256: '', hostnames: [{ hostname: opening.hostname, zone: 'a'.repeat(32) }] };
  const step = await lookAtConfiguration(
    {
      server: 'haproxy',
      request: { sites: [{ zone: 'example.test', hostnames: [opening.hostname], bundle }] },
      path,
      sha256: '',
      installed: {
        main: path,
        directory,
        edited: [path],
        texts: { enforce: {}, watch: {} },
        lines: { [path]: LINES },
      },
    },
    [isOpen ? manifest(opening) : manifest()],
    { before: wasOpened ? before : null, now: NOW },
  );
  const files = step.files.map((file) => `${file.path === path ? '' : 'elsewhere '}${file.encoding} ${file.text}`);
  return { files, trouble: step.trouble?.code ?? null, isOpened: step.opened !== null };
}

test('a lock in a file of others is opened and shut, whatever else changed there, byte for byte', async (t) => {
  const mine = `${AROUND}# mine\n`;
  const opened = await looked(t, textIn('enforce', mine), true, false);
  assert.deepEqual(opened, { files: [`latin1 ${textIn('watch', mine)}`], trouble: null, isOpened: true });
  const still = await looked(t, textIn('watch', mine), true, true);
  assert.deepEqual(still, { files: [], trouble: null, isOpened: true });
  const shut = await looked(t, textIn('watch', mine), false, true);
  assert.deepEqual(shut, { files: [`latin1 ${textIn('enforce', mine)}`], trouble: null, isOpened: false });
  // Who watches without an opening was installed so.
  assert.deepEqual(await looked(t, textIn('watch'), false, false), { files: [], trouble: null, isOpened: false });
});

test('where somebody changed its lines it is not opened, and shut as far as its lines are known', async (t) => {
  const changed = (mode: keyof ModeLine) => textIn(mode).replace(':443', ':8443');
  const left = await looked(t, changed('enforce'), true, false);
  assert.deepEqual(left, { files: [], trouble: 'changed_by_hand', isOpened: false });
  const shut = await looked(t, changed('watch'), false, true);
  const half = changed('watch').replace('# deny', 'deny');
  assert.deepEqual(shut, { files: [`latin1 ${half}`], trouble: 'changed_by_hand', isOpened: true });
  // It is said until somebody has put it right.
  assert.deepEqual(await looked(t, half, false, true), { files: [], trouble: 'changed_by_hand', isOpened: true });
  assert.deepEqual(await looked(t, textIn('enforce'), false, true), { files: [], trouble: null, isOpened: false });
  assert.deepEqual(await looked(t, null, false, true), { files: [], trouble: 'changed_by_hand', isOpened: true });
});
