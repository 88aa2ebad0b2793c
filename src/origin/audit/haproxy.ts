import type { ConfigurationReading, NotChecked } from '../../doctor/configuration.ts';
import type { Finding } from '../../doctor/diagnosis/finding.ts';
import { type HaproxyTree, readHaproxyTree } from '../server/haproxy/hosts.ts';
import { placeText, stopWhy } from '../server/place.ts';
import { type AuditRequest, found } from './audit-request.ts';
import type { Said } from './said.ts';
import { doubtedClaims, uniqueFindings, worstClaims } from './collected.ts';
import { judgeGate, NOTHING_MEANT } from './gate.ts';
import { based, type Bind, type BindSettings, bindsOf, type Met } from './haproxy/binds.ts';
import { haproxyGate, type HaproxyWorld, namesAt, remembers } from './haproxy/gate.ts';
import { verifyOf } from './haproxy/handshake.ts';
import { haproxyHeaders } from './haproxy/headers.ts';
import { haproxyProxies, type Proxies } from './haproxy/proxies.ts';
import { type TrustReading, readTrust } from './trust-reading.ts';
import { readTrustedFile } from './trusted-file.ts';

/** Reads a configuration of HAProxy: who gets in where, what is wrong, and what was not read. */
export function auditHaproxy(request: AuditRequest): ConfigurationReading {
  const tree = readHaproxyTree([request.main], request.source);
  const proxies = haproxyProxies(tree);
  const binds = bindsOf(proxies, request.source);
  const names = certificateNames(request, proxies);
  const trust = trustOf(request, proxies);
  const world: HaproxyWorld = { proxies, binds, namesIn: names, keepsOut: (met) => trust(met).keepsOut };
  const hosts = request.hosts.length > 0 ? request.hosts : hostsMeant(world);
  const { claims: judged, findings } = judgeGate(haproxyGate(world), hosts);
  const claims = doubtedClaims(judged, tree.stops);
  const asking = binds.filter((bind) => metsOf(bind).some(asks));
  const own = asking.flatMap((bind) => [
    ...metsOf(bind)
      .filter(asks)
      .flatMap((met) => trust(met).findings),
    ...settingsFaults(bind, proxies),
  ]);
  const isOpen = claims.some(({ verdict }) => verdict !== 'locked');
  return {
    server: 'haproxy',
    main: request.main,
    claims: worstClaims(claims),
    findings: uniqueFindings([...findings, ...own, ...(isOpen ? headerFaults(asking, proxies) : []), ...unread(tree)]),
    notChecked: [...(claims.length === 0 ? [NOTHING_MEANT] : []), ...notChecked(tree, binds)],
  };
}

/** What handshakes at a bind may meet. */
function metsOf({ settings, where, list }: Bind): readonly Met[] {
  const own =
    settings.has('ssl') && (settings.has('crt') || list === null || list.length === 0) ? [{ settings, where }] : [];
  return [...own, ...(list ?? [])];
}

function asks({ settings }: Met): boolean {
  return verifyOf(settings) !== 'none' || settings.has('ca-file');
}

// Names where certificates are asked for, or an authority is named for them; where there are none, those with TLS.
function hostsMeant(world: HaproxyWorld): readonly string[] {
  const speaking = world.binds.filter(({ settings }) => settings.has('ssl'));
  const asking = speaking.filter((bind) => metsOf(bind).some(asks));
  const chosen = asking.length > 0 ? asking : speaking;
  const lines = chosen.flatMap(({ list }) => list ?? []);
  const names = [...new Set(chosen.flatMap((bind) => namesAt(world, bind)))];
  // A line of a list of certificates says whether its own names are meant to be locked.
  const open = new Set(asking.length > 0 ? lines.filter((one) => !asks(one)).flatMap(({ filters }) => filters) : []);
  const left = names.filter((name) => !open.has(name));
  return left.length > 0 || chosen.length === 0 ? left : ['*'];
}

