import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { instant } from '../../domain/ids.ts';
import { checkUpdate, bundleVersion, UPDATE_FAULTS } from '../../origin/bundle-update.ts';
import { readPin } from '../../origin/sync/judge.ts';
import { bundleSha256, readBundle } from '../../pki/bundle.ts';
import { loadCrls } from '../../pki/crl-read.ts';
import { type ApiAccess, fetchText } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { EXIT, Failure } from '../failure.ts';
import { readPemFile } from '../pem-file.ts';
import { note, show, writeJson } from '../print.ts';
import { fittedTable } from '../table.ts';
import { zoneNamed } from '../zone-lookup.ts';
import { importCommand } from './authority-import.ts';
import { rootCommand } from './root-key.ts';
import { writeWhole } from '../whole-file.ts';

interface Flags extends ApiCommandFlags {
  readonly zone?: string;
  readonly shared?: boolean;
  readonly out?: string;
  readonly trusted?: string;
  readonly trust?: string;
}

const SHARED_PATH = '/ssl/static/authenticated_origin_pull_ca.pem';

/** `postern ca …`: what origins trust. */
export function trustBundleCommand(): Command {
  return new Command('ca')
    .description('the CAs that origins trust')
    .addCommand(showCommand())
    .addCommand(bundleCommand())
    .addCommand(listsCommand())
    .addCommand(importCommand())
    .addCommand(rootCommand());
}

function whoseCommand(name: string, description: string, examples: readonly string[]): Command {
  return apiCommand(name, description, examples)
    .option('--zone <zone>', 'name or id of the zone')
    .option('--shared', 'the CA of the global level, which lets in every zone');
}

function showCommand(): Command {
  return whoseCommand('show', 'the CAs of a trust bundle', ['ca show --zone example.test']).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const bundle = await fetchBundle(access, flags);
      const rows = readBundle(bundle.text).map(({ subject, fingerprint, notAfter }) => {
        return { subject, fingerprint, expires_on: new Date(notAfter).toISOString() };
      });
      show(json, { sha256: bundle.sha256, path: bundle.path, certificates: rows }, () => {
        const cells = rows.map((row) => [row.fingerprint.slice(0, 8), row.expires_on.slice(0, 10), row.subject]);
        return `${fittedTable(['FINGERPRINT', 'EXPIRES', 'SUBJECT'], cells)}\n\nsha256  ${bundle.sha256}`;
      });
    }),
  );
}

function bundleCommand(): Command {
  return whoseCommand('bundle', 'the trust bundle in PEM, for an origin to install', [
    'ca bundle --zone example.test > example.test.pem',
    'ca bundle --zone example.test --out /etc/nginx/postern.pem',
    'ca bundle --zone example.test --out edge.pem --trusted edge.pem',
  ])
    .option('--out <file>', 'write there, whole or not at all, and print its sha256')
    .option('--trusted <file>', 'only a bundle that is vouched for by the one in this file')
    .option('--trust <sha256:hex>', 'only a bundle of this SHA-256, or vouched for by a root of this fingerprint')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const fetched = await fetchBundle(access, flags);
        const { text, sha256 } = fetched;
        const vouched = flags.trusted !== undefined || flags.trust !== undefined;
        const manifest = vouched ? await vouchedFor(access, flags, fetched) : null;
        if (flags.out !== undefined) {
          writeWhole(flags.out, text);
          if (manifest !== null) writeWhole(`${flags.out}.json`, manifest);
          // As sha256sum prints it, so that it can be checked with sha256sum -c.
          show(json, { file: flags.out, sha256 }, () => `${sha256}  ${flags.out}`);
          return;
        }
        if (json) writeJson({ sha256, pem: text });
        else process.stdout.write(text);
        note(`sha256 ${sha256}`);
      }),
    );
}

