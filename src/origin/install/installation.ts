import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { hostnamePattern, hostname as parsedHostname, instant, zoneId } from '../../domain/ids.ts';
import { readBundle } from '../../pki/bundle.ts';
import { type ConfigPath, configPath } from '../config-path.ts';
import { trustFiles } from '../generate/generate.ts';
import type { ServerName } from '../generate/server-facts.ts';
import { type LockedZone, type LockFile, type LockRecord, lockRecordText } from '../lock-record.ts';
import { pinOf } from '../pin.ts';
import { DISK } from '../server/config-source.ts';
import type { FoundServer, ServerHints } from '../server/found-server.ts';
import type { UnservedName } from './edge-service.ts';
import { logPlace } from './log-places.ts';
import type { Impossible, InstallGround } from './prospect.ts';
import { mayWrite } from './change-files.ts';
import type { InstallPlan } from './plan.ts';
import { findTarget, type Target } from './planner.ts';
import { type Stranger, strangers } from './prove.ts';
import { knownLock } from './uninstall.ts';
import type { VerifiedHeader } from '../verified-header.ts';
import { bundleBelow, type InstallRequest, lockName, nameFor } from './request.ts';

/** What a person asked for, as text. */
export interface InstallationRequest {
  readonly trust: {
    readonly zone: string;
    readonly zoneId: string | null;
    readonly kind: 'zone' | 'shared';
    readonly text: string;
    readonly pins: readonly string[];
    readonly controlPlane: LockRecord['controlPlane'];
    readonly unserved: readonly UnservedName[];
  };
  readonly hostnames: readonly string[];
  readonly lockName: string | undefined;
  readonly server: ServerName | undefined;
  readonly hints: ServerHints;
  readonly crl: string | undefined;
  readonly allNames: boolean;
  readonly defaultServer: boolean;
  readonly verifiedHeader: VerifiedHeader | null;
  /** Where logs of those who are watched go; `undefined` for where the server's own are. */
  readonly logs: string | undefined;
  readonly directory: string;
  readonly backups: string;
  readonly mode: 'enforce' | 'watch';
  readonly edges: InstallGround['proof']['edges'];
  readonly replace: boolean;
  /** Milliseconds that the server may take to read its configuration again. */
  readonly patience: number;
  readonly tell: (progress: string) => void;
  readonly stop: AbortSignal;
}

/** Everything that an installation needs. */
export interface Installation {
  readonly kind: 'ready';
  readonly ground: InstallGround;
  /** The same where names that no site has are refused, too. */
  readonly refusing: InstallGround;
}

/** Checks the request and finds the server, or says in a sentence what is wrong. Touches nothing. */
export async function installation(asked: InstallationRequest): Promise<Installation | Impossible> {
  const checked = checkedRequest(asked);
  if ('kind' in checked) return checked;
  const target = await findTarget({ server: asked.server, ...asked.hints });
  if (target.kind === 'none') return { ...target, kind: 'impossible' };
  const request = { ...checked, logs: logPlace(checked.logs, target.found.server, mayWrite) };
  const known = await strangers(instant(Date.now()));
  return {
    kind: 'ready',
    ground: groundOf(asked, request, target, known),
    refusing: groundOf(asked, { ...request, defaultServer: true }, target, known),
  };
}

function groundOf(
  asked: InstallationRequest,
  request: InstallRequest,
  { found, plan }: Target,
  known: readonly Stranger[],
): InstallGround {
  const unserved = new Set(asked.trust.unserved.map(({ name }) => name.toLowerCase()));
  return {
    found,
    request,
    beside: besideOf(asked, request, found),
    plan: (phase) => plan(request, phase),
    record: (plans) => ({
      path: join(request.directory, 'locks', `${request.name}.json`),
      text: lockRecordText(recordOf(asked, request, found, plans)),
    }),
    read: (path) => {
      const there = DISK.read(path);
      return 'text' in there ? there.text : null;
    },
    backups: asked.backups,
    proof: {
      hostnames: request.hostnames,
      served: request.hostnames.filter((name) => !unserved.has(name)),
      strangers: known,
      edges: asked.edges,
      patience: asked.patience,
    },
    mode: asked.mode,
    inForce: inForce(request),
    replace: asked.replace,
    tell: asked.tell,
    stop: asked.stop,
  };
}

/** The bundle, and the forms of it that the server needs. */
function besideOf({ trust }: InstallationRequest, { bundle }: InstallRequest, { server }: FoundServer) {
  return [{ path: bundle, text: trust.text }, ...trustFiles(server, { path: bundle, text: trust.text })];
}

