import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { hostname } from '../domain/ids.ts';
import { generate, type ServerName } from '../origin/generate/generate.ts';
import { ORIGIN_PROBLEMS, type OriginProblem } from '../origin/problems.ts';
import { type OriginRequest, type OriginRequirement, originRequirement } from '../origin/requirement.ts';
import { readBundle } from '../pki/bundle.ts';
import { type ApiAccess, apiAccess, callApi, fetchText } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import { firewallCommand } from './origin-firewall.ts';
import { checkLists } from './revocation-file.ts';

const SERVERS: readonly ServerName[] = ['nginx', 'apache'];

const EXAMPLES = `
Examples:
  postern origin config nginx --data ./data --zone example.test \\
      --hostname www.example.test --upstream http://127.0.0.1:3000 \\
      --server-cert /etc/ssl/www.pem --server-key /etc/ssl/www.key \\
      --out /etc/nginx/conf.d/www.conf --fragment
  postern origin config apache --zone example.test \\
      --hostname www.example.test --root /srv/www --out apache.conf &&
      apache2 -t -f "$PWD/apache.conf"

The file trusts whoever issues what the edge presents for the hostname: the
zone's own CA unless the hostname or the global level says otherwise. The bundle
is written to --bundle FILE where that does not exist yet.`;

const ORIGIN_EXAMPLES = `
Examples:
  postern origin config nginx --data ./data --zone example.test \\
      --hostname www.example.test --out www.conf
  postern origin config --help`;

interface Flags {
  readonly zone: string;
  readonly hostname: string;
  readonly upstream?: string;
  readonly root?: string;
  readonly listen?: string[];
  readonly listenHttp?: string[];
  readonly serverCert?: string;
  readonly serverKey?: string;
  readonly bundle?: string;
  readonly crl?: string;
  readonly verifiedHeader?: string;
  readonly serverVersion?: string;
  readonly watch?: boolean;
  readonly alsoTrust?: string;
  readonly runtimeDir?: string;
  readonly fragment?: boolean;
  readonly out?: string;
  readonly acceptShared?: boolean;
  readonly api?: string;
  readonly apiCa?: string;
  readonly token?: string;
  readonly data?: string;
}

/** `postern origin …`: what the owner of an origin needs. */
export function originCommand(): Command {
  return new Command('origin')
    .description('lock an origin')
    .addCommand(configCommand())
    .addCommand(firewallCommand())
    .addHelpText('after', ORIGIN_EXAMPLES);
}

function configCommand(): Command {
  const collect = (value: string, before: string[] = []): string[] => [...before, value];
  return new Command('config')
    .description('print the configuration that locks an origin')
    .argument('<server>', SERVERS.join(' or '))
    .requiredOption('--zone <zone>', 'name or id of the zone')
    .requiredOption('--hostname <name>', 'name that visitors use')
    .option(
      '--upstream <url>',
      'application behind the server: http://HOST:PORT or unix:/path (default: http://127.0.0.1:3000)',
    )
    .option('--root <dir>', 'directory of files to serve instead')
    .option('--listen <host:port>', 'where the server listens over TLS; repeatable (default: :443)', collect)
    .option('--listen-http <host:port|off>', 'where plain HTTP is redirected (default: off)', collect)
    .option(
      '--server-cert <file>',
      "the server's own certificate, with its intermediates (default: /etc/letsencrypt/live/NAME/fullchain.pem)",
    )
    .option('--server-key <file>', 'its key (default: /etc/letsencrypt/live/NAME/privkey.pem)')
    .option('--bundle <file>', 'where the trust bundle is or shall be (default: beside --out, or in this directory)')
    .option('--crl <file>', 'revocation lists of all CAs in the bundle (postern ca crl): who is on one is refused')
    .option(
      '--verified-header <name>',
      'request header that tells the application what was verified (default: X-Postern-Verified)',
    )
    .option('--server-version <version>', 'version of the server, where features differ')
    .addOption(new Option('--enforce', 'refuse whoever comes without the certificate (default)').conflicts('watch'))
    .option('--watch', 'ask and log, refuse nobody')
    .option('--also-trust <file>', 'another CA: refused, since nginx and Apache cannot tell CAs apart on one listener')
    .option('--runtime-dir <dir>', 'where a complete server keeps its process id, logs and temporary files')
    .option('--accept-shared', 'accept the identity that all zones share, and pin it')
    .option('--fragment', 'only the part to include into an existing configuration')
    .option('--out <file>', 'write there instead of printing')
    .option('--api <url>', 'control plane (POSTERN_API)')
    .option('--api-ca <file>', 'CA of a control plane over TLS, in PEM (POSTERN_API_CA)')
    .option('--token <token>', 'API token (POSTERN_TOKEN)')
    .option('--data <dir>', 'data directory of a local "postern up"')
    .addHelpText('after', EXAMPLES)
    .action(originConfig);
}

