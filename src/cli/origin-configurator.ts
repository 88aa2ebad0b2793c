import { configPath } from '../origin/config-path.ts';
import { type Configuration, generate, trustFiles, watchLogs } from '../origin/generate/generate.ts';
import { lockLines } from '../origin/generate/lock-lines.ts';
import { isInstallable } from '../origin/install/planner.ts';
import { bundleBelow } from '../origin/install/request.ts';
import { ORIGIN_PROBLEMS, type OriginProblem, originProblem } from '../origin/problems.ts';
import { type OriginRequirement, originRequirement } from '../origin/requirement.ts';
import type {
  OriginConfigField,
  OriginConfigRefusal,
  OriginConfigRequest,
  OriginConfigurator,
  OriginConfigWish,
} from '../wire/origin-config.ts';
import { type HostnameTrust, saidOfNames } from '../wire/hostname-trust.ts';
import { bundleFile, bundleKey } from './origin-bundle.ts';
import { originCertificateFiles } from './origin-certificate.ts';
import { originCommands } from './origin-commands.ts';
import { type OriginFile, originFiles } from './origin-file-list.ts';
import { namedContents } from './origin-names.ts';
import { certifiedRequest, openNames, type RequestFlags, trustingSites } from './origin-request.ts';

/** Where files of Postern's are at an origin, where nobody says. */
const DIRECTORY = '/etc/postern';

/** Makes what `postern origin config` makes, of what an API is told: for another machine, so no file is looked at. */
export const configureOrigin: OriginConfigurator = (asked) => {
  const relative = relativePath(asked.wish);
  if (relative !== null) return refused(relative);
  const contents = contradiction(asked.wish);
  if (contents !== null) return contents;
  const planned = plannedFiles(asked);
  const { wish } = asked;
  const requirement = originRequirement(requestOf(asked, planned));
  if ('code' in requirement) return refused(requirement);
  const made = makeConfiguration(wish, requirement);
  if ('code' in made) return refused(made);
  return { kind: 'made', config: answer(asked, { requirement, planned, ...made }) };
};

function makeConfiguration(wish: OriginConfigWish, requirement: OriginRequirement) {
  if (wish.lines === true) {
    const made = lockLines(wish.server, requirement);
    return 'code' in made ? made : { made, logs: made.logs };
  }
  const made = generate(wish.server, requirement);
  return 'code' in made ? made : { made, logs: watchLogs(wish.server, requirement) };
}

interface Made {
  readonly requirement: OriginRequirement;
  readonly made: Configuration;
  readonly planned: PlannedFiles;
  readonly logs: ReturnType<typeof watchLogs>;
}

function answer(asked: OriginConfigRequest, { requirement, made, planned, logs }: Made) {
  const { wish, trusts } = asked;
  return {
    server: wish.server,
    mode: wish.mode,
    hostnames: [...new Set(requirement.sites.flatMap(({ hostnames }) => hostnames))],
    text: made.text,
    files: originFiles({ wish, requirement, made, ...planned }),
    watch_logs: logs,
    notes: [
      ...new Set([
        ...saidOfNames(trusts.map(nameOf), trusts),
        ...unread(wish),
        ...placedNotes(asked, planned, made.notes),
      ]),
    ],
    commands: originCommands(asked, { logs, configuration: planned.configuration }),
  };
}

// The command that installs keeps the bundle, and what is made of it, in another place than files that are written or
// copied, and the notes are read whichever way is taken.
function placedNotes(
  { wish, trusts }: OriginConfigRequest,
  { bundles, companions }: PlannedFiles,
  notes: readonly string[],
): readonly string[] {
  if (!isInstallable(wish.server)) return notes;
  const places = trusts.flatMap((trust): (readonly [string, string])[] => {
    const path = bundles.get(bundleKey(trust))?.path;
    if (path === undefined) return [];
    const made = companions.filter((one) => one.path.startsWith(path)).map((one) => one.path.slice(path.length));
    return ['', ...made].map((end) => [path + end, bundleBelow(DIRECTORY, trust) + end]);
  });
  return notes.map((note) => [...new Map(places)].reduce(withBothPlaces, note));
}

function withBothPlaces(note: string, [path, installed]: readonly [string, string]): string {
  return note.replaceAll(`${path} `, () => `${path} (put in by the one command: ${installed}) `);
}

function nameOf({ names }: HostnameTrust): string {
  return names[0] ?? '';
}

/** Files that the configuration names, beside those of the server's own. */
interface PlannedFiles {
  /** Where the configuration itself may go. */
  readonly configuration: string;
  readonly bundles: ReadonlyMap<string, { readonly path: string; readonly text: string }>;
  readonly companions: readonly OriginFile[];
  readonly certificates: readonly {
    readonly names: readonly string[];
    readonly serverCert: string;
    readonly serverKey: string;
  }[];
}