/** Refuses a bundle that what is believed already does not vouch for. Answers the manifest, where one was looked at. */
async function vouchedFor(
  access: ApiAccess,
  { trusted, trust, shared }: Flags,
  { path, text, sha256 }: { readonly path: string; readonly text: string; readonly sha256: string },
): Promise<string | null> {
  if (shared === true) throw new Failure('The shared bundle is not signed.', 'Pin it: --trust goes with --zone.');
  const pin = trust === undefined ? null : pinned(trust);
  if (pin === sha256) return null;
  const present = trusted === undefined ? null : readPemFile('--trusted', trusted);
  const anchors = readBundle(present ?? text);
  const manifestPath = path.replace(/\.pem$/, '.json');
  const manifest = await fetchText(access, manifestPath);
  const checked = checkUpdate(
    {
      bundle: text,
      manifest,
      signature: await fetchText(access, `${manifestPath}.sig`),
      trusted: pin === null ? anchors : anchors.filter(({ fingerprint }) => fingerprint === pin),
      zone: path.split('/').at(-2) ?? null,
      installed: present === null ? null : versionOf(`${trusted}.json`, present),
    },
    instant(Date.now()),
  );
  if (checked.kind === 'good') {
    note(`vouched for: version ${checked.manifest.version}`);
    return manifest;
  }
  const { text: why, fix } = UPDATE_FAULTS[checked.code];
  throw new Failure(
    `${why}${checked.detail === '' ? '' : ` (${checked.detail})`}. Nothing was written.`,
    fix,
    EXIT.notGood,
  );
}

/** The version of a bundle by the manifest beside it, so that nobody can hand out an older one; `null` where there is none. */
function versionOf(path: string, bundle: string): number | null {
  return existsSync(path) ? bundleVersion(readFileSync(path, 'utf8'), bundle) : null;
}

function pinned(trust: string): string {
  const print = readPin(trust);
  if (print !== null) return print;
  throw new Failure(
    `--trust is ${JSON.stringify(trust)}, which is no fingerprint.`,
    'Write sha256: and 64 hexadecimal digits.',
  );
}

async function fetchBundle(access: ApiAccess, flags: Flags) {
  const path = await pathOf(access, flags);
  const text = await fetchText(access, path);
  // An origin would refuse to start with a broken one, or worse, trust nobody it should.
  if (readBundle(text).length === 0) throw new Failure(`${path} holds no CA.`, 'Try again.', EXIT.undetermined);
  return { path, text, sha256: bundleSha256(text) };
}

function listsCommand(): Command {
  return whoseCommand('crl', 'the revocation lists of the CAs in PEM, for an origin to install', [
    'ca crl --zone example.test > example.test.crl',
    'ca crl --zone example.test --out /etc/nginx/postern.crl \\\n      && nginx -s reload',
  ])
    .option('--out <file>', 'write there, whole or not at all, and print its sha256')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const text = await fetchText(access, (await pathOf(access, flags)).replace(/\.pem$/, '.crl'));
        const lists = loadCrls(text);
        const missing = [...text.matchAll(/^# (No list of .*)$/gm)].map(([, line]) => `${line}`);
        const sha256 = bundleSha256(text);
        const ends = Math.min(...lists.map(({ nextUpdate }) => nextUpdate ?? 0));
        const until = new Date(ends).toISOString();
        const about = { sha256, revoked: lists.reduce((sum, { revoked }) => sum + revoked, 0), valid_until: until };
        if (flags.out !== undefined) {
          writeWhole(flags.out, text);
          show(json, { file: flags.out, ...about }, () => `${sha256}  ${flags.out}`);
        } else if (json) writeJson({ ...about, pem: text });
        else process.stdout.write(text);
        note(
          ...missing.map(
            (line) => `${line} Servers that check the whole path refuse what it vouches for: append its list.`,
          ),
          `${about.revoked} revoked; servers refuse everybody from ${until} on unless they have a newer list by then`,
        );
      }),
    );
}

async function pathOf(access: ApiAccess, { zone, shared }: Flags): Promise<string> {
  if ((zone === undefined) === (shared !== true)) {
    throw new Failure('Whose CAs are meant is not clear.', 'Add either --zone example.test or --shared.');
  }
  if (zone === undefined) return SHARED_PATH;
  return `/ssl/static/zones/${(await zoneNamed(access, zone)).id}/authenticated_origin_pull_ca.pem`;
}