async function originConfig(server: string, flags: Flags): Promise<void> {
  if (!isServer(server))
    throw new Failure(
      `${JSON.stringify(server)} is not a server that can be configured.`,
      `Use ${SERVERS.join(' or ')}.`,
    );
  const access = apiAccess(flags);
  const trust = await effectiveTrust(access, flags);
  const bundle = bundlePlace(flags, trust);
  if (flags.crl !== undefined)
    checkLists(resolve(flags.crl), readBundle(bundle.isNew ? trust.text : readFileSync(bundle.path, 'utf8')));
  const requirement = originRequirement(requestOf(flags, trust, bundle.path));
  if ('code' in requirement) throw originFailure(requirement);
  const made = generate(server, requirement);
  if ('code' in made) throw originFailure(made);
  // Only now: whoever is refused finds nothing changed.
  if (bundle.isNew) writeNew(bundle.path, trust.text);
  if (flags.out === undefined) process.stdout.write(made.text);
  else {
    try {
      writeConfiguration(flags.out, made.text);
    } catch (error) {
      if (bundle.isNew) rmSync(bundle.path, { force: true });
      throw error;
    }
  }
  const wrote = bundle.isNew ? [`wrote the trust bundle to ${bundle.path}`] : [];
  for (const note of [...wrote, ...trust.messages, ...absent(requirement), ...made.notes])
    process.stderr.write(`note: ${note}\n`);
}

function requestOf(flags: Flags, trust: Trust, bundle: string): OriginRequest {
  const { listenHttp } = flags;
  return {
    zone: trust.zone,
    hostnames: trust.names,
    bundle: {
      kind: trust.kind,
      path: bundle,
      ...(trust.kind === 'shared' ? { pins: flags.acceptShared ? trust.pins : [] } : {}),
    },
    crl: absolute(flags.crl),
    upstream: flags.upstream,
    root: absolute(flags.root),
    listen: flags.listen,
    listenHttp: listenHttp === undefined || listenHttp.includes('off') ? 'off' : listenHttp,
    serverCert: absolute(flags.serverCert),
    serverKey: absolute(flags.serverKey),
    verifiedHeader: flags.verifiedHeader,
    mode: flags.watch ? 'watch' : 'enforce',
    alsoTrust: flags.alsoTrust,
    runtimeDirectory: absolute(flags.runtimeDir),
    serverVersion: flags.serverVersion,
    form: flags.fragment ? 'fragment' : 'complete',
  };
}

/** One sentence for each file of the server's own that is not there: it may be meant for another machine. */
function absent({ serverCert, serverKey }: OriginRequirement): readonly string[] {
  return [
    ['certificate', serverCert, '--server-cert'],
    ['key', serverKey, '--server-key'],
  ].flatMap(([what, path, flag]) =>
    path === undefined || existsSync(path)
      ? []
      : [`The server's ${what} ${path} is not on this machine; without it the server does not start (${flag}).`],
  );
}

