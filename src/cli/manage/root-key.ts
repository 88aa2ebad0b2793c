import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Command } from 'commander';
import { readBundle } from '../../pki/bundle.ts';
import { decryptKey } from '../../pki/encrypted-key.ts';
import { keyMatches } from '../../pki/keys.ts';
import { PkiError } from '../../pki/pki-error.ts';
import type { Secret } from '../../pki/secret.ts';
import type { View } from '../../wire/answer-fields.ts';
import type { AUTHORITY } from '../../wire/authorities.ts';
import { type ApiAccess, callApi, fetchText } from '../api.ts';
import { confirm } from '../confirm.ts';
import { type ApiCommandFlags, calling, zoneCommand } from '../connection.ts';
import { EXIT, Failure } from '../failure.ts';
import { type PassphraseFlags, passphrase } from '../passphrase.ts';
import { readPemFile } from '../pem-file.ts';
import { note, show } from '../print.ts';
import { facts } from '../table.ts';
import { spokenMoment } from '../moment.ts';
import { zoneNamed } from '../zone-lookup.ts';

interface Flags extends ApiCommandFlags, PassphraseFlags {
  readonly zone: string;
  readonly out: string;
  readonly key: string;
  readonly remove?: boolean;
  readonly until?: string;
  readonly standby: boolean;
  readonly bundleSigner: boolean;
  readonly yes?: boolean;
}

/** The CAs of a zone as the API shows them. */
type AuthorityFacts = View<typeof AUTHORITY>;

type Zone = Awaited<ReturnType<typeof zoneNamed>>;

const DAY = 86_400_000;

/** `postern ca root …`: the key of a zone's root, and its ceremonies. */
export function rootCommand(): Command {
  return new Command('root')
    .description('keep the key of a root elsewhere, and bring it back for what only it can sign')
    .addCommand(showCommand())
    .addCommand(exportCommand())
    .addCommand(forgetCommand())
    .addCommand(importCommand());
}

function showCommand(): Command {
  return zoneCommand('show', 'where the key of the root is, and what it has signed ahead', [
    'ca root show --zone example.test',
  ]).action(
    calling<Flags>(async ({ access, flags, json }) => {
      const { id } = await zoneNamed(access, flags.zone);
      const { result, messages } = await callApi<AuthorityFacts>(access, 'GET', pathOf(id));
      show(json, result, () => told(result));
      note(...messages);
    }),
  );
}

function keyCommand(name: string, description: string, examples: readonly string[]): Command {
  return zoneCommand(name, description, examples).option(
    '--passphrase-file <file>',
    'its first line is the passphrase (else POSTERN_PASSPHRASE, else asked for)',
  );
}

function forgetting(command: Command): Command {
  return command
    .option('--until <when>', 'the next ceremony: so long the revocation list of the root lasts (default: 365d)')
    .option('--no-standby', 'sign no intermediate ahead')
    .option('--no-bundle-signer', 'certify nobody to sign what is said of the bundle meanwhile')
    .option('--yes', 'do not ask');
}

function exportCommand(): Command {
  return forgetting(
    keyCommand('export', 'write the key of the root under a passphrase, and see that it opens again', [
      'ca root export --zone example.test --out root.key.enc',
      'ca root export --zone example.test --out root.key.enc --remove \\\n      --until 180d',
    ]),
  )
    .requiredOption('--out <file>', 'where it goes; nothing there is overwritten')
    .option('--remove', 'then let go of the key, so that the file is the only one')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const zone = await zoneNamed(access, flags.zone);
        const secret = await passphrase(flags, true);
        const body = { passphrase: secret.reveal() };
        const sealed = await callApi<{ readonly encrypted_key: string; readonly root_fingerprint: string }>(
          access,
          'POST',
          `${pathOf(zone.id)}/root_key/export`,
          body,
        );
        writeNew(flags.out, sealed.result.encrypted_key);
        await checkOpens(access, zone, { flags, secret, root: sealed.result.root_fingerprint });
        if (flags.remove === true) return await forget(access, zone, { flags, json, secret, file: flags.out });
        show(json, { file: flags.out, ...sealed.result, encrypted_key: undefined }, () =>
          [
            `The key of the root of ${zone.name} is in ${flags.out}, and opens with this passphrase.`,
            'It is here too until you let go of it: postern ca root forget.',
          ].join('\n'),
        );
      }),
    );
}

