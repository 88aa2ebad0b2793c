import type { ServerKind } from '../doctor/diagnosis/fixes.ts';
import { hostname } from '../domain/ids.ts';
import { isRequestPath, MOST_PATH } from '../domain/request-path.ts';
import { DEFAULT_VERIFIED_HEADER, foldedSpellings, verifiedHeader } from '../origin/verified-header.ts';
import { type ApiAccess, apiAccess } from './api.ts';
import type { ConfigurationRequest } from './doctor-configuration.ts';
import type { Door } from './doctor-doors.ts';
import { type Identities, type IdentityFlags, identitiesOf } from './doctor-identities.ts';
import { targetsIn } from './doctor-targets-file.ts';
import { Failure } from './failure.ts';
import { parseHostPort } from './host-port.ts';

/** What may be said on the command line about what is looked at and how. */
export interface ExamineFlags extends IdentityFlags {
  readonly targets?: string;
  readonly connect?: readonly string[];
  readonly also?: readonly string[];
  readonly usualPorts?: boolean;
  readonly otherName?: readonly string[];
  readonly path: string;
  readonly verifiedHeader?: string;
  readonly config?: string;
  readonly server?: ServerKind;
  readonly host?: readonly string[];
  readonly api?: string;
  readonly apiCa?: string;
  readonly token?: string;
}

/** The same, understood: nothing in it is wrong by itself. */
export interface DoctorRequest {
  readonly doors: readonly Door[];
  readonly usualPorts: boolean;
  readonly otherNames: readonly string[];
  readonly path: string;
  /** All spellings of the header that an application may take for it; none where no name was given. */
  readonly verifiedHeaders: readonly string[];
  readonly identities: Identities;
  readonly configuration: ConfigurationRequest | null;
  /** The control plane, where it was named: it is never asked for being there. */
  readonly control: ApiAccess | null;
}

const MOST_NAMES = 10_000;
const MOST_OTHERS = 20;

/** Understands what was asked for. Throws `Failure` with exit 2 for everything that could not be done anyway. */
export function doctorRequest(names: readonly string[], flags: ExamineFlags): DoctorRequest {
  const doors = doorsOf(names, flags);
  const hosts = (flags.host ?? []).map((name) => named('--host', name));
  bounded('--foreign-identity', flags.foreignIdentity);
  return {
    doors,
    usualPorts: flags.usualPorts === true,
    otherNames: bounded('--other-name', flags.otherName).map((name) => named('--other-name', name)),
    path: pathOf(flags.path),
    verifiedHeaders: headersOf(flags.verifiedHeader),
    identities: identitiesOf(flags),
    control: controlOf(flags, doors),
    configuration: configurationOf(flags, [...new Set([...doors.map(({ host }) => host), ...hosts])]),
  };
}

function doorsOf(names: readonly string[], flags: ExamineFlags): readonly Door[] {
  const listed = flags.targets === undefined ? [] : targetsIn(flags.targets);
  const given = bounded('--connect', flags.connect).map((text) => parseHostPort(text, '--connect'));
  const also = bounded('--also', flags.also).map((text) => parseHostPort(text, '--also'));
  const asked = [
    ...names.map((name) => ({ host: named('TARGET', name), places: given })),
    ...listed.map(({ name, places }) => ({
      host: named(`${flags.targets}`, name),
      places: places.length > 0 ? places.map((text) => parseHostPort(text, `${flags.targets}`)) : given,
    })),
  ];
  if (asked.length > MOST_NAMES)
    throw new Failure(`${asked.length} targets are given; ${MOST_NAMES} are the most.`, 'Ask in several runs.');
  if (asked.length === 0 && (given.length > 0 || also.length > 0))
    throw new Failure(
      '--connect and --also say where, and no TARGET says what.',
      'Name the site that should be locked.',
    );
  return asked.flatMap(({ host, places }) => [
    ...(places.length > 0 ? places : [{ host, port: 443 }]).map((place) => ({ host, place, door: 'https' as const })),
    ...also.map((place) => ({ host, place, door: place.port === 80 ? ('http' as const) : ('other' as const) })),
  ]);
}

// Twenty of each make a matrix that nobody reads any more.
function bounded(flag: string, values: readonly string[] = []): readonly string[] {
  if (values.length <= MOST_OTHERS) return values;
  throw new Failure(`${flag} is given ${values.length} times; ${MOST_OTHERS} is the most.`, 'Ask in several runs.');
}

/** A name as it stands in the handshake. Whoever copies a URL means its name. */
function named(flag: string, text: string): string {
  const name = hostname(text);
  if (name !== null) return name;
  const meant = hostname(/^(?:[a-z]+:\/\/)?([^/:[\]]+)/i.exec(text)?.[1] ?? '');
  const port = /^(?:[a-z]+:\/\/)?[^/:]+:(\d{1,5})/i.exec(text)?.[1];
  const where = port === undefined ? '' : ` and the port with --connect ${meant}:${port}`;
  throw new Failure(
    `${flag}: ${JSON.stringify(text)} is not a name that a site can have.`,
    meant === null
      ? 'Name the site like www.example.test; say its address with --connect HOST:PORT.'
      : `Name the site (${meant})${where}.`,
  );
}

function pathOf(path: string): string {
  if (isRequestPath(path)) return path;
  throw new Failure(
    `--path is ${JSON.stringify(path)}, which is not a path of a URL.`,
    `Write it like /status, with at most ${MOST_PATH} characters, percent-encoded where need be.`,
  );
}

function headersOf(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  const name = verifiedHeader(text);
  if (name !== null) return [name, ...foldedSpellings(name)];
  throw new Failure(
    `--verified-header is ${JSON.stringify(text)}, which is no name for such a header.`,
    `Write it like ${DEFAULT_VERIFIED_HEADER}.`,
  );
}

function controlOf({ api, apiCa, token }: ExamineFlags, doors: readonly Door[]): ApiAccess | null {
  if (api === undefined) return null;
  if (doors.length === 0) throw new Failure('--api is asked about names.', 'Name the sites as TARGET.');
  // Never that of a local data directory: it is for the API there, and this one may be somebody else's.
  const own = token ?? process.env['POSTERN_TOKEN'];
  if (own !== undefined && own !== '') return apiAccess({ api, apiCa, token: own });
  throw new Failure('--api asks for a token.', 'Set POSTERN_TOKEN; one of Cloudflare may go there as well.');
}

function configurationOf({ config, server }: ExamineFlags, hosts: readonly string[]): ConfigurationRequest | null {
  const kind = server ?? null;
  if (config !== undefined) return { file: config, server: kind, hosts, version: null };
  if (kind === null) return null;
  throw new Failure('--server is given without a configuration.', `Write both: --config FILE --server ${kind}.`);
}