function isServer(text: string): text is ServerName {
  return SERVERS.some((server) => server === text);
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

const FLAG_OF: Readonly<Record<string, string>> = {
  'bundle.path': '--bundle',
  'bundle.pins': '--accept-shared',
  runtimeDirectory: '--runtime-dir',
  hostnames: '--hostname',
};

function originFailure({ code, field, found }: OriginProblem): Failure {
  const { text, fix } = ORIGIN_PROBLEMS[code];
  const flag = FLAG_OF[field] ?? `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return new Failure(`${flag}${found === '""' ? '' : ` ${found}`}: ${text}.`, fix);
}

interface Trust {
  readonly zone: string;
  readonly names: readonly string[];
  readonly kind: 'zone' | 'shared';
  readonly text: string;
  /** PEM of the certificate that the edge presents, for pinning. */
  readonly pins: readonly string[];
  readonly messages: readonly string[];
}

interface PlanView {
  readonly zone: { readonly id: string; readonly name: string };
  readonly accept_shared: boolean;
  readonly why: string;
  /** What the edge does with a visit over https. */
  readonly https: { readonly kind: string; readonly sentence: string };
  readonly certificate: { readonly pem: string } | null;
  readonly bundle: { readonly path: string } | null;
  readonly server_names: readonly string[];
  readonly notices: readonly { readonly message: string }[];
}

async function effectiveTrust(access: ApiAccess, { zone, hostname: text }: Flags): Promise<Trust> {
  const name = hostname(text);
  if (name === null)
    throw new Failure(`--hostname ${JSON.stringify(text)} is not a hostname.`, 'Write it like www.example.test.');
  const id = /^[0-9a-f]{32}$/.test(zone) ? zone : await zoneIdOf(access, zone);
  const { result } = await callApi<PlanView>(
    access,
    'GET',
    `/postern/v1/zones/${id}/hostnames/${encodeURIComponent(name)}/plan`,
  );
  if (result.bundle === null)
    throw new Failure(
      `${name} is vetoed: the edge shows it no certificate, so a lock would keep the edge out.`,
      'Void the association of the hostname first (enabled: null).',
      EXIT.notGood,
    );
  const shown = await fetchText(access, result.bundle.path);
  return {
    zone: result.zone.name,
    names: [...new Set([name, ...result.server_names])],
    kind: result.accept_shared ? 'shared' : 'zone',
    text: shown,
    pins: result.certificate === null ? [] : [result.certificate.pem],
    messages: [...effect(result), result.why, ...result.notices.map(({ message }) => message)],
  };
}

// A lock for a name that nobody is led to is a typing error, or a record that is still to come.
function effect({ https }: PlanView): readonly string[] {
  switch (https.kind) {
    case 'present':
    case 'without':
      return [];
    case 'not_served':
      return [`No proxied record leads here yet: ${https.sentence}`];
    default:
      return [`The edge does not pull over TLS here yet: ${https.sentence}`];
  }
}

async function zoneIdOf(access: ApiAccess, zone: string): Promise<string> {
  const name = hostname(zone);
  if (name === null)
    throw new Failure(`--zone ${JSON.stringify(zone)} is neither a name nor an id.`, 'Write it like example.test.');
  const { result } = await callApi<readonly { readonly id: string }[]>(access, 'GET', `/client/v4/zones?name=${name}`);
  const [found] = result;
  if (found === undefined)
    throw new Failure(`There is no zone ${name}.`, 'Create it first: POST /client/v4/zones {"name": …}.');
  return found.id;
}

/** Where the server will read the bundle. One that is there is checked: a file that would lock wrongly is refused. */
function bundlePlace(flags: Flags, { zone, text, kind }: Trust): { readonly path: string; readonly isNew: boolean } {
  const file = kind === 'shared' ? 'postern-shared-bundle.pem' : `postern-${zone}-bundle.pem`;
  const path = resolve(flags.bundle ?? join(flags.out === undefined ? '.' : dirname(flags.out), file));
  if (!existsSync(path)) return { path, isNew: true };
  const known = checkedBundle(path);
  const missing = readBundle(text).filter(({ fingerprint }) => !known.has(fingerprint));
  if (missing.length > 0) {
    throw new Failure(
      `${path} does not hold ${missing.length} of the CAs that the edge's certificate needs, so the lock would keep the edge out.`,
      `Delete ${basename(path)} to have it written anew, or name another file with --bundle.`,
      EXIT.notGood,
    );
  }
  return { path, isNew: false };
}

function checkedBundle(path: string): ReadonlySet<string> {
  try {
    return new Set(readBundle(readFileSync(path, 'utf8')).map(({ fingerprint }) => fingerprint));
  } catch (error) {
    throw new Failure(
      `${path} is not a usable trust bundle: ${(error as Error).message}.`,
      'Delete it to have it written anew, or name another file with --bundle.',
      EXIT.notGood,
    );
  }
}

function writeConfiguration(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new Failure(
      `The configuration cannot be written to ${path} (${(error as NodeJS.ErrnoException).code}).`,
      'Name a file in a directory that this user may write to with --out FILE.',
      EXIT.undetermined,
    );
  }
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o644, flag: 'wx' });
  } catch (error) {
    throw new Failure(
      `The bundle cannot be written to ${path} (${(error as NodeJS.ErrnoException).code}).`,
      'Name a place that this user may write to with --bundle FILE.',
      EXIT.undetermined,
    );
  }
}