function certificateNames({ source }: AuditRequest, proxies: Proxies): (crt: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (crt) => {
    const before = known.get(crt);
    if (before !== undefined) return before;
    const file = readTrustedFile(based(crt, 'crt-base', proxies), source);
    const names = file.kind === 'read' ? (file.certificates[0]?.dnsNames ?? []) : [];
    known.set(crt, names);
    return names;
  };
}

/** The files that settings name, opened once for each set of them. */
function trustOf(request: AuditRequest, proxies: Proxies): (met: Met) => TrustReading {
  const known = new Map<BindSettings, TrustReading>();
  return ({ settings, where }) => {
    const before = known.get(settings);
    if (before !== undefined) return before;
    const named = (word: string, base: 'ca-base' | 'crt-base') => {
      const written = settings.get(word);
      return written === undefined || written.startsWith('@') ? null : { path: based(written, base, proxies), where };
    };
    const lists = named('crl-file', 'ca-base');
    const wanted = {
      lists: lists === null ? null : { ...lists, wanted: 'of_every_ca' as const },
      server: named('crt', 'crt-base'),
    };
    const reading = readTrust('haproxy', { authorities: named('ca-file', 'ca-base'), ...wanted }, request, null);
    const missing: Said = { code: 'ca_file_missing', where, detail: 'verify without ca-file' };
    const hasNone = verifyOf(settings) !== 'none' && !settings.has('ca-file');
    const whole = hasNone ? { ...reading, keepsOut: missing } : reading;
    known.set(settings, whole);
    return whole;
  };
}

/** What is wrong with the settings of a bind that asks for certificates, and lets nobody in by itself. */
function settingsFaults(bind: Bind, proxies: Proxies): readonly Finding[] {
  const { settings, where } = bind;
  const make = (code: Finding['code'], detail: string) => found('haproxy', code, { where, detail });
  const [min, max] = [settings.get('ssl-min-ver'), settings.get('ssl-max-ver')];
  const without = (version: string) => settings.has(`no-tlsv${version}`);
  const onlyOne =
    (min === 'TLSv1.3' ||
      max === 'TLSv1.2' ||
      settings.has('force-tlsv12') ||
      settings.has('force-tlsv13') ||
      without('12') ||
      without('13')) &&
    settings.has('ssl');
  return [
    ...(settings.has('allow-0rtt') ? [make('early_data', 'allow-0rtt')] : []),
    ...(onlyOne ? [make('tls_version', min === 'TLSv1.3' ? 'ssl-min-ver TLSv1.3' : 'one version only')] : []),
    ...(remembers(bind, proxies)
      ? [make('lasting_sessions', settings.has('no-tls-tickets') ? 'tune.ssl.cachesize' : 'session tickets')]
      : []),
  ];
}

function headerFaults(binds: readonly Bind[], proxies: Proxies): readonly Finding[] {
  const frontends = [...new Set(binds.map(({ proxy }) => proxy))];
  return frontends.flatMap((proxy) =>
    haproxyHeaders(proxies, proxy).map(({ code, where, detail }) => found('haproxy', code, { where, detail })),
  );
}

function unread({ stops }: HaproxyTree): readonly Finding[] {
  return stops.map((stop) => found('haproxy', 'unread_configuration', { where: stop.place, detail: stopWhy(stop) }));
}

function notChecked(tree: HaproxyTree, binds: readonly Bind[]): readonly NotChecked[] {
  const lists = binds.filter(({ list }) => list === null);
  return [
    {
      what: 'what runs',
      why: 'a configuration does not show what the server has loaded, nor what was changed at its socket',
    },
    ...lists.map(({ where, settings }) => ({
      what: placeText(where),
      why: `${settings.get('crt-list')} was not read`,
    })),
    ...tree.stops.map((stop) => ({ what: placeText(stop.place), why: stopWhy(stop) })),
  ];
}
