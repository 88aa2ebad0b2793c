import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { GuardOptions } from '../origin/guard/guard.ts';
import { type GuardProblem, sentencesOf } from '../origin/guard/problems.ts';
import { claimedTwice, guardSite, type Site, type SiteRequest } from '../origin/guard/site.ts';
import { type ApiAccess, apiAccess } from './api.ts';
import { Failure } from './failure.ts';
import { absolute, collect, flagName, wholeNumber } from './flag-value.ts';
import { type GuardFile, readGuardFile } from './guard-file.ts';
import { type HostPort, isLoopback, parseHostPort } from './host-port.ts';
import { LOG_LEVELS, logLevel } from './log.ts';
import { isOn } from './on-off.ts';
import { placeOfReadyFile } from './ready-file.ts';
import { givenBy, setting, settingList, settingNames } from './settings.ts';
import { spokenSpan } from './time-span.ts';
import { tokenIn } from './token-file.ts';

/** All that is said on the command line, in the environment and in the file. */
export interface GuardSettings extends Pick<GuardOptions, 'listen' | 'health' | 'sites' | 'limits'> {
  readonly logLevel: string;
  readonly readyFile: string | null;
  /** Milliseconds. */
  readonly drain: number;
  /** To whom it is told who comes to sites that watch; `null` for nobody. */
  readonly reportTo: ApiAccess | null;
}

const DRAIN = '30s';

/** Flags of a site. Their names in the environment and in the file follow from them. */
const SITE_FLAGS = [
  'hostname',
  'serverName',
  'zone',
  'bundle',
  'shared',
  'pin',
  'subject',
  'uri',
  'crl',
  'alsoTrust',
  'alsoTrustCrl',
  'watch',
  'enforce',
  'upstream',
  'serverCert',
  'serverKey',
  'verifiedHeader',
  'manifest',
  'signature',
] as const;

type SiteFlag = (typeof SITE_FLAGS)[number];
type RunFlag =
  | 'listen'
  | 'health'
  | 'maxConnections'
  | 'drain'
  | 'readyFile'
  | 'logLevel'
  | 'api'
  | 'apiCa'
  | 'tokenFile';

// Subjects and URIs may hold commas: in the environment each has a line of its own.
const COMMA = ',';
const LINE = /\r?\n/;

/** Adds the flags. */
export function withGuardFlags(command: Command): Command {
  return withRunFlags(withSiteFlags(command));
}

function withSiteFlags(command: Command): Command {
  return command
    .option('--config <file>', 'several sites, as YAML or JSON, in place of the flags of one')
    .option('--hostname <name>', 'name that visitors use; repeatable', collect)
    .option(
      '--server-name <name>',
      "name that the edge asks for in place of it (a record's server_name); repeatable",
      collect,
    )
    .option('--zone <zone>', 'name of the zone, for the log; with --api its id')
    .option('--bundle <file>', 'trust bundle of the zone: the CAs of the edge')
    .option('--shared', 'the bundle is that of the identity that all zones share: needs --pin, --subject or --uri')
    .option('--pin <sha256>', 'fingerprint of a certificate that counts; repeatable', collect)
    .option('--subject <name>', 'whole subject that counts; repeatable', collect)
    .option('--uri <uri>', 'URI that the certificate must name; repeatable', collect)
    .option('--crl <file>', 'revocation lists of all CAs in the bundle (postern ca crl)')
    .option('--also-trust <file>', 'CA of your own whose callers come in beside the edge, and are told apart')
    .option('--also-trust-crl <file>', 'its revocation lists')
    .addOption(new Option('--enforce', 'refuse whoever may not come in (default)').conflicts('watch'))
    .option('--watch', 'ask, log and tell the application, refuse nobody')
    .option('--upstream <url>', 'application: http://HOST:PORT, unix:/path, tcp://HOST:PORT or tcp+unix:/path')
    .option('--server-cert <file>', 'certificate that the guard shows, with its intermediates')
    .option('--server-key <file>', 'its key')
    .option(
      '--verified-header <name>',
      'header that tells the application what was verified (default: X-Postern-Verified)',
    )
    .option('--manifest <file>', 'signed manifest of the bundle: openings in it (break glass) are obeyed')
    .option('--signature <file>', 'its signature (default: MANIFEST.sig)');
}

function withRunFlags(command: Command): Command {
  return command
    .option('--listen <host:port>', 'where to listen; repeatable (default: :443)', collect)
    .option('--health <host:port>', 'where this machine may ask: /health and /metrics')
    .option('--max-connections <count>', 'callers at a time (default: 10000)')
    .option('--api <url>', 'control plane that is told who comes to sites that watch')
    .option('--api-ca <file>', 'CA of a control plane over TLS, in PEM')
    .option('--token-file <file>', 'token for that, which may origin:report and nothing else (or POSTERN_TOKEN)')
    .option('--drain <span>', `how long requests under way may take after SIGTERM (default: ${DRAIN})`)
    .option('--ready-file <file>', 'written as JSON {listen, health, pid} when it answers')
    .option('--log-level <level>', `${LOG_LEVELS.join(', ')} (default: info)`);
}

