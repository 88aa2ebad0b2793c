import { z } from 'zod';
import { type Attestation, attestationKey } from '../../domain/attestation.ts';
import { type Hostname, instant } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { originKey } from '../../domain/proof.ts';
import { VERDICTS } from '../../domain/verdict.ts';
import type { Zone } from '../../domain/zone.ts';
import type { View } from '../../wire/answer-fields.ts';
import {
  ATTESTATION,
  ATTESTATION_BODY,
  ATTESTATION_DETAIL,
  ATTESTATION_RUN,
  attestationDetail,
  attestationView,
  LOCKS,
  locksView,
  PROBE_BODY,
  PROBE_CREDENTIALS,
} from '../../wire/attestations.ts';
import { readCertificationRequest } from '../../pki/csr.ts';
import { PkiError } from '../../pki/pki-error.ts';
import { SIGNED_REPORT } from '../../wire/attestation-report.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { typedHostname, typedPattern } from '../../wire/names.ts';
import { FILTER, HOSTNAME_PARAMS, MOMENT, ZONE_PARAMS, oneOf, paging } from '../../wire/schemas.ts';
import { moment } from '../../wire/views.ts';
import { findingTitle } from '../attest/finding-title.ts';
import { page } from './page.ts';
import { allOf, one, pageOf } from './returns.ts';
import { type Route, route, type ZoneCall, zoneRoute } from './route.ts';

const PATH = '/postern/v1/zones/:zone/attestations';

/** Hostnames that one call may name, and how long the text of them may be. */
const MOST_NAMED = 100;
const LONGEST_LIST = 10_000;

const HOSTNAMES = z
  .string({ error: 'must be given once' })
  .refine((text) => text.length <= LONGEST_LIST && text.split(',').length <= MOST_NAMED, {
    error: `must be at most ${MOST_NAMED} hostnames with commas between them`,
  })
  .meta({ maxLength: LONGEST_LIST });

const LIST = z.strictObject({
  hostname: FILTER.optional(),
  hostnames: HOSTNAMES.optional(),
  verdict: oneOf(VERDICTS).optional(),
  ...paging({ minimum: 1, maximum: 500, otherwise: 100 }),
});

const LOCK_LIST = z.strictObject({
  verdict: oneOf(VERDICTS).optional(),
  ...paging({ minimum: 1, maximum: 500, otherwise: 100 }),
});

const QUARTER = 90 * 86_400_000;

const REPORT_QUERY = z.strictObject({ since: MOMENT.optional() });

/** Changes of one origin that are shown with it. */
const MOST_CHANGES = 50;

