import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { configPath } from '../origin/config-path.ts';
import type { CompanionFile } from '../origin/generate/companion-file.ts';
import { type Configuration, generate } from '../origin/generate/generate.ts';
import { lockLines } from '../origin/generate/lock-lines.ts';
import { isServer, SERVERS, type ServerName, serverFacts } from '../origin/generate/server-facts.ts';
import { ORIGIN_PROBLEMS, type OriginProblem, originProblem } from '../origin/problems.ts';
import { type OriginRequirement, originRequirement } from '../origin/requirement.ts';
import { installedVersion } from '../origin/server/installed-version.ts';
import { apiAccess } from './api.ts';
import { Failure } from './failure.ts';
import { collect, flagName } from './flag-value.ts';
import { writeOriginFiles } from './origin-files.ts';
import { originRequest, type RequestFlags } from './origin-request.ts';

const EXAMPLES = `
Examples:
  postern origin config nginx --data ./data --zone example.test \\
      --hostname www.example.test --upstream http://127.0.0.1:3000 \\
      --server-cert /etc/ssl/www.pem --server-key /etc/ssl/www.key \\
      --out /etc/nginx/conf.d/www.conf --fragment
  postern origin config apache --zone example.test \\
      --hostname www.example.test --root /srv/www --out apache.conf &&
      apache2 -t -f "$PWD/apache.conf"
  postern origin config haproxy --zone example.test --zone other.test \\
      --hostname www.example.test \\
      --hostname shop.other.test=unix:/run/shop.sock \\
      --open-name status.example.test=http://127.0.0.1:4000 \\
      --origin-ca --out /etc/haproxy/postern.cfg

  postern origin config nginx --zone example.test --hostname www.example.test \\
      --lines --watch

  postern origin config nginx --zone example.test --hostname www.example.test \\
      --also-trust /etc/postern/monitors-ca.pem --also-listen 10.0.0.5:9443 \\
      --out www.conf

The file trusts whoever issues what the edge presents for the hostname: the
zone's own CA unless the hostname or the global level says otherwise. The bundle
is written to --bundle FILE where that does not exist yet.`;

interface Flags extends RequestFlags {
  readonly lines?: boolean;
  readonly api?: string;
  readonly apiCa?: string;
  readonly token?: string;
  readonly data?: string;
}

/** `postern origin config`: the configuration that locks a server. */
export function configCommand(): Command {
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
    .option('--origin-ca', "have the control plane's Origin CA certify a key that is made here, beside --out")
    .option('--bundle <file>', 'where the trust bundle is or shall be (default: beside --out, or in this directory)')
    .option('--crl <file>', 'revocation lists of all CAs in the bundle (postern ca crl): who is on one is refused')
    .option(
      '--verified-header <name>',
      'request header that tells the application what was verified (default: X-Postern-Verified)',
    )
    .option('--server-version <version>', 'version of the server (default: of the one on this machine)')
    .addOption(new Option('--enforce', 'refuse whoever comes without the certificate (default)').conflicts('watch'))
    .option('--watch', 'ask and log, refuse nobody')
    .option('--also-trust <file>', 'CA of your own, whose callers come in at --also-listen and are told apart')
    .option('--also-trust-crl <file>', 'its revocation lists')
    .option('--also-listen <host:port>', 'where those callers come in, and nobody else; repeatable', collect)
    .option('--runtime-dir <dir>', 'where a complete server keeps its process id, logs and temporary files')
    .option('--accept-shared', 'accept the identity that all zones share, and pin it')
    .option('--fragment', 'only the part to include into an existing configuration')
    .addOption(
      new Option('--lines', 'only the lines of the lock, for a server block or <VirtualHost> that is there').conflicts([
        ...NOT_IN_LINES,
      ]),
    )
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
  const told = await serverVersionOf(server, flags);
  const access = apiAccess(flags);
  const { request, messages, ...files } = await originRequest(access, server, { ...flags, ...told.version });
  const requirement = originRequirement(request);
  if ('code' in requirement) throw originFailure(requirement);
  const made = flags.lines === true ? lines(server, requirement, flags) : generate(server, requirement);
  if ('code' in made) throw originFailure(made);
  // Only now: whoever is refused finds nothing changed.
  const wrote = await writeOriginFiles({ access, server, made, ...files, out: flags.out });
  const missing = flags.lines === true ? [] : absent(requirement);
  for (const note of [...wrote, ...messages, ...told.notes, ...missing, ...made.notes])
    process.stderr.write(`note: ${note}\n`);
}

/** What the lines of a lock do not say: listeners, certificate and content are those of the virtual host. */
const NOT_IN_LINES = [
  'fragment',
  'listen',
  'listenHttp',
  'upstream',
  'root',
  'serverCert',
  'serverKey',
  'originCa',
  'openName',
  'alsoTrust',
  'alsoTrustCrl',
  'alsoListen',
  'runtimeDir',
  'verifiedHeader',
] as const satisfies readonly (keyof RequestFlags)[];

/** The lines, with what goes beside them written where it can be looked at first: nothing is put into a server's own directories. */
function lines(
  server: ServerName,
  requirement: OriginRequirement,
  { out, bundle }: Flags,
): Configuration | OriginProblem {
  const made = lockLines(server, requirement);
  if ('code' in made) return made;
  const directory = resolve(dirname(out ?? bundle ?? 'here'));
  const files: CompanionFile[] = [];
  const placed: string[] = [];
  for (const { path: goesTo, text } of made.files) {
    const path = configPath(join(directory, basename(goesTo)));
    if (path === null) return originProblem('bad_path', 'out', directory);
    files.push({ path, text });
    placed.push(`Copy ${path} to ${goesTo} before the lines go in.`);
  }
  return { ...made, files, notes: [...placed, ...made.notes] };
}

interface ToldVersion {
  readonly version: { readonly serverVersion?: string };
  readonly notes: readonly string[];
}

/** The version that is given, or that of the server on this machine. */
async function serverVersionOf(server: ServerName, { serverVersion }: Flags): Promise<ToldVersion> {
  if (serverVersion !== undefined) return { version: { serverVersion }, notes: [] };
  const { label } = serverFacts(server);
  const found = await installedVersion(server);
  if (found === null)
    return {
      version: {},
      notes: [
        `No ${label} on this machine says its version: this is made for Debian 12's. Say --server-version where yours is another.`,
      ],
    };
  return {
    version: { serverVersion: found.version },
    notes: [`Made for ${label} ${found.version}, as ${found.program} says; --server-version names another.`],
  };
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
  const flag = FLAG_OF[field] ?? flagName(field);
  return new Failure(`${flag}${found === '""' ? '' : ` ${found}`}: ${text}.`, fix);
}