function plannedFiles({ wish, zone, trusts }: OriginConfigRequest): PlannedFiles {
  const directory = wish.directory ?? DIRECTORY;
  const bundles = new Map(
    trusts.map((trust) => [
      bundleKey(trust),
      { path: wish.bundle ?? `${directory}/${bundleFile(trust)}`, text: trust.text },
    ]),
  );
  const companions = [...bundles.values()].flatMap(({ path, text }) => {
    const place = configPath(path);
    return place === null ? [] : trustFiles(wish.server, { path: place, text });
  });
  const names = [...trusts.flatMap((trust) => trust.names), ...(wish.open_names ?? []).map(({ hostname }) => hostname)];
  return {
    configuration: `${directory}/${wish.server}-${trusts[0]?.names[0]?.replace('*.', 'any.') ?? 'origin'}.conf`,
    bundles,
    companions: companions.map(({ path, text }) => ({
      path,
      what: 'read_with_it',
      text,
      from: 'Made of the trust bundle, which this server cannot read itself.',
    })),
    certificates:
      wish.origin_ca === true && !isCertified(wish) ? [{ names, ...originCertificateFiles(zone.name, directory) }] : [],
  };
}

function isCertified({ server_cert, server_key }: OriginConfigWish): boolean {
  return server_cert !== undefined || server_key !== undefined;
}

function requestOf({ wish, zone, trusts }: OriginConfigRequest, { bundles, certificates }: PlannedFiles) {
  const flags = flagsOf(wish, zone.name);
  const sites = trustingSites(flags, namedContents(flags, flags.hostname), { trusts, places: bundles });
  return certifiedRequest(wish.server, flags, { sites, open: openNames(flags), certificates });
}

function flagsOf(wish: OriginConfigWish, zone: string): RequestFlags {
  const open = (wish.open_names ?? []).map(({ hostname, upstream, root }) =>
    [hostname, upstream ?? root].filter((part) => part !== undefined).join('='),
  );
  return {
    zone: [zone],
    hostname: wish.hostnames,
    openName: open,
    watch: wish.mode === 'watch',
    fragment: wish.fragment === true,
    acceptShared: wish.accept_shared === true,
    ...given<Given>({
      upstream: wish.upstream,
      root: wish.root,
      serverVersion: wish.server_version,
      crl: wish.crl,
      verifiedHeader: wish.verified_header,
      alsoTrust: wish.also_trust,
      alsoTrustCrl: wish.also_trust_crl,
      runtimeDir: wish.runtime_dir,
      listen: wish.listen,
      listenHttp: wish.listen_http,
      alsoListen: wish.also_listen,
      serverCert: wish.server_cert === undefined ? undefined : [wish.server_cert],
      serverKey: wish.server_key === undefined ? undefined : [wish.server_key],
    }),
  };
}

type Given = Omit<
  Required<RequestFlags>,
  'zone' | 'hostname' | 'openName' | 'watch' | 'fragment' | 'acceptShared' | 'originCa' | 'bundle' | 'out'
>;

/** The fields that somebody gave. */
function given<Fields extends object>(
  fields: {
    readonly [Key in keyof Fields]: Fields[Key] | undefined;
  },
): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}

const PATH_FIELDS = [
  'root',
  'server_cert',
  'server_key',
  'directory',
  'bundle',
  'crl',
  'also_trust',
  'also_trust_crl',
  'runtime_dir',
  'server_config',
] as const satisfies readonly OriginConfigField[];

// A relative one would be completed with a directory of the control plane.
function relativePath(wish: OriginConfigWish): OriginProblem | null {
  const field = PATH_FIELDS.find((one) => wish[one] !== undefined && configPath(wish[one]) === null);
  return field === undefined ? null : originProblem('bad_path', field, wish[field] ?? '');
}

function contradiction(wish: OriginConfigWish): OriginConfigRefusal | null {
  if (wish.origin_ca === true && isCertified(wish)) {
    return {
      kind: 'refused',
      field: 'origin_ca',
      text: "the Origin CA's certificate and one of the server's own exclude each other",
      fix: 'Leave one of them out.',
    };
  }
  return null;
}

function unread({ also_trust, crl }: OriginConfigWish): readonly string[] {
  return [also_trust, crl].flatMap((path) =>
    path === undefined ? [] : [`${path} lies at the origin: what is in it is not looked at here.`],
  );
}

const FIELD_OF: Readonly<Record<string, OriginConfigField>> = {
  'bundle.path': 'bundle',
  'bundle.pins': 'accept_shared',
  runtimeDirectory: 'runtime_dir',
  sites: 'hostnames',
  zone: 'hostnames',
  hostnames: 'hostnames',
  openNames: 'open_names',
  form: 'fragment',
  lines: 'lines',
  mode: 'mode',
  upstream: 'upstream',
  root: 'root',
  listen: 'listen',
  listenHttp: 'listen_http',
  serverCert: 'server_cert',
  serverKey: 'server_key',
  serverVersion: 'server_version',
  verifiedHeader: 'verified_header',
  crl: 'crl',
  alsoTrust: 'also_trust',
  alsoTrustCrl: 'also_trust_crl',
  alsoListen: 'also_listen',
};

function refused({ code, field, found }: OriginProblem): OriginConfigRefusal {
  const { text, fix } = ORIGIN_PROBLEMS[code];
  const named = PATH_FIELDS.find((one) => one === field) ?? FIELD_OF[field] ?? 'server';
  return { kind: 'refused', field: named, text: found === '""' ? text : `${text}: ${found}`, fix };
}
