import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfigPath, configPath } from '../../src/origin/config-path.ts';
import type { CompanionFile } from '../../src/origin/generate/companion-file.ts';
import { generate, trustFiles } from '../../src/origin/generate/generate.ts';
import { serverFacts } from '../../src/origin/generate/server-facts.ts';
import { type OneSiteRequest, oneSite } from '../../src/origin/one-site.fixture.ts';
import { problemText } from '../../src/origin/problems.ts';
import { type OriginRequest, originRequirement } from '../../src/origin/requirement.ts';
import { PkiError } from '../../src/pki/pki-error.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import type { Credential } from '../support/knock.ts';
import type { PullCredentials } from '../support/pull-credentials.ts';
import {
  type RunningServer,
  type ServerSetup,
  startApache,
  startCaddy,
  startHaproxy,
  startLighttpd,
  startNginx,
  startNode,
  startStunnel,
} from '../support/server-process.ts';
import type { LockedServer } from './traits.ts';

export const ZONE = 'example.test';
export const HOST = 'www.example.test';

/** A real web server that runs a generated configuration in front of an echoing application. */
export interface LockedOrigin extends AsyncDisposable {
  readonly application: EchoApplication;
  readonly server: RunningServer;
  readonly tlsPort: number;
  readonly httpPort: number;
  /** Where the owner's own callers come in, where there are any. */
  readonly ownPort: number;
}

/** The files that a configuration names, in the server's directory. */
export interface Files {
  readonly directory: string;
  readonly tlsPort: number;
  readonly httpPort: number;
  readonly ownPort: number;
  readonly application: EchoApplication;
}

export interface LockOptions {
  readonly credentials: PullCredentials;
  /** Fields of the request that differ from the plain case. */
  readonly request?: (files: Files) => Partial<OneSiteRequest>;
  /** Sites and open names in place of the one site. The neighbour's bundle is in neighbour.pem. */
  readonly several?: (files: Files) => Pick<OriginRequest, 'sites' | 'openNames'>;
  /** What is in the bundle's file; the zone's bundle where left out, `null` for no file. */
  readonly bundle?: string | null;
  /** Wraps the generated text, where it is a fragment. */
  readonly around?: (fragment: string, files: Files) => string;
  /** The application listens on this file in the server's directory. */
  readonly socketName?: string;
  readonly plainHttp?: boolean;
  /** The owner's own CA is in own.pem, and its callers come in at a listener of their own. */
  readonly ownCallers?: boolean;
  /** Another executable of the server's program. */
  readonly program?: string | undefined;
}

const START: Readonly<Record<LockedServer, (setup: ServerSetup) => Promise<RunningServer>>> = {
  nginx: startNginx,
  apache: startApache,
  haproxy: startHaproxy,
  caddy: startCaddy,
  lighttpd: startLighttpd,
  stunnel: startStunnel,
  node: startNode,
};
// Without root, the system's places for process ids and logs are out of reach.
const isRoot = process.getuid?.() === 0;

/** The text that `generate` gives, its companion files written; throws where it refuses. */
function generated(server: LockedServer, request: OriginRequest, bundles: readonly string[]): string {
  const requirement = originRequirement(request);
  if ('kind' in requirement) throw new Error(problemText(requirement));
  const result = generate(server, requirement);
  if (result.kind === 'problem') throw new Error(problemText(result));
  const trust = bundles.flatMap((path) => trustOf(server, placed(path)));
  for (const { path, text } of [...result.files, ...trust]) writeFileSync(path, text);
  return result.text;
}

/** What the server reads in place of a bundle; a bundle that is none takes the place of that as it is. */
function trustOf(server: LockedServer, path: ConfigPath): readonly CompanionFile[] {
  const text = readFileSync(path, 'utf8');
  try {
    return trustFiles(server, { path, text });
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return [{ path: placed(`${path}.caddy`), text }];
  }
}

function placed(path: string): ConfigPath {
  const place = configPath(path);
  if (place === null) throw new Error(`not a path for a configuration: ${path}`);
  return place;
}

/** Starts server and application. Throws `DidNotStart` where the server refuses its configuration. */
export async function startLocked(server: LockedServer, options: LockOptions): Promise<LockedOrigin> {
  const application = await startEcho();
  try {
    const running = await START[server](setup(server, options, application));
    const [tlsPort = 0, httpPort = 0, ownPort = 0] = running.ports;
    return {
      application,
      server: running,
      tlsPort,
      httpPort,
      ownPort,
      [Symbol.asyncDispose]: async () => {
        await running.stop();
        await application[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await application[Symbol.asyncDispose]();
    throw error;
  }
}

function setup(server: LockedServer, options: LockOptions, application: EchoApplication): ServerSetup {
  const { credentials, request: change, bundle = credentials.bundle, around, several } = options;
  const plainHttp = options.plainHttp ?? !serverFacts(server).cannot.includes('redirect');
  return {
    ports: options.ownCallers ? 3 : 2,
    program: options.program,
    quiet: plainHttp ? [] : [1],
    configuration: ({ ports: [tlsPort = 0, httpPort = 0, ownPort = 0], directory }) => {
      const files = { directory, tlsPort, httpPort, ownPort, application };
      if (bundle !== null) writeFileSync(join(directory, 'bundle.pem'), bundle);
      writeFileSync(join(directory, 'neighbour.pem'), credentials.neighbourBundle);
      writeFileSync(join(directory, 'own.pem'), credentials.own.authority.certificate.pem);
      // With its issuer, which lighttpd cannot do without.
      writeCredential(directory, 'site', {
        ...credentials.server,
        cert: `${credentials.server.cert}${credentials.serverIssuer}`,
      });
      const request = {
        ...oneSite({
          zone: ZONE,
          hostnames: [HOST],
          bundle: { kind: 'zone', path: join(directory, 'bundle.pem') },
          listen: [`127.0.0.1:${tlsPort}`],
          listenHttp: plainHttp ? [`127.0.0.1:${httpPort}`] : 'off',
          serverCert: join(directory, 'site.pem'),
          serverKey: join(directory, 'site.pem.key'),
          // Caddy would share the place for its commands with every other one.
          ...((isRoot && server !== 'caddy') || server === 'apache' ? {} : { runtimeDirectory: directory }),
          ...(options.ownCallers
            ? { alsoTrust: join(directory, 'own.pem'), alsoListen: [`127.0.0.1:${ownPort}`] }
            : {}),
          ...content(change?.(files) ?? {}, application),
        }),
        ...several?.(files),
      };
      const bundles = ['bundle.pem', 'neighbour.pem', 'own.pem']
        .map((name) => join(directory, name))
        .filter(existsSync);
      const text = generated(server, request, bundles);
      return around === undefined ? text : around(text, files);
    },
    arguments: ({ directory }) => (server === 'apache' ? ['-C', `Define POSTERN_RUN "${directory}"`] : []),
  };
}

function content(request: Partial<OneSiteRequest>, { port }: EchoApplication): Partial<OneSiteRequest> {
  return 'root' in request || 'upstream' in request ? request : { ...request, upstream: `http://127.0.0.1:${port}` };
}

/** Writes NAME.pem and NAME.key, the key also where HAProxy looks for it. */
export function writeCredential(directory: string, name: string, { cert, key }: Credential): void {
  writeFileSync(join(directory, `${name}.pem`), cert);
  for (const file of [`${name}.key`, `${name}.pem.key`]) writeFileSync(join(directory, file), key, { mode: 0o600 });
}
