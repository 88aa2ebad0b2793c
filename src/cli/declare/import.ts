import { Command, Option } from 'commander';
import type { Hostname } from '../../domain/ids.ts';
import { typedHostname } from '../../wire/names.ts';
import { type ApiAccess, apiAccess } from '../api.ts';
import type { ApiCommandFlags } from '../connection.ts';
import { Failure, failureView } from '../failure.ts';
import { collect } from '../flag-value.ts';
import { note, writeJson } from '../print.ts';
import { applyWanted } from './apply.ts';
import { emit } from './export.ts';
import { parseWanted, wantedFile, writeWanted } from './file.ts';
import { type Reading, readPresent } from './read-present.ts';

interface Flags extends ApiCommandFlags {
  readonly from: 'cloudflare';
  readonly baseUrl: string;
  readonly zone?: string[];
  readonly out?: string;
  readonly apply?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly account?: string;
}

/** `postern import`: what another API of the same kind has, as a file for `postern apply`. */
export function importCommand(): Command {
  return new Command('import')
    .description('read zones from Cloudflare\'s API, as a file for "postern apply"')
    .addOption(new Option('--from <api>', 'whose API it is').choices(['cloudflare']).makeOptionMandatory())
    .option('--base-url <url>', 'address of that API', 'https://api.cloudflare.com/client/v4')
    .option('--token <token>', 'token for that API (CLOUDFLARE_API_TOKEN)')
    .option('--zone <name>', 'only this zone; repeatable', collect)
    .option('--out <file>', 'write there instead of printing')
    .option('--apply', 'apply it at once to the Postern of --api or --data')
    .option('--dry-run', 'with --apply: show what would change, and change nothing')
    .option('--account <account>', 'with --apply: make new zones in this account; name or id')
    .option('--yes', 'do not ask')
    .option('--api <url>', 'with --apply: control plane (POSTERN_API); its token is POSTERN_TOKEN')
    .option('--api-ca <file>', 'with --apply: CA of a control plane over TLS, in PEM (POSTERN_API_CA)')
    .option('--data <dir>', 'with --apply: data directory of a local "postern up" (POSTERN_DATA)')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES)
    .action(importZones);
}

const EXAMPLES = `
Examples:
  postern import --from cloudflare --zone example.com --out zones.yaml
  postern import --from cloudflare --zone example.com --apply --data ./data

Records of other types than A, AAAA and CNAME stay where they are, and keys
cannot be read from any API: what has to be uploaded is said on stderr and at
the top of the file.`;

async function importZones(flags: Flags): Promise<void> {
  const json = flags.json === true;
  try {
    const reading = await readPresent(source(flags), {
      dialect: 'cloudflare',
      wanted: wantedNames(flags.zone),
      others: false,
      rules: new Set<Hostname>(),
      account: null,
      accounts: false,
    });
    const missing = (flags.zone ?? []).filter((name) => ![...reading.present.zones.keys()].includes(theName(name)));
    if (missing.length > 0) {
      throw new Failure(
        `${flags.baseUrl} has no zone ${missing.join(', ')}.`,
        'Check the name and what the token may read.',
      );
    }
    const file = wantedFile(reading.present, null);
    const yaml = writeWanted(file, `Imported from ${flags.baseUrl}.\n${toUpload(reading).join('\n')}`);
    note(...reading.remarks, ...toUpload(reading));
    if (flags.apply !== true) emit(flags.out, json ? null : yaml, file);
    else await applyWanted(destination(flags), parseWanted('the import', yaml), { ...flags, json });
  } catch (error) {
    if (json) writeJson(failureView(error));
    throw error;
  }
}

/** A token of Postern is never sent to somebody else's API: each has a place of its own. */
function source({ baseUrl, token }: Flags): ApiAccess {
  const given = token ?? process.env['CLOUDFLARE_API_TOKEN'];
  if (given === undefined || given === '') {
    throw new Failure('No token for the API to read from is given.', 'Add --token, or set CLOUDFLARE_API_TOKEN.');
  }
  const { base } = apiAccess({ api: baseUrl });
  const { protocol, hostname } = new URL(base);
  if (protocol !== 'https:' && !/^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname)) {
    throw new Failure(`${baseUrl} would carry the token in clear text.`, 'Write the address with https://.');
  }
  return { base, trust: { kind: 'system' }, token: given };
}

function destination({ api, apiCa, data }: Flags): ApiAccess {
  return apiAccess({ api, apiCa, data });
}

function wantedNames(zones: readonly string[] | undefined): ReadonlySet<Hostname> | null {
  return zones === undefined ? null : new Set(zones.map(theName));
}

function theName(text: string): Hostname {
  const name = typedHostname(text);
  if (name === null)
    throw new Failure(`${JSON.stringify(text)} is not the name of a zone.`, 'Write it like example.com.');
  return name;
}

/** Keys cannot be read from any API: who has them must bring them along. */
function toUpload({ present }: Reading): readonly string[] {
  const lines = [...present.zones].flatMap(([zone, { certificates, hostnames }]) => {
    const used = new Set([...hostnames.values()].map(({ certificate }) => certificate));
    return certificates
      .filter(({ id }) => used.has(id))
      .map(({ fingerprint }) => {
        return `Keys cannot be imported. Before applying: postern certs upload --zone ${zone} --hostname-level --cert FILE --key FILE (certificate sha256:${fingerprint})`;
      });
  });
  const levels = [...present.zones].filter(([, { choices }]) => choices.zoneLevel).map(([zone]) => zone);
  const managed = levels.map(
    (zone) =>
      `The zone level of ${zone} will present an identity of Postern's own: its origins must trust "postern ca bundle --zone ${zone}".`,
  );
  return [...lines, ...managed];
}
