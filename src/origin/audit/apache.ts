import { basename, dirname } from 'node:path';
import type { ConfigurationReading, NotChecked } from '../../doctor/configuration.ts';
import type { Finding } from '../../doctor/diagnosis/finding.ts';
import { type ApacheEffective, type ApacheStart, type ApacheTree, readApacheTree } from '../server/apache/tree.ts';
import { placeText, stopWhy } from '../server/place.ts';
import type { ServerVersion } from '../server-version.ts';
import { apacheContent } from './apache/content.ts';
import { verifyMode } from './apache/handshake.ts';
import { apacheHeaders } from './apache/headers.ts';
import { type MissingModule, missingModules } from './apache/missing-modules.ts';
import { apacheFate } from './apache/request.ts';
import { pathsOf } from './apache/sections.ts';
import { type ApacheSite, type ApacheSites, apacheSites, claims, namesAt, setting, siteFor } from './apache/sites.ts';
import { apacheTrust, type SiteTrust } from './apache/trust.ts';
import { apacheLocksIn, skippedLocks } from './apache/written-locks.ts';
import { type AuditRequest, found } from './audit-request.ts';
import type { Caller, Fate } from './caller.ts';
import { doubtedClaims, uniqueFindings, worstClaims } from './collected.ts';
import { concrete, type Door, type Gate, judgeGate, NOTHING_MEANT } from './gate.ts';
import { idleFindings, type IdleLock, idleLocks } from './idle-locks.ts';
import { notStarted } from './not-started.ts';

/** What a program without a version is taken for. */
const LATEST: ServerVersion = [2, 4, 71];

/** Reads a configuration of Apache: who gets in where, what is wrong, and what was not read. */
export function auditApache(request: AuditRequest): ConfigurationReading {
  const version = request.version ?? LATEST;
  const tree = readWhole(request, version);
  const sites = apacheSites(tree);
  const root = rootOf(tree);
  const idle = [...idleLocksOf(tree, root, request), ...skippedLocks(tree)];
  const hosts = request.hosts.length > 0 ? request.hosts : hostsMeant(sites, idle);
  const trust = trustOf(sites, request, root);
  const gate = apacheGate(sites, trust, version);
  const judged = judgeGate(gate, hosts);
  const claimed = doubtedClaims(judged.claims, tree.stops);
  const own = hosts.flatMap((host) => ofHost(sites, host, trust));
  const open = new Set(claimed.filter(({ verdict }) => verdict !== 'locked').map(({ host }) => host));
  const told = hosts.filter((host) => open.has(host)).flatMap((host) => ofHeaders(sites, host));
  const names = new Set(sites.sites.flatMap((site) => site.names));
  const inForce = { claims: claimed, names, hosts: request.hosts };
  const reading = {
    server: 'apache' as const,
    main: request.main,
    claims: worstClaims(claimed),
    findings: [...judged.findings, ...own, ...told, ...idleFindings('apache', idle, inForce), ...unread(tree)],
    notChecked: [...(claimed.length === 0 ? [NOTHING_MEANT] : []), ...notChecked(tree, request, trust)],
  };
  const checked = withoutModules(reading, missingModules(tree));
  return { ...checked, findings: uniqueFindings(checked.findings) };
}

/** Apache loads no configuration that holds a directive of a module that is not there. */
function withoutModules(reading: ConfigurationReading, missing: readonly MissingModule[]): ConfigurationReading {
  const [first] = missing;
  if (first === undefined) return reading;
  const stopped = notStarted(reading, 'Apache', first.where);
  const said = missing.map((one) =>
    found('apache', 'would_not_start', { where: one.where, detail: `${one.what} needs ${one.module}: ${one.fix}` }),
  );
  return {
    ...stopped,
    findings: [...stopped.findings, ...said],
    notChecked: [
      ...stopped.notChecked,
      { what: missing.map(({ module }) => module).join(', '), why: 'taken for not compiled in; apachectl -l tells' },
    ],
  };
}

/** Where no module is loaded, another file loads them and includes this one. */
function readWhole({ main, source }: AuditRequest, version: ServerVersion): ApacheTree {
  const start = (allModules: boolean): ApacheStart => ({
    main,
    root: dirname(main),
    modules: [
      'core.c',
      'mod_so.c',
      'http_core.c',
      'mod_version.c',
      'mod_unixd.c',
      'mod_log_config.c',
      'version_module',
      'unixd_module',
      'log_config_module',
    ],
    defines: [],
    environment: {},
    audit: { version, allModules },
  });
  const tree = readApacheTree(start(false), source);
  return tree.effective.some(({ name }) => name === 'loadmodule') ? tree : readApacheTree(start(true), source);
}

function rootOf({ effective, main }: ApacheTree): string {
  return effective.findLast(({ name }) => name === 'serverroot')?.args[0] ?? dirname(main);
}

