import { type CallerSlot, type CountedSlot, slotOf } from '../../domain/callers.ts';
import { contradictedLocks } from '../../domain/contradicted-lock.ts';
import { fingerprint, type Hostname, instant } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { ToldCertificate } from '../../domain/told-certificate.ts';
import {
  CALLER_SPANS,
  CALLERS,
  CALLERS_BODY,
  CALLERS_COUNTED,
  CALLERS_QUERY,
  NOBODY_KNOWN,
  callersPath,
  callersView,
  type CallerReport,
} from '../../wire/callers.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { typedPattern } from '../../wire/names.ts';
import { HOSTNAME_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { callersHow } from './callers-how.ts';
import { lookSoon } from './look-soon.ts';
import { askedOf } from './terminal-report.ts';
import { one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import { typedPatternIn } from './typed-in-zone.ts';

export const CALLER_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'POST',
    path: callersPath(':zone'),
    permission: 'origin:report',
    takes: { params: ZONE_PARAMS, body: CALLERS_BODY },
    answers:
      'Tells who came to an origin while it refused nobody, beside what was told before, and which certificates its server shows. Nothing is decided by it; it is kept for 24 hours. Where it contradicts a lock that was seen to hold, that is looked at anew.',
    returns: one(CALLERS_COUNTED),
    handle: async ({ body }, call) => {
      const hostnames = namesOf(body.hostnames, call);
      if (isProblem(hostnames)) return hostnames;
      const slots = slotsOf(body, hostnames);
      if (isProblem(slots)) return slots;
      const told = toldOf(body, hostnames);
      if (isProblem(told)) return told;
      const { host, lock, batch } = body;
      const others = (body.by_other_names ?? []).map(countedSlot);
      const report = { host, lock, batch, hostnames, slots, others, told };
      const counted = await call.plane.reportCallers(call.zone.id, report);
      if (isProblem(counted)) return counted;
      if (counted.fresh) lookSoon(contradicted(report, call), call);
      const look_at = counted.places.map(({ hostname, serverName, port }) => ({
        hostname,
        server_name: serverName,
        port,
      }));
      const asked = askedOf({ host, lock, hostnames, token: call.token.id, terminal: body.terminal }, call);
      return { kind: 'answer', result: { batch, counted: counted.fresh, look_at, enforcing_asked_on: asked } };
    },
  }),
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/hostnames/:hostname/callers',
    permission: 'ssl:read',
    takes: { params: HOSTNAME_PARAMS, query: CALLERS_QUERY },
    answers:
      'Who came to the origin of a hostname of late while it refused nobody: with the certificate of the edge, without one, or with another; and, apart, who came to the same lock by no name of it. Where nobody reports, it says what to run.',
    returns: one(CALLERS),
    handle: async ({ params, query }, call) => {
      const hostname = typedPatternIn(call.zone, params.hostname);
      if (isProblem(hostname)) return hostname;
      const since = slotOf(call.now - CALLER_SPANS[query.last]);
      const known = (await call.plane.callers(call.zone.id, [hostname], since)).get(hostname) ?? NOBODY_KNOWN;
      const about = { hostname, since, now: call.now, how: callersHow(hostname, call) };
      return { kind: 'answer', result: callersView(known, about) };
    },
  }),
];

/** Names whose lock was seen to hold, while this tells of callers that it let in since, by whatever name. */
function contradicted(
  {
    hostnames,
    slots,
    others,
  }: Pick<Parameters<ZoneCall['plane']['reportCallers']>[1], 'hostnames' | 'slots' | 'others'>,
  { plane, zone, now }: ZoneCall,
): readonly Hostname[] {
  const ofLock = others.flatMap((slot) => hostnames.map((hostname) => ({ ...slot, hostname })));
  return contradictedLocks(() => plane.attestations(zone.id).attestations, [...slots, ...ofLock], now);
}

function namesOf(texts: readonly string[], call: ZoneCall): readonly Hostname[] | Problem {
  const names: Hostname[] = [];
  for (const [index, text] of texts.entries()) {
    const name = typedPatternIn(call.zone, text, `/hostnames/${index}`);
    if (isProblem(name)) return name;
    names.push(name);
  }
  return [...new Set(names)];
}

function slotsOf({ counts }: CallerReport, hostnames: readonly Hostname[]): readonly CallerSlot[] | Problem {
  const slots: CallerSlot[] = [];
  for (const [index, { hostname: text, ...slot }] of counts.entries()) {
    const hostname = typedPattern(text);
    if (hostname === null || !hostnames.includes(hostname))
      return problem('bad_body', `${shown(text)} is not among hostnames`, `/counts/${index}/hostname`);
    slots.push({ hostname, ...countedSlot(slot) });
  }
  return slots;
}

type ReportedSlot = NonNullable<CallerReport['by_other_names']>[number];

function countedSlot({ at, examples, ...counts }: ReportedSlot): CountedSlot {
  return { at: instant(Date.parse(at)), counts, examples };
}

/** What it tells of its own certificates; `null` where it says nothing of them. */
function toldOf(
  { certificates }: CallerReport,
  hostnames: readonly Hostname[],
): readonly ToldCertificate[] | null | Problem {
  if (certificates === undefined) return null;
  const told: ToldCertificate[] = [];
  for (const [index, { hostname: text, sha256, subject, self_signed }] of certificates.entries()) {
    const at = `/certificates/${index}`;
    const hostname = typedPattern(text);
    if (hostname === null || !hostnames.includes(hostname))
      return problem('bad_body', `${shown(text)} is not among hostnames`, `${at}/hostname`);
    const digest = fingerprint(sha256);
    if (digest === null) return problem('bad_body', `${shown(sha256)} is no SHA-256`, `${at}/sha256`);
    told.push({ hostname, fingerprint: digest, subject, isSelfSigned: self_signed });
  }
  return told;
}