function inForce({ directory, name }: InstallRequest): 'enforce' | 'watch' | null {
  const known = knownLock(directory, name);
  return known.kind === 'known' ? (known.record.request.sites[0]?.mode ?? 'enforce') : null;
}

function checkedRequest(asked: InstallationRequest): InstallRequest | Impossible {
  const zone = parsedHostname(asked.trust.zone);
  const hostnames = asked.hostnames.map((text) => hostnamePattern(text.toLowerCase()));
  const known = hostnames.filter((name) => name !== null);
  const [first, ...rest] = known;
  if (zone === null || first === undefined || known.length < hostnames.length) {
    return impossible(
      `--hostname ${JSON.stringify(asked.hostnames[hostnames.indexOf(null)] ?? '')} is not a hostname.`,
      'Write it like www.example.test.',
    );
  }
  const name = asked.lockName === undefined ? nameFor(first) : lockName(asked.lockName);
  if (name === null)
    return impossible(
      `--name ${JSON.stringify(asked.lockName)} is not a name for a lock.`,
      'Use lower-case letters, digits, dots and hyphens.',
    );
  const optional = (path: string | undefined) => (path === undefined ? null : configPath(path));
  const [directory, crl, logs] = [configPath(asked.directory), optional(asked.crl), optional(asked.logs)];
  const bundle = configPath(bundleBelow(asked.directory, { kind: asked.trust.kind, zone }));
  const isUnfit = (path: ConfigPath | null, text: string | undefined) => path === null && text !== undefined;
  if (directory === null || bundle === null || isUnfit(crl, asked.crl) || isUnfit(logs, asked.logs)) {
    return impossible(
      'A path holds characters that cannot be put into a configuration.',
      'Use letters, digits, spaces and . _ - + @ , = : ~ & ( ) / only.',
    );
  }
  const pins = asked.trust.pins.map((pem) => pinOf(pem)).filter((pin) => pin !== null);
  if (asked.trust.kind === 'shared' && pins.length === 0) {
    return impossible(
      'The shared identity is presented for every zone of the installation.',
      "Use the zone's own identity, or say --accept-shared so that the certificate is pinned.",
    );
  }
  const { allNames, defaultServer, verifiedHeader } = asked;
  const named = { name, zone, hostnames: [first, ...rest] } as const;
  return { ...named, bundle, pins, crl, allNames, defaultServer, directory, verifiedHeader, logs };
}

function impossible(text: string, fix: string): Impossible {
  return { kind: 'impossible', text, fix };
}

function recordOf(
  asked: InstallationRequest,
  request: InstallRequest,
  found: FoundServer,
  plans: { readonly enforce: InstallPlan; readonly watch: InstallPlan },
): LockRecord {
  const { enforce, watch } = plans;
  return {
    format: 'postern-lock',
    version: 1,
    name: request.name,
    server: found.server,
    program: found.program,
    serverVersion: found.version.join('.'),
    request: {
      sites: [
        {
          zone: request.zone,
          hostnames: request.hostnames,
          bundle: { kind: asked.trust.kind, path: request.bundle, pins: asked.trust.pins },
          ...(request.crl === null ? {} : { crl: request.crl }),
          ...(request.verifiedHeader === null ? {} : { verifiedHeader: request.verifiedHeader }),
          mode: asked.mode,
        },
      ],
      form: 'fragment',
    },
    files: recordedFiles(asked.mode === 'enforce' ? enforce : watch, besideOf(asked, request, found)),
    zones: zonesOf(asked, request),
    test: found.test,
    reload: found.reload,
    controlPlane: asked.trust.controlPlane,
    installedOn: new Date().toISOString(),
    installed: {
      main: found.main,
      directory: request.directory,
      edited: [...new Set([...enforce.edited, ...watch.edited])],
      texts: { enforce: Object.fromEntries(enforce.texts), watch: Object.fromEntries(watch.texts) },
      lines: Object.fromEntries(enforce.lines),
      asked: {
        reload: asked.hints.reload ?? null,
        logs: asked.logs ?? null,
        defaultServer: request.defaultServer,
      },
    },
  };
}

function recordedFiles(plan: InstallPlan, files: ReturnType<typeof besideOf>): readonly LockFile[] {
  const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
  const beside = files.map(({ path, text }) => [path, text] as const);
  return [...plan.texts, ...beside].map(([path, text]) => ({ path, sha256: sha256(text) }));
}

function zonesOf({ trust }: InstallationRequest, { zone, bundle, crl }: InstallRequest): readonly LockedZone[] {
  const id = trust.zoneId === null ? null : zoneId(trust.zoneId);
  if (id === null) return [];
  const trusted = readBundle(trust.text).map(({ fingerprint }) => fingerprint);
  return [{ id, name: zone, bundle, crl, trusted, bundleVersion: null }];
}
