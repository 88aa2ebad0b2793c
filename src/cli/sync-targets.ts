import { basename, dirname, resolve } from 'node:path';
import { type Fingerprint, zoneId } from '../domain/ids.ts';
import { LOCKS_DIRECTORY, type LockRecord } from '../origin/lock-record.ts';
import { type Argv, splitCommand } from '../origin/sync/command.ts';
import type { GeneratedFile } from '../origin/sync/configuration-step.ts';
import { readPin } from '../origin/sync/judge.ts';
import type { Get } from '../origin/sync/published.ts';
import type { SyncTarget } from '../origin/sync/sync-lock.ts';
import type { WatchedLog } from '../origin/watch/caller-round.ts';
import { watchedLock } from '../origin/watch/watched-lock.ts';
import { type ApiAccess, apiAccess } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import { lockRecordAt, lockRecordPaths } from './lock-records.ts';
import { tokenIn } from './token-file.ts';
import { publicFiles } from './public-files.ts';
import { zoneNamed } from './zone-lookup.ts';

export interface SyncFlags {
  readonly zone?: string;
  readonly bundle?: string;
  readonly crl?: string;
  readonly test?: string;
  readonly reload?: string;
  readonly state?: string;
  readonly name?: string;
  readonly locks?: string;
  readonly trust?: readonly string[];
  readonly api?: string;
  readonly apiCa?: string;
  readonly public?: string;
  readonly tokenFile?: string;
  readonly data?: string;
  readonly interval?: string;
  readonly watch?: boolean;
  readonly stay?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly logLevel?: string;
  readonly installService?: boolean;
  readonly uninstallService?: boolean;
  readonly unitDir?: string;
}