export const ATTESTATION_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/postern/v1/locks',
    permission: 'ssl:read',
    takes: { query: LOCK_LIST },
    answers:
      'How the locks of each zone are, by name of the zone: whether all its origins refuse strangers, since when.',
    returns: pageOf(LOCKS),
    handle: ({ query }, { plane }) => {
      const zones = [...plane.zones.all()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const view = (zone: Zone) => locksView(zone, plane.attestations(zone.id));
      // Without a filter the zones of other pages need not be looked at.
      if (query.verdict === undefined) return page(zones, query, view);
      return page(
        zones.map(view).filter(({ verdict }) => verdict === query.verdict),
        query,
        (one) => one,
      );
    },
  }),
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/lock',
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS },
    answers: 'How the locks of a zone are, and which hostnames have none that could hold.',
    returns: one(LOCKS),
    handle: (_, { plane, zone }) => ({ kind: 'answer', result: locksView(zone, plane.attestations(zone.id)) }),
  }),
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, query: LIST },
    answers:
      'What was seen of the lock of each origin of a zone, by hostname; filtered by a part of the name, by whole names (hostnames=a.example.com,b.example.com), or by verdict.',
    returns: pageOf(ATTESTATION),
    handle: ({ query }, { plane, zone }) => {
      const { hostname, hostnames, verdict } = query;
      const named = hostnames === undefined ? null : new Set<string>(hostnames.toLowerCase().split(','));
      const found = plane
        .attestations(zone.id)
        .attestations.filter((one) => verdict === undefined || one.verdict === verdict)
        .filter(({ origin }) => hostname === undefined || origin.hostname.includes(hostname.toLowerCase()))
        .filter(({ origin }) => named === null || named.has(origin.hostname));
      return page(byName(found), query, view);
    },
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: ATTESTATION_BODY },
    answers:
      'Has the origins of a hostname, of several, or of the zone, looked at in every way before all others; waits for that up to 30 seconds.',
    returns: one(ATTESTATION_RUN),
    handle: async ({ body }, { plane, zone }) => {
      const named = namesOf(body);
      if (isProblem(named)) return named;
      const asked = await Promise.all(
        named.length === 0
          ? [plane.attestNow(zone.id, null)]
          : named.map((hostname) => plane.attestNow(zone.id, hostname)),
      );
      let waiting = 0;
      for (const run of asked) {
        if (isProblem(run)) return run;
        waiting += run.waiting;
      }
      const { attestations } = plane.attestations(zone.id);
      const about = attestations.filter(({ origin }) => named.length === 0 || named.includes(origin.hostname));
      return { kind: 'answer', result: { waiting, attestations: byName(about).map(view) } };
    },
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:hostname`,
    permission: 'ssl:read',
    takes: { params: HOSTNAME_PARAMS },
    answers:
      'What was seen of the locks of a hostname: each of its origins, with the evidence and when that changed; none where nobody has looked.',
    returns: allOf(ATTESTATION_DETAIL),
    handle: async ({ params }, call) => {
      const hostname = typedPattern(params.hostname);
      const { attestations } = call.plane.attestations(call.zone.id);
      const about = attestations.filter(({ origin }) => origin.hostname === hostname);
      return { kind: 'answer', result: await Promise.all(byName(about).map((one) => detail(one, call))) };
    },
  }),
  zoneRoute({
    method: 'POST',
    path: '/postern/v1/zones/:zone/probe_credentials',
    permission: 'locks:probe',
    takes: { params: ZONE_PARAMS, body: PROBE_BODY },
    answers:
      'Signs certificates to try the lock of a hostname with, for the key of a certification request: the right one, others that are wrong in one respect, and that of a neighbour. They count for five minutes.',
    returns: one(PROBE_CREDENTIALS),
    handle: async ({ body }, { plane, zone, actor }) => {
      const hostname = typedHostname(body.hostname);
      if (hostname === null) return problem('bad_body', `${shown(body.hostname)} is not a hostname`, '/hostname');
      const spki = requestedKey(body.csr);
      if (isProblem(spki)) return spki;
      const minted = await plane.probeCredentials(zone.id, { hostname, spki }, actor);
      if (isProblem(minted)) return minted;
      return { kind: 'answer', result: { ends_on: moment(minted.endsAt), certificates: minted.certificates } };
    },
  }),
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/attestation-report',
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, query: REPORT_QUERY },
    answers:
      'How the locks of a zone are, and every change since a day (90 days ago where it is left out), signed for auditors: who has a bundle of the zone can verify it without asking anybody.',
    returns: one(SIGNED_REPORT),
    handle: async ({ query }, { plane, zone, now }) => {
      const since = instant(query.since ?? now - QUARTER);
      const report = await plane.attestationReport(zone.id, since);
      if (isProblem(report)) return report;
      const { text, signature, sha256 } = report;
      return { kind: 'answer', result: { report: text, signature, sha256 } };
    },
  }),
];

/** The hostnames that a look is asked for; none for the whole zone. */
function namesOf({ hostname, hostnames = [] }: View<typeof ATTESTATION_BODY>): readonly Hostname[] | Problem {
  const named = new Set<Hostname>();
  for (const [text, pointer] of [
    ...(hostname === undefined ? [] : [[hostname, '/hostname'] as const]),
    ...hostnames.map((text, index) => [text, `/hostnames/${index}`] as const),
  ]) {
    const name = typedPattern(text);
    if (name === null) return problem('bad_body', `${shown(text)} is not a hostname`, pointer);
    named.add(name);
  }
  return [...named];
}

function requestedKey(csr: string): Uint8Array | Problem {
  try {
    return readCertificationRequest(csr).spki;
  } catch (error) {
    if (error instanceof PkiError) return problem('bad_body', error.message, '/csr');
    throw error;
  }
}

async function detail(attestation: Attestation, { plane, zone }: ZoneCall) {
  const { origin } = attestation;
  const changes = { origin: originKey(origin), since: null, most: MOST_CHANGES };
  return attestationDetail(
    attestation,
    await plane.attestationEvidence(zone.id, origin),
    await plane.attestationChanges(zone.id, changes),
    findingTitle,
  );
}

const view = (attestation: Attestation) => attestationView(attestation, findingTitle);

// There may be a hundred thousand: each key is made once.
function byName(attestations: readonly Attestation[]): readonly Attestation[] {
  const keyed = attestations.map((one) => [attestationKey(one), one] as const);
  return keyed.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
