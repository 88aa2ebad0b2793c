import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { configPath } from '../origin/config-path.ts';
import type { CompanionFile } from '../origin/generate/companion-file.ts';
import { type Configuration, generate, trustFiles } from '../origin/generate/generate.ts';
import { isServer, SERVERS, type ServerName, serverFacts } from '../origin/generate/server-facts.ts';
import { ORIGIN_PROBLEMS, type OriginProblem } from '../origin/problems.ts';
import { type OriginRequest, type OriginRequirement, originRequirement } from '../origin/requirement.ts';
import type { CertificateRequest, SiteRequest } from '../origin/site.ts';
import { readBundle } from '../pki/bundle.ts';
import { apiAccess } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import { type BundlePlace, bundleKey, bundlePlaces } from './origin-bundle.ts';
import { commonCertificate, type NamedContent, type NameFlags, namedContents } from './origin-names.ts';
import { type HostnameTrust, hostnameTrust } from './origin-plan.ts';
import { checkLists } from './revocation-file.ts';
import { writeWhole } from './whole-file.ts';
import { zoneNamed } from './zone-lookup.ts';

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

interface Flags extends NameFlags {
  readonly zone: readonly string[];
  readonly listen?: string[];
  readonly listenHttp?: string[];
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
    .addHelpText('after', ORIGIN_EXAMPLES);
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function configCommand(): Command {
  return new Command('config')
    .description('print the configuration that locks an origin')
    .argument('<server>', listed())
    .requiredOption('--zone <zone>', 'name or id of a zone; repeatable', collect)
    .requiredOption(
      '--hostname <name[=content]>',
      'name that visitors use, with its own upstream or directory of files where they differ; repeatable',
      collect,
    )
    .option(
      '--open-name <name[=content]>',
      'another name on the same listener that stays open to everybody; repeatable',
      collect,
    )
    .option(
      '--upstream <url>',
      'application behind the server: http://HOST:PORT or unix:/path (default: http://127.0.0.1:3000)',
    )
    .option('--root <dir>', 'directory of files to serve instead')
    .option('--listen <host:port>', 'where the server listens over TLS; repeatable (default: :443)', collect)
    .option('--listen-http <host:port|off>', 'where plain HTTP is redirected (default: off)', collect)
    .option(
      '--server-cert <[name=]file>',
      "the server's own certificate, with its intermediates, for one name or all; repeatable (default: /etc/letsencrypt/live/NAME/fullchain.pem)",
      collect,
    )
    .option('--server-key <[name=]file>', 'its key (default: /etc/letsencrypt/live/NAME/privkey.pem)', collect)
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
    throw new Failure(`${JSON.stringify(server)} is not a server that can be configured.`, `Use ${listed()}.`);
  const { request, bundles, messages } = await originRequest(server, flags);
  const requirement = originRequirement(request);
  if ('code' in requirement) throw originFailure(requirement);
  const made = generate(server, requirement);
  if ('code' in made) throw originFailure(made);
  // Only now: whoever is refused finds nothing changed.
  const derived = bundles.flatMap((bundle) => trustFilesOf(server, bundle));
  const wrote = writeAll({ ...made, files: [...made.files, ...derived] }, bundles, flags.out);
  for (const note of [...wrote, ...messages, ...absent(requirement), ...made.notes])
    process.stderr.write(`note: ${note}\n`);
}

interface Asked {
  readonly request: OriginRequest;
  readonly bundles: readonly BundlePlace[];
  readonly messages: readonly string[];
}

async function originRequest(server: ServerName, flags: Flags): Promise<Asked> {
  const access = apiAccess(flags);
  const zones = await Promise.all(flags.zone.map((zone) => zoneNamed(access, zone)));
  const contents = namedContents(flags, flags.hostname);
  const trusts: HostnameTrust[] = [];
  for (const { name } of contents) trusts.push(await hostnameTrust(access, name, zones));
  const places = bundlePlaces(flags, trusts);
  const bundles = [...places.values()];
  if (flags.crl !== undefined)
    checkLists(
      resolve(flags.crl),
      bundles.flatMap(({ text }) => readBundle(text)),
    );
  const sites = contents.flatMap((content, index) => {
    const trust = trusts[index];
    const place = trust === undefined ? undefined : places.get(bundleKey(trust));
    return trust === undefined || place === undefined ? [] : [siteOf(flags, content, trust, place.path)];
  });
  return {
    request: serverRequest(server, flags, joined(sites)),
    bundles,
    messages: [...new Set(trusts.flatMap((trust) => trust.messages))],
  };
}

function siteOf(
  flags: Flags,
  { name: _name, ...content }: NamedContent,
  { zone, names, kind, pins }: HostnameTrust,
  path: string,
): SiteRequest {
  return {
    zone,
    hostnames: names,
    bundle: { kind, path, ...(kind === 'shared' ? { pins: flags.acceptShared ? pins : [] } : {}) },
    crl: absolute(flags.crl),
    ...content,
    verifiedHeader: flags.verifiedHeader,
    mode: flags.watch ? 'watch' : 'enforce',
    alsoTrust: absolute(flags.alsoTrust),
  };
}

function trustFilesOf(server: ServerName, { path, text }: BundlePlace): readonly CompanionFile[] {
  const place = configPath(path);
  return place === null ? [] : trustFiles(server, { path: place, text });
}

/** One site of all that differ in nothing but their names. */
function joined(sites: readonly SiteRequest[]): readonly SiteRequest[] {
  const byRest = new Map<string, SiteRequest>();
  for (const { hostnames, ...rest } of sites) {
    const key = JSON.stringify(rest);
    byRest.set(key, { ...rest, hostnames: [...(byRest.get(key)?.hostnames ?? []), ...hostnames] });
  }
  return [...byRest.values()];
}

function serverRequest(server: ServerName, flags: Flags, sites: readonly SiteRequest[]): OriginRequest {
  const { listenHttp } = flags;
  const common = commonCertificate(flags);
  return {
    sites: sites.map((site) => ({ ...placed(server, common, site.hostnames[0]), ...site })),
    openNames: namedContents(flags, flags.openName ?? []).map(({ name, ...rest }) => ({
      ...placed(server, common, name),
      hostname: name,
      ...rest,
    })),
    ...common,
    listen: flags.listen,
    listenHttp: listenHttp === undefined || listenHttp.includes('off') ? 'off' : listenHttp,
    runtimeDirectory: absolute(flags.runtimeDir),
    serverVersion: flags.serverVersion,
    form: flags.fragment ? 'fragment' : 'complete',
  };
}

/** Where this server has its certificates, where nobody says and it is not where certbot puts them. */
function placed(server: ServerName, { serverCert, serverKey }: CertificateRequest, name = ''): CertificateRequest {
  const place = serverFacts(server).certificatePlace;
  return place === undefined || serverCert !== undefined || serverKey !== undefined
    ? {}
    : place(name.replace(/^\*\./, ''));
}

/** One sentence for each file of the server's own that is not there: it may be meant for another machine. */
function absent({ sites, openNames }: OriginRequirement): readonly string[] {
  const told = [...sites, ...openNames].flatMap(({ serverCert, serverKey }) =>
    [
      ['certificate', serverCert, '--server-cert'],
      ['key', serverKey, '--server-key'],
    ].flatMap(([what, path, flag]) =>
      path === undefined || existsSync(path)
        ? []
        : [`The server's ${what} ${path} is not on this machine; without it the server does not start (${flag}).`],
    ),
  );
  return [...new Set(told)];
}

function listed(): string {
  return `${SERVERS.slice(0, -1).join(', ')} or ${SERVERS.at(-1)}`;
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

const FLAG_OF: Readonly<Record<string, string>> = {
  'bundle.path': '--bundle',
  'bundle.pins': '--accept-shared',
  runtimeDirectory: '--runtime-dir',
  hostnames: '--hostname',
  sites: '--hostname',
  openNames: '--open-name',
  mode: '--watch',
  form: '--fragment',
};

function originFailure({ code, field, found }: OriginProblem): Failure {
  const { text, fix } = ORIGIN_PROBLEMS[code];
  const flag = FLAG_OF[field] ?? `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return new Failure(`${flag}${found === '""' ? '' : ` ${found}`}: ${text}.`, fix);
}

/** Writes what is new, the configuration last, and takes back what it wrote where that fails. What it wrote, in words. */
function writeAll(made: Configuration, bundles: readonly BundlePlace[], out: string | undefined): readonly string[] {
  const fresh = bundles.filter(({ isNew }) => isNew);
  const written: string[] = [];
  try {
    for (const { path, text } of fresh) {
      writeNew(path, text);
      written.push(path);
    }
    for (const { path, text } of made.files) writeWhole(path, text);
    if (out === undefined) process.stdout.write(made.text);
    else writeConfiguration(out, made.text);
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw error;
  }
  return [
    ...fresh.map(({ path }) => `wrote the trust bundle to ${path}`),
    ...made.files.map(({ path }) => `wrote ${path}, which the configuration reads`),
  ];
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