// Names of sites that ask for certificates or name an authority for them; where none does, those with TLS.
function hostsMeant({ sites, main, doors }: ApacheSites, idle: readonly IdleLock[]): readonly string[] {
  const all = sites.length === 0 ? [main] : [...sites, main];
  const asking = all.filter(asks);
  const speaking = all.filter((site) => setting(site, 'sslengine')?.args[0]?.toLowerCase() === 'on');
  const chosen = asking.length > 0 ? asking : speaking;
  const names = chosen.filter(
    (site) => site.host !== null || doors.some((door) => siteFor({ sites, main }, null, door) === site),
  );
  // RFC 6761 §6.4: nobody can ask for those.
  const here = new Set(sites.flatMap((site) => site.names));
  const left = idle.flatMap((lock) => lock.names).filter((name) => here.has(name));
  return [...new Set([...names.flatMap((site) => site.names), ...left])].filter((name) => !name.endsWith('.invalid'));
}

function idleLocksOf({ texts }: ApacheTree, root: string, { source }: AuditRequest): readonly IdleLock[] {
  const enables = (available: string) => {
    const kind = /\/(site|conf|mod)s?-available\//.exec(available)?.[1];
    return kind === undefined ? null : `a2en${kind} ${basename(available, '.conf')}`;
  };
  return idleLocks({ root, texts, source, locksIn: apacheLocksIn, enables });
}

function asks(site: ApacheSite): boolean {
  const named = setting(site, 'sslcacertificatefile') ?? setting(site, 'sslcacertificatepath');
  const inside = site.level
    .flatMap(({ inner }) => inner ?? [])
    .some(({ name, args }) => name === 'sslverifyclient' && args[0] !== 'none');
  return verifyMode(site) !== 'none' || named !== undefined || inside;
}

type Trusts = ReadonlyMap<ApacheSite, SiteTrust>;

function trustOf({ sites, main }: ApacheSites, request: AuditRequest, root: string): Trusts {
  return new Map(
    [...sites, main].filter(asks).map((site) => [site, apacheTrust(site, request, root, site.names[0] ?? '')]),
  );
}

function apacheGate(sites: ApacheSites, trust: Trusts, version: ServerVersion): Gate {
  const fate = (caller: Caller, door: Door): Fate => {
    const met = door.tls ? siteFor(sites, caller.serverName, door) : null;
    const keepsOut = met === null || verifyMode(met) === 'none' ? null : (trust.get(met)?.keepsOut ?? null);
    if (keepsOut !== null && (caller.shows === 'right' || caller.shows === 'look_alike')) {
      return { kind: 'refused', because: caller.shows === 'right' ? keepsOut : null };
    }
    const unread = [siteFor(sites, caller.host, door), met].find(
      (site) => site?.unclear !== null && site?.unclear !== undefined,
    );
    const where = unread?.unclear ?? null;
    if (where !== null) return { kind: 'unclear', where, why: 'a part of the site was not read' };
    return apacheFate(sites, caller, door, version);
  };
  return {
    server: 'apache',
    doors: sites.doors,
    names: (door) => namesAt(sites, door),
    content: (host, door) => {
      const site = siteFor(sites, host, door);
      return { reaches: apacheContent(site, '/'), claimed: claims(site, host), place: site.place };
    },
    fate,
    paths: (host, door) => pathsOf(siteFor(sites, host, door)),
  };
}

/** What is wrong with how a site trusts, told for the names that should be locked. */
function ofHost(sites: ApacheSites, host: string, trust: Trusts): readonly Finding[] {
  const own = sites.doors.filter(({ tls }) => tls).map((door) => siteFor(sites, concrete(host), door));
  return [...new Set(own)].flatMap((site) =>
    (trust.get(site)?.findings ?? []).map((one) => ({ ...one, target: host })),
  );
}

function ofHeaders(sites: ApacheSites, host: string): readonly Finding[] {
  const own = new Set(sites.doors.map((door) => siteFor(sites, concrete(host), door)));
  return [...own].flatMap((site) =>
    apacheHeaders(site).map(({ code, where, detail }) => found('apache', code, { where, detail, target: host })),
  );
}

function unread({ stops }: ApacheTree): readonly Finding[] {
  return stops.map((stop) => found('apache', 'unread_configuration', { where: stop.place, detail: stopWhy(stop) }));
}

function notChecked(tree: ApacheTree, { version }: AuditRequest, trust: Trusts): readonly NotChecked[] {
  const overridden = overrides(tree.effective);
  const defines = [...tree.undefinedNames].filter((name) => !name.startsWith('POSTERN_'));
  return [
    { what: 'what runs', why: 'a configuration does not show what the server has loaded' },
    ...(overridden ? [{ what: '.htaccess files', why: 'they are read with every request, and not here' }] : []),
    ...(version === null ? [{ what: 'the version of Apache', why: `not known: taken for ${LATEST.join('.')}` }] : []),
    ...(defines.length === 0
      ? []
      : [{ what: `IfDefine ${defines.join(', ')}`, why: 'taken for not given on the command line' }]),
    ...[...trust.values()].flatMap(({ notRead }) =>
      notRead.map((what) => ({ what, why: 'a directory of authorities is not opened' })),
    ),
    ...tree.stops.map((stop) => ({ what: placeText(stop.place), why: stopWhy(stop) })),
  ];
}

// Read with every request, from the directories of the site.
function overrides(level: readonly ApacheEffective[]): boolean {
  return level.some(
    ({ name, args, inner }) =>
      (name === 'allowoverride' && args[0]?.toLowerCase() !== 'none') || (inner !== null && overrides(inner)),
  );
}