/** Reads them. Throws a Failure for what cannot be meant. */
export function guardSettings(command: Command): GuardSettings {
  const given = new Given(command);
  const config = command.getOptionValue('config') as string | undefined;
  const file = config === undefined ? fileOf(given) : configured(given, config);
  const listen = given.list('listen', COMMA) ?? file.listen;
  const health = given.text('health') ?? file.health;
  const most = given.text('maxConnections') ?? file.maxConnections?.toString();
  return {
    logLevel: logLevel(given.text('logLevel')),
    readyFile: placeOfReadyFile(given.text('readyFile')),
    drain: spokenSpan('--drain', given.text('drain') ?? DRAIN) * 1_000,
    listen: (listen.length === 0 ? [':443'] : listen).map((text) => parseHostPort(text, '--listen')),
    health: health === undefined ? null : healthPlace(health),
    sites: sitesOf(file.sites, config),
    reportTo: reportTo(given),
    ...(most === undefined ? {} : { limits: { connections: connections(most) } }),
  };
}

/** What stands on the command line, and what in the environment where it does not. */
class Given {
  readonly #command: Command;

  constructor(command: Command) {
    this.#command = command;
  }

  text(flag: SiteFlag | RunFlag): string | undefined {
    return setting(this.#command, settingNames(flag), {});
  }

  list(flag: SiteFlag | RunFlag, separator: string | RegExp): readonly string[] | undefined {
    return settingList(this.#command, settingNames(flag), separator);
  }

  isOn(flag: SiteFlag): boolean {
    return isOn(this.text(flag) ?? 'off', flagName(flag));
  }

  /** The flag or the variable by which it was given; `null` where it was not. */
  by(flag: SiteFlag | RunFlag): string | null {
    return givenBy(this.#command, settingNames(flag));
  }

  needed(flag: SiteFlag): string {
    const value = this.text(flag);
    if (value !== undefined) return value;
    throw new Failure(
      `${flagName(flag)} is missing.`,
      `See postern guard --help. Give it, set ${settingNames(flag).env}, or name a --config FILE.`,
    );
  }
}

function connections(text: string): number {
  const count = wholeNumber('--max-connections', text);
  if (count < 1 || count > 100_000)
    throw new Failure(`--max-connections is ${count}.`, 'Give a number from 1 to 100000, or leave it out.');
  return count;
}

function reportTo(given: Given): ApiAccess | null {
  const [api, apiCa, tokenFile] = [given.text('api'), given.text('apiCa'), given.text('tokenFile')];
  if (api === undefined) {
    if (tokenFile === undefined) return null;
    throw new Failure('--token-file goes with --api.', 'Say whom to tell who comes: --api URL.');
  }
  const access = apiAccess({ api, apiCa, token: tokenFile === undefined ? undefined : tokenIn(tokenFile) });
  if (access.token !== null) return access;
  // In the environment it may be there for other commands.
  if (given.by('api') !== flagName('api')) return null;
  throw new Failure('There is no token.', 'Name a file with one that may origin:report (--token-file FILE).');
}

function healthPlace(text: string): HostPort {
  const place = parseHostPort(text, '--health');
  if (isLoopback(place)) return place;
  throw new Failure(
    `--health ${text} is no address of this machine alone.`,
    'Use 127.0.0.1:PORT or [::1]:PORT: what it tells is not for everybody.',
  );
}

function configured(given: Given, path: string): GuardFile {
  const beside = SITE_FLAGS.map((flag) => given.by(flag)).find((by) => by !== null);
  if (beside === undefined) return readGuardFile(path);
  throw new Failure(`${beside} and --config exclude each other.`, 'Say it in the file, for the site that it is about.');
}

/** The one site that flags and the environment describe. */
function fileOf(given: Given): GuardFile {
  const site: SiteRequest = {
    hostnames: given.list('hostname', COMMA) ?? [given.needed('hostname')],
    serverNames: given.list('serverName', COMMA),
    zone: given.text('zone'),
    bundle: resolve(given.needed('bundle')),
    kind: given.isOn('shared') ? 'shared' : 'zone',
    pins: given.list('pin', COMMA),
    subjects: given.list('subject', LINE),
    uris: given.list('uri', LINE),
    crl: absolute(given.text('crl')),
    alsoTrust: absolute(given.text('alsoTrust')),
    alsoTrustCrl: absolute(given.text('alsoTrustCrl')),
    mode: watches(given) ? 'watch' : 'enforce',
    upstream: given.needed('upstream'),
    serverCert: resolve(given.needed('serverCert')),
    serverKey: resolve(given.needed('serverKey')),
    verifiedHeader: given.text('verifiedHeader'),
    manifest: absolute(given.text('manifest')),
    signature: absolute(given.text('signature')),
  };
  return { listen: [], health: undefined, maxConnections: undefined, sites: [site] };
}

// A flag beats the environment; where that says both, nobody is let in by mistake.
function watches(given: Given): boolean {
  return given.by('watch') === flagName('watch') || (given.isOn('watch') && !given.isOn('enforce'));
}

function sitesOf(requests: readonly SiteRequest[], config: string | undefined): readonly Site[] {
  const sites = requests.map((request, index) => {
    const site = guardSite(request);
    if (!('code' in site)) return site;
    throw problemFailure(config === undefined ? site : { ...site, field: `sites[${index}].${site.field}` }, config);
  });
  const twice = claimedTwice(sites);
  if (twice !== null) throw problemFailure(twice, config);
  return sites;
}

// What a field is called in the file, and as a flag.
const FLAG_OF: Readonly<Record<string, string>> = { hostnames: '--hostname', server_names: '--server-name' };

function problemFailure(problem: GuardProblem, config: string | undefined): Failure {
  const field =
    config === undefined ? (FLAG_OF[problem.field] ?? `--${problem.field.replaceAll('_', '-')}`) : problem.field;
  const { text, fix } = sentencesOf({ ...problem, field });
  return new Failure(`${config === undefined ? '' : `--config ${config}: `}${text}.`, fix);
}