function forgetCommand(): Command {
  return forgetting(
    keyCommand('forget', 'let go of the key of the root: the file of its export is the only one then', [
      'ca root forget --zone example.test --key root.key.enc',
    ]),
  )
    .requiredOption('--key <file>', 'what was exported, to show that it opens')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const zone = await zoneNamed(access, flags.zone);
        const secret = await passphrase(flags);
        await forget(access, zone, { flags, json, secret, file: flags.key });
      }),
    );
}

function importCommand(): Command {
  return keyCommand('import', 'bring the key of the root back, for what only it can sign', [
    'ca root import --zone example.test --key root.key.enc',
  ])
    .requiredOption('--key <file>', 'what was exported: PKCS#8 in PEM under a passphrase')
    .action(
      calling<Flags>(async ({ access, flags, json }) => {
        const { id, name } = await zoneNamed(access, flags.zone);
        const secret = await passphrase(flags);
        const body = { encrypted_key: readPemFile('--key', flags.key), passphrase: secret.reveal() };
        const path = `${pathOf(id)}/root_key/restore`;
        const { result, messages } = await callApi<AuthorityFacts>(access, 'POST', path, body);
        show(json, result, () => `The key of the root of ${name} is here again, until you let go of it.`);
        note(...messages);
      }),
    );
}

interface Forgetting {
  readonly flags: Flags;
  readonly json: boolean;
  readonly secret: Secret<string>;
  /** What was exported, read from where it is to lie. */
  readonly file: string;
}

async function forget(access: ApiAccess, zone: Zone, { flags, json, secret, file }: Forgetting): Promise<void> {
  await confirm(`From now on ${file} with its passphrase is the only key of the root of ${zone.name}.`, flags);
  const body = {
    encrypted_key: readPemFile('the file', file),
    passphrase: secret.reveal(),
    standby: flags.standby,
    bundle_signer: flags.bundleSigner,
    ...(flags.until === undefined ? {} : { list_days: daysUntil(flags.until) }),
  };
  const path = `${pathOf(zone.id)}/root_key/forget`;
  const { result, messages } = await callApi<AuthorityFacts>(access, 'POST', path, body);
  show(json, result, () => told(result));
  note(...messages);
}

function pathOf(zone: string): string {
  return `/postern/v1/zones/${zone}/authority`;
}

function told(authority: AuthorityFacts): string {
  const { root, intermediate, root_key, root_list_until, standby, bundle_signer_until: signs } = authority;
  return facts([
    ['root', `${root.subject}, until ${root.expires_on.slice(0, 10)}`],
    ['its key', root_key === 'here' ? 'here' : 'away: bring it with postern ca root import'],
    ['its list', root_list_until === null ? 'none' : `until ${root_list_until.slice(0, 10)}`],
    ['intermediate', `${intermediate.subject}, until ${intermediate.expires_on.slice(0, 10)}`],
    ...(root_key === 'here'
      ? []
      : [['its bundle', signs === null ? 'cannot be signed anew' : `signed until ${signs.slice(0, 10)}`] as const]),
    ['on stand-by', standby === null ? 'none' : `one, until ${standby.expires_on.slice(0, 10)}`],
  ]);
}

// On the disk before the other copy may go, and never over something else.
function writeNew(path: string, text: string): void {
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code = 'unwritable' } = error as NodeJS.ErrnoException;
    throw new Failure(`${path} cannot be written (${code}).`, 'Name a file that does not exist yet with --out.');
  }
}

async function checkOpens(
  access: ApiAccess,
  zone: Zone,
  { flags, secret, root }: { readonly flags: Flags; readonly secret: Secret<string>; readonly root: string },
): Promise<void> {
  const bundle = await fetchText(access, `/ssl/static/zones/${zone.id}/authenticated_origin_pull_ca.pem`);
  const certificate = readBundle(bundle).find(({ fingerprint }) => fingerprint === root);
  try {
    const key = await decryptKey(readFileSync(flags.out, 'latin1'), secret);
    if (certificate !== undefined && keyMatches(key, certificate)) return;
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
  }
  throw new Failure(
    `What is in ${flags.out} does not open to the key of the root. Nothing was removed.`,
    'Check the disk, delete the file, and export again.',
    EXIT.notGood,
  );
}

function daysUntil(text: string): number {
  const now = Date.now();
  const days = Math.ceil((Date.parse(spokenMoment('--until', text, now, 1)) - now) / DAY);
  if (days >= 1 && days <= 3650) return days;
  throw new Failure(
    `--until ${text} is not between tomorrow and ten years from now.`,
    'Write it like 180d or 2031-01-31.',
  );
}
