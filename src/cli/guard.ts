import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { instant } from '../domain/ids.ts';
import { type Guard, type GuardOptions, startGuard } from '../origin/guard/guard.ts';
import { LockFault } from '../origin/guard/locked-site.ts';
import { type GuardProblem, sentencesOf } from '../origin/guard/problems.ts';
import { claimedTwice, guardSite, type Site, type SiteRequest } from '../origin/guard/site.ts';
import { EXIT, Failure } from './failure.ts';
import { absolute, collect, flagName, wholeNumber } from './flag-value.ts';
import { type GuardFile, readGuardFile } from './guard-file.ts';
import { formatHostPort, type HostPort, isLoopback, parseHostPort } from './host-port.ts';
import { listenFailure } from './listen-failure.ts';
import { LOG_LEVELS, logLevel, stderrLog } from './log.ts';
import { placeOfReadyFile, writeReady } from './ready-file.ts';
import { asked, reloadSignals } from './signals.ts';
import { spokenSpan } from './time-span.ts';

const EXAMPLES = `
Examples:
  postern guard --hostname www.example.test --bundle example.test.pem \\
      --server-cert fullchain.pem --server-key privkey.pem \\
      --upstream http://127.0.0.1:3000 --listen :443
  postern guard --config guard.yaml --health 127.0.0.1:9100

It asks every caller for the certificate that the bundle vouches for, and passes
on what the edge sends: HTTP/1.1 to http:// and unix:, bytes behind a header of
the PROXY protocol to tcp://. Bundle, lists, certificate and manifest are read
again when they change, and at SIGHUP. SIGTERM lets requests under way finish.`;

interface Flags {
  readonly config?: string;
  readonly listen?: readonly string[];
  readonly health?: string;
  readonly hostname?: readonly string[];
  readonly serverName?: readonly string[];
  readonly zone?: string;
  readonly bundle?: string;
  readonly shared?: boolean;
  readonly pin?: readonly string[];
  readonly subject?: readonly string[];
  readonly uri?: readonly string[];
  readonly crl?: string;
  readonly alsoTrust?: string;
  readonly alsoTrustCrl?: string;
  readonly watch?: boolean;
  readonly enforce?: boolean;
  readonly upstream?: string;
  readonly serverCert?: string;
  readonly serverKey?: string;
  readonly verifiedHeader?: string;
  readonly manifest?: string;
  readonly signature?: string;
  readonly maxConnections?: string;
  readonly drain: string;
  readonly readyFile?: string;
  readonly logLevel?: string;
}

/** `postern guard`: a lock in front of an application that has none. */
export function guardCommand(): Command {
  const command = new Command('guard').description(
    'lock an application that does no TLS, in the foreground, until SIGTERM',
  );
  return withRunFlags(withSiteFlags(command)).addHelpText('after', EXAMPLES).action(guard);
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
    .option('--zone <name>', 'name of the zone, for the log')
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
    .option('--drain <span>', 'how long requests under way may take after SIGTERM', '30s')
    .option('--ready-file <file>', 'written as JSON {listen, health, pid} when it answers')
    .option('--log-level <level>', `${LOG_LEVELS.join(', ')} (default: info)`);
}

async function guard(flags: Flags): Promise<void> {
  const log = stderrLog(logLevel(flags.logLevel));
  const readyFile = placeOfReadyFile(flags.readyFile);
  const drain = spokenSpan('--drain', flags.drain) * 1_000;
  const options = optionsOf(flags);
  const running = await started({ ...options, log, now: () => instant(Date.now()) });
  const wish = asked();
  for (const signal of reloadSignals()) process.on(signal, () => running.reload());
  const ready = {
    listen: running.listen.map(formatHostPort),
    health: running.health === null ? null : formatHostPort(running.health),
    pid: process.pid,
  };
  if (readyFile !== null) writeReady(readyFile, ready);
  log('ready', { ...ready, listen: ready.listen.join(' ') });
  await wish;
  log('draining', { within_ms: drain });
  await running.close(drain);
  log('ended', {});
}

async function started(options: GuardOptions): Promise<Guard> {
  try {
    return await startGuard(options);
  } catch (error) {
    if (error instanceof LockFault)
      throw new Failure(`${error.message}.`, error.fix, error.isWrongUse ? EXIT.wrongUse : EXIT.notGood);
    const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
    const where = address === undefined || port === undefined ? '' : ` (${formatHostPort({ host: address, port })})`;
    throw listenFailure(code, where) ?? error;
  }
}

function optionsOf(flags: Flags): Pick<GuardOptions, 'listen' | 'health' | 'sites' | 'limits'> {
  const file = flags.config === undefined ? fileOf(flags) : configured(flags, flags.config);
  const listen = flags.listen ?? file.listen;
  const health = flags.health ?? file.health;
  const most = flags.maxConnections ?? file.maxConnections?.toString();
  return {
    listen: (listen.length === 0 ? [':443'] : listen).map((text) => parseHostPort(text, '--listen')),
    health: health === undefined ? null : healthPlace(health),
    sites: sitesOf(file.sites, flags.config),
    ...(most === undefined ? {} : { limits: { connections: connections(most) } }),
  };
}

function connections(text: string): number {
  const count = wholeNumber('--max-connections', text);
  if (count < 1 || count > 100_000)
    throw new Failure(`--max-connections is ${count}.`, 'Give a number from 1 to 100000, or leave it out.');
  return count;
}

function healthPlace(text: string): HostPort {
  const place = parseHostPort(text, '--health');
  if (isLoopback(place)) return place;
  throw new Failure(
    `--health ${text} is no address of this machine alone.`,
    'Use 127.0.0.1:PORT or [::1]:PORT: what it tells is not for everybody.',
  );
}

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
] as const satisfies readonly (keyof Flags)[];

function configured(flags: Flags, path: string): GuardFile {
  const beside = SITE_FLAGS.find((flag) => flags[flag] !== undefined);
  if (beside === undefined) return readGuardFile(path);
  throw new Failure(
    `${flagName(beside)} and --config exclude each other.`,
    'Say it in the file, for the site that it is about.',
  );
}

/** The one site that flags describe. */
function fileOf(flags: Flags): GuardFile {
  const { hostname, serverName, zone, pin, subject, uri, verifiedHeader } = flags;
  const site: SiteRequest = {
    hostnames: hostname ?? [needed('hostname', undefined)],
    serverNames: serverName,
    zone,
    bundle: resolve(needed('bundle', flags.bundle)),
    kind: flags.shared === true ? 'shared' : 'zone',
    pins: pin,
    subjects: subject,
    uris: uri,
    crl: absolute(flags.crl),
    alsoTrust: absolute(flags.alsoTrust),
    alsoTrustCrl: absolute(flags.alsoTrustCrl),
    mode: flags.watch === true ? 'watch' : 'enforce',
    upstream: needed('upstream', flags.upstream),
    serverCert: resolve(needed('serverCert', flags.serverCert)),
    serverKey: resolve(needed('serverKey', flags.serverKey)),
    verifiedHeader,
    manifest: absolute(flags.manifest),
    signature: absolute(flags.signature),
  };
  return { listen: [], health: undefined, maxConnections: undefined, sites: [site] };
}

function needed(flag: (typeof SITE_FLAGS)[number], value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new Failure(`${flagName(flag)} is missing.`, 'See postern guard --help, or give --config FILE.');
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
