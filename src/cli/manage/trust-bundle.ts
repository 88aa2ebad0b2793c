import { renameSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { bundleSha256, readBundle } from '../../pki/bundle.ts';
import { type ApiAccess, fetchText } from '../api.ts';
import { type ApiCommandFlags, apiCommand, calling } from '../connection.ts';
import { EXIT, Failure } from '../failure.ts';
import { note, show, writeJson } from '../print.ts';
import { fittedTable } from '../table.ts';
import { zoneNamed } from '../zone-lookup.ts';

interface Flags extends ApiCommandFlags {
  readonly zone?: string;
  readonly shared?: boolean;
  readonly out?: string;
}

const SHARED_PATH = '/ssl/static/authenticated_origin_pull_ca.pem';

/** `postern ca …`: what origins trust. */
export function trustBundleCommand(): Command {
  return new Command('ca')
    .description('the CAs that origins trust')
    .addCommand(showCommand())
    .addCommand(bundleCommand());
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
  ])
    .option('--out <file>', 'write there, whole or not at all, and print its sha256')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const { text, sha256 } = await fetchBundle(access, flags);
        if (flags.out !== undefined) {
          writeWhole(flags.out, text);
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

async function fetchBundle(access: ApiAccess, { zone, shared }: Flags) {
  if ((zone === undefined) === (shared !== true)) {
    throw new Failure('Whose bundle is not clear.', 'Add either --zone example.test or --shared.');
  }
  const path =
    zone === undefined
      ? SHARED_PATH
      : `/ssl/static/zones/${(await zoneNamed(access, zone)).id}/authenticated_origin_pull_ca.pem`;
  const text = await fetchText(access, path);
  // An origin would refuse to start with a broken one, or worse, trust nobody it should.
  if (readBundle(text).length === 0) throw new Failure(`${path} holds no CA.`, 'Try again.', EXIT.undetermined);
  return { path, text, sha256: bundleSha256(text) };
}

/** A server that reads the file meanwhile must never see half of it. */
function writeWhole(path: string, text: string): void {
  const beside = `${path}.new`;
  try {
    writeFileSync(beside, text, { mode: 0o644 });
    renameSync(beside, path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable';
    throw new Failure(`${path} cannot be written (${code}).`, 'Name a place that this user may write to.');
  }
}