/** A lock with whom to ask about it. */
export interface AskedTarget {
  readonly target: SyncTarget;
  readonly get: Get;
  /** For reports, and only with a token. */
  readonly access: ApiAccess;
  /** Where the lock writes who comes while it refuses nobody. */
  readonly watch: Pick<WatchedLog, 'logs' | 'since' | 'lockNames'>;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/** What there is to keep in step, and the records that are of no use: these hold back nobody but themselves. */
export interface SyncTargets {
  readonly targets: readonly AskedTarget[];
  readonly broken: readonly Failure[];
}

/** The locks that the command line means: those on record, or the one that its flags describe. */
export async function syncTargets(flags: SyncFlags): Promise<SyncTargets> {
  if (flags.zone !== undefined || flags.bundle !== undefined)
    return { targets: [await namedTarget(flags)], broken: [] };
  const alone = (['crl', 'test', 'reload', 'state', 'name', 'trust'] as const).find(
    (flag) => flags[flag] !== undefined,
  );
  if (alone !== undefined)
    throw new Failure(
      `--${alone} goes with --zone and --bundle.`,
      'Without them the locks on record are kept in step.',
    );
  const directory = resolve(flags.locks ?? LOCKS_DIRECTORY);
  const paths = lockRecordPaths(directory);
  if (paths.length === 0)
    throw new Failure(
      `There is no lock on record in ${directory}.`,
      'Install one (postern origin install), or say what to keep in step with --zone and --bundle.',
    );
  return recordedTargets(paths, flags);
}

function recordedTargets(paths: readonly string[], flags: SyncFlags): SyncTargets {
  const gets = new Map<string, Get>();
  const targets: AskedTarget[] = [];
  const broken: Failure[] = [];
  for (const path of paths) {
    try {
      targets.push(recordedTarget(path, flags, gets));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      broken.push(error);
    }
  }
  const [first] = broken;
  if (targets.length === 0 && first !== undefined) throw first;
  return { targets, broken };
}

async function namedTarget(flags: SyncFlags): Promise<AskedTarget> {
  const { zone, bundle } = flags;
  if (zone === undefined) throw new Failure('--bundle goes with --zone.', 'Say whose bundle it is: --zone ID.');
  if (bundle === undefined)
    throw new Failure('--zone goes with --bundle.', 'Name the file that the server reads: --bundle FILE.');
  const access = accessOf(flags, null);
  const id = zoneId(zone.toLowerCase()) ?? zoneId((await zoneNamed(access, zone)).id);
  if (id === null) throw new Failure(`The API gave no id for ${zone}.`, 'Give the id of the zone.', EXIT.undetermined);
  const pins = (flags.trust ?? []).map(pin);
  const place = resolve(bundle);
  const target: SyncTarget = {
    name: flags.name ?? basename(place),
    server: '',
    zones: [
      {
        id,
        name: null,
        bundle: place,
        crl: flags.crl === undefined ? null : resolve(flags.crl),
        trusted: [],
        version: null,
        pins,
      },
    ],
    commands: { test: command('--test', flags.test), reload: command('--reload', flags.reload) },
    state: resolve(flags.state ?? `${place}.sync`),
    configuration: null,
  };
  return {
    target,
    access,
    get: getOf(flags, access, new Map()),
    watch: { logs: [], since: null, lockNames: null },
    notes: [],
  };
}

function recordedTarget(path: string, flags: SyncFlags, gets: Map<string, Get>): AskedTarget {
  const record = lockRecordAt(path);
  const access = accessOf(flags, record);
  return {
    target: targetOf(record, `${path.replace(/\.json$/, '')}.sync`),
    access,
    get: getOf(flags, access, gets),
    watch: watchedLock(record, dirname(path)),
    notes: sharedNotes(record),
  };
}

function targetOf(record: LockRecord, state: string): SyncTarget {
  return {
    name: record.name,
    server: [record.server, record.serverVersion].filter((word) => word !== null).join(' '),
    zones: record.zones.map(({ id, name, bundle, crl, trusted, bundleVersion }) => {
      return { id, name, bundle, crl, trusted, version: bundleVersion, pins: [] };
    }),
    commands: { test: argvOf(record.test), reload: argvOf(record.reload) },
    state,
    configuration: generatedFile(record),
  };
}

function sharedNotes({ name, request: { sites } }: LockRecord): readonly string[] {
  const shared = sites.filter(({ bundle }) => bundle.kind === 'shared').flatMap(({ hostnames }) => hostnames);
  if (shared.length === 0) return [];
  return [`${name}: the bundle that all zones share is not signed, so it is not kept in step (${shared.join(', ')}).`];
}

function generatedFile({ server, request, files: [file], installed = null }: LockRecord): GeneratedFile | null {
  return file === undefined ? null : { server, request, installed, ...file };
}

function argvOf(words: readonly string[] | null): Argv | null {
  const [program, ...rest] = words ?? [];
  return program === undefined ? null : [program, ...rest];
}

function accessOf(flags: SyncFlags, record: LockRecord | null): ApiAccess {
  const { data, tokenFile } = flags;
  const named = flags.api ?? flags.public ?? process.env['POSTERN_API'];
  const place = record?.controlPlane;
  const isRecorded = named === undefined && data === undefined && place !== null && place !== undefined;
  const api = isRecorded ? place.url : (flags.api ?? flags.public);
  const apiCa = isRecorded ? (flags.apiCa ?? place.ca ?? undefined) : flags.apiCa;
  const token = tokenFile === undefined ? undefined : tokenIn(tokenFile);
  return apiAccess({ api, apiCa, data, token });
}

/** One for each control plane: where it cannot be reached, that is found out once. */
function getOf(flags: SyncFlags, access: ApiAccess, gets: Map<string, Get>): Get {
  const place = flags.public === undefined ? access : apiAccess({ api: flags.public, apiCa: flags.apiCa });
  const get = gets.get(place.base) ?? publicFiles(place);
  gets.set(place.base, get);
  return get;
}

function pin(text: string): Fingerprint {
  const read = readPin(text);
  if (read !== null) return read;
  throw new Failure(
    `--trust ${JSON.stringify(text)} is not the SHA-256 of a certificate.`,
    'Write it like sha256:3b1f…, 64 hexadecimal digits: postern ca bundle shows it.',
  );
}

function command(flag: string, text: string | undefined): Argv | null {
  if (text === undefined) return null;
  const words = splitCommand(text);
  if (words !== null) return words;
  throw new Failure(
    `${flag} ${JSON.stringify(text)} is not one command.`,
    'Write a program and its arguments, such as "nginx -t". There is no shell: put pipes and the like into a script.',
  );
}
