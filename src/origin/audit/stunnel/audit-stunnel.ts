import { dirname, isAbsolute, join } from 'node:path';
import type { Claim, ConfigurationReading, NotChecked } from '../../../doctor/configuration.ts';
import type { FindingCode } from '../../../doctor/diagnosis/findings.ts';
import type { Verdict } from '../../../domain/verdict.ts';
import { readOnce } from '../../server/config-source.ts';
import { stopWhy } from '../../server/place.ts';
import { isServer, listenersOf, optionOf, reachesOf } from '../../server/stunnel/services.ts';
import { readStunnel, type StunnelService } from '../../server/stunnel/syntax.ts';
import { type Listener, listenerText } from '../../server/virtual-host.ts';
import { type AuditRequest, found } from '../audit-request.ts';
import { doubtedClaims, uniqueFindings, worstClaims } from '../collected.ts';
import { notStarted } from '../not-started.ts';
import type { Said } from '../said.ts';
import { isLoopback } from '../public-address.ts';
import { hearingOf } from './hearing.ts';
import { settingsSaid } from './settings-said.ts';
import { type StunnelTrust, stunnelTrust } from './trust.ts';
import { type Verification, verificationOf } from './verification.ts';

/** Reads a configuration of stunnel and says who gets in where. Pure but for what `source` gives. */
export function auditStunnel(given: AuditRequest): ConfigurationReading {
  const request = { ...given, source: readOnce(given.source) };
  const { services, stops } = readStunnel(request.main, request.source);
  const judged = services.filter(isServer).map((service) => judgedService(service, services, request));
  const names = request.hosts.length > 0 ? request.hosts : ['*'];
  const reachable = judged.map((one) => ({ ...one, sockets: one.sockets.filter((socket) => isDoor(socket, judged)) }));
  const locks = reachable.filter(isMeant);
  const concerned = locks.length === 0 ? reachable : reachable.filter((one) => sharesWith(one, locks));
  const doors = concerned.flatMap((one) => beside(one, locks));
  const reading = {
    server: 'stunnel' as const,
    main: request.main,
    claims: doubtedClaims(worstClaims(doors.flatMap((door) => names.map((name) => claimOf(name, door)))), stops),
    findings: [
      ...doors.flatMap(({ said }) => said),
      ...concerned.flatMap((one) => [...one.trust.faults, ...(isMeant(one) ? settingsSaid(one.service) : [])]),
    ].map(({ code, where, detail }) => found('stunnel', code, { where, detail })),
    notChecked: notChecked(concerned),
  };
  const unread = stops.map((one) =>
    found('stunnel', 'unread_configuration', { where: one.place, detail: stopWhy(one) }),
  );
  const stopped = concerned.flatMap(({ trust }) => trust.stoppedBy ?? [])[0];
  const checked = stopped === undefined ? reading : notStarted(reading, 'stunnel', stopped);
  return { ...checked, findings: uniqueFindings([...checked.findings, ...unread]) };
}

interface Judged {
  readonly service: StunnelService;
  readonly sockets: readonly Listener[];
  readonly reaches: readonly string[];
  readonly verification: Verification;
  readonly verdict: Verdict;
  readonly said: readonly Said[];
  readonly trust: StunnelTrust;
}

function judgedService(service: StunnelService, services: readonly StunnelService[], request: AuditRequest): Judged {
  const verification = verificationOf(service);
  const trust = stunnelTrust(service, verification, { ...request, resolve: (path) => fullPath(request.main, path) });
  const cause = causeOf(service, verification);
  const said =
    cause === null
      ? []
      : [{ code: cause, where: verification.by?.place ?? service.place, detail: serviceText(service) }];
  const verdict = cause !== null || trust.letsStrangersIn ? 'open' : trust.keepsEdgeOut ? 'broken' : 'locked';
  const sockets = listenersOf(masterOf(service, services));
  return { service, sockets, reaches: reachesOf(service), verification, verdict, said, trust };
}

// Relative ones start where stunnel is started; mostly they lie beside its file.
function fullPath(main: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(main), path);
}

function serviceText({ name }: StunnelService): string {
  return name === '' ? '' : `[${name}]`;
}

/** What is wrong with how it asks; null where it turns away everybody whom its authorities do not vouch for. */
function causeOf(service: StunnelService, { requests, requires, chain, peer }: Verification): FindingCode | null {
  if (!requests) {
    const names = AUTHORITIES.some((name) => optionOf(service, name) !== null);
    return names ? 'verification_off' : 'not_asked';
  }
  if (!chain && !peer) return requires ? 'any_certificate' : 'unverified';
  return requires ? null : 'optional';
}

// A service for one name in the handshake has no socket of its own: `sni = SERVICE:PATTERN`.
function masterOf(service: StunnelService, services: readonly StunnelService[]): StunnelService {
  const master = optionOf(service, 'sni')?.value.split(':')[0];
  return services.find(({ name }) => name === master) ?? service;
}

// Whoever names authorities means to verify.
function isMeant({ service, verification }: Pick<Judged, 'service' | 'verification'>): boolean {
  return verification.requests || AUTHORITIES.some((name) => optionOf(service, name) !== null);
}

const AUTHORITIES = ['cafile', 'capath'];

function isDoor({ host }: Listener, judged: readonly Judged[]): boolean {
  return !isLoopback(host) || judged.every(({ sockets }) => sockets.every((socket) => isLoopback(socket.host)));
}

function sharesWith({ reaches }: Judged, locks: readonly Judged[]): boolean {
  return locks.some((lock) => lock.reaches.some((one) => reaches.includes(one)));
}

interface Door {
  readonly socket: Listener;
  readonly verdict: Verdict;
  readonly where: Claim['where'];
  readonly said: readonly Said[];
}

// Beside a lock, an open service to the same application is a door of its own.
function beside(one: Judged, locks: readonly Judged[]): readonly Door[] {
  const lock = locks.find((other) => other !== one && other.verdict !== 'open' && sharesWith(other, [one]));
  return one.sockets.map((socket) => {
    const isSide = one.verdict === 'open' && lock !== undefined;
    const isSame = lock?.sockets.some(({ host, port }) => host === socket.host && port === socket.port) === true;
    const code: FindingCode = isSame ? 'open_sibling' : 'other_port';
    const side: Said = {
      code,
      where: one.service.place,
      detail: `${serviceText(one.service)} at ${listenerText(socket)}`,
    };
    const rest = one.said.filter((said) => said.code !== 'not_asked');
    return { socket, verdict: one.verdict, where: one.service.place, said: isSide ? [side, ...rest] : one.said };
  });
}

function claimOf(host: string, { socket, verdict, where }: Door): Claim {
  return { host, address: socket.host, port: socket.port, verdict, where };
}

function notChecked(concerned: readonly Judged[]): readonly NotChecked[] {
  if (concerned.length === 0) return [{ what: 'any service', why: 'no service takes TLS connections' }];
  const unread = concerned.flatMap(({ trust }) => trust.unread);
  return [
    { what: "whether the edge's certificate is of the trusted authority", why: 'a configuration does not show it' },
    { what: 'which names the application answers', why: 'stunnel looks at no name, so it passes every one on' },
    ...concerned.flatMap(({ service }) => hearingOf(service, serviceText(service))),
    ...unread.map((what) => ({ what, why: 'the authorities there could not be looked at here' })),
  ];
}
