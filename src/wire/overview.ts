import { z } from 'zod';
import { type Attention, EDGE_TROUBLES, PLACES } from '../domain/attention.ts';
import { EXPIRING, type Expiry } from '../domain/expiry.ts';
import type { Instant } from '../domain/ids.ts';
import { NOTICE_KINDS, SEVERITIES } from '../domain/notice.ts';
import { VERDICTS } from '../domain/verdict.ts';
import { unseenUntil, type ZoneOverview } from '../domain/zone-overview.ts';
import { HOST, ID, SECOND, TIME, type View } from './answer-fields.ts';
import { moment, second } from './views.ts';

/** All zones at a glance, as the API shows them. */

const COUNT = z.int().meta({ examples: [3] });
const ZONE = z.strictObject({ id: ID, name: HOST.meta({ examples: ['example.test'] }) });

export const EXPIRY = z
  .strictObject({
    what: z.enum(EXPIRING),
    id: z.string().meta({ description: 'Of the certificate; a fingerprint or serial number where it has none.' }),
    name: z.string().meta({ examples: ['CN=pulls'] }),
    ends_on: SECOND,
    renews_itself: z
      .boolean()
      .meta({ description: 'Whether Postern puts its successor in its place before that, without anybody asking.' }),
    hostnames: z.array(HOST).meta({ description: 'The first 20 that it is for, where it is for some only.' }),
    zone: ZONE.nullable().meta({ description: 'null for what belongs to no zone.' }),
  })
  .meta({ id: 'Expiry', description: 'Something that comes to its end.' });

export const ZONE_OVERVIEW = z
  .strictObject({
    zone: ZONE,
    account: ID,
    paused: z.boolean(),
    verdict: z
      .enum(VERDICTS)
      .nullable()
      .meta({ description: 'The worst of its hostnames; null where none is looked at.' }),
    since: TIME.nullable().meta({ description: 'Since when it is this one; of locked, since when all were.' }),
    looks_paused_until: TIME.nullable().meta({
      description: 'Until when nobody looks at its locks, because somebody wished so; null where somebody looks.',
    }),
    hostnames: z.strictObject({
      served: COUNT.meta({ description: 'Names that the edge serves.' }),
      locked: COUNT,
      open: COUNT,
      broken: COUNT,
      unknown: COUNT,
      unattested: COUNT.meta({ description: 'Names without a lock that could hold.' }),
    }),
    next_end: EXPIRY.nullable().meta({ description: 'What ends first.' }),
    next_end_by_hand: EXPIRY.nullable().meta({ description: 'What ends first that does not renew itself.' }),
    concerns: z.strictObject({ critical: COUNT, warning: COUNT }),
    rotation: z
      .strictObject({ id: ID, phase: z.string().meta({ examples: ['switching'] }), paused: z.boolean() })
      .nullable(),
  })
  .meta({ id: 'ZoneOverview', description: 'How a zone is, in one row.' });

const CODES = [EDGE_TROUBLES, NOTICE_KINDS].flatMap((table) => Object.keys(table)) as [
  Attention['code'],
  ...Attention['code'][],
];

const ATTENTION = z.strictObject({
  severity: z.enum(SEVERITIES),
  code: z.enum(CODES).meta({ examples: ['lock_open'] }),
  text: z.string(),
  fix: z.string(),
  zone: ZONE.nullable(),
  hostname: HOST.nullable(),
  certificate: z
    .string()
    .nullable()
    .meta({ description: 'Id of the certificate that it is about; a fingerprint or serial number where it has none.' }),
  page: z.enum(PLACES).meta({ description: 'Where in the zone, or in the installation, it is seen.' }),
});

export const OVERVIEW = z
  .strictObject({
    zones: z.strictObject({
      total: COUNT,
      locked: COUNT,
      open: COUNT,
      broken: COUNT,
      unknown: COUNT,
      unattested: COUNT.meta({ description: 'Zones of which no lock is looked at.' }),
      paused: COUNT,
      looks_paused: COUNT.meta({ description: 'Zones at whose locks nobody looks for a while.' }),
      rotating: COUNT,
    }),
    hostnames: ZONE_OVERVIEW.shape.hostnames,
    ending: z.strictObject({
      within_days: COUNT,
      count: COUNT.meta({ description: 'What ends by then and does not renew itself.' }),
      first: z.array(EXPIRY),
    }),
    edges: z
      .strictObject({ total: COUNT, connected: COUNT, behind: COUNT })
      .nullable()
      .meta({ description: 'null for who may not see them.' }),
    attention: z.strictObject({
      count: COUNT,
      first: z.array(ATTENTION).meta({ description: 'The first 50, what is to be done first at the head.' }),
    }),
  })
  .meta({ id: 'Overview', description: 'All zones of the token at a glance.' });

/** Something that ends, as the API shows it. */
export function expiryView({ what, id, name, endsAt, renews, hostnames, zone }: Expiry): View<typeof EXPIRY> {
  return { what, id, name, ends_on: second(endsAt), renews_itself: renews, hostnames: [...hostnames], zone };
}

/** A row of the list of zones. */
export function zoneOverviewView(row: ZoneOverview, now: Instant): View<typeof ZONE_OVERVIEW> {
  const { id, name, account, paused, verdict, since, hostnames, expiries, concerns, rotation } = row;
  const until = unseenUntil(row, now);
  const [first] = expiries;
  const byHand = expiries.find(({ renews }) => !renews);
  const { critical, warning } = concerns;
  return {
    zone: { id, name },
    account,
    paused,
    verdict,
    since: since === null ? null : moment(since),
    looks_paused_until: until === null ? null : moment(until),
    hostnames: { ...hostnames },
    next_end: first === undefined ? null : expiryView(first),
    next_end_by_hand: byHand === undefined ? null : expiryView(byHand),
    concerns: { critical, warning },
    rotation,
  };
}

/** What wants attention, as the API shows it. */
export function attentionView(one: Attention): View<typeof ATTENTION> {
  const { severity, code, text, fix, zone, hostname, certificate, page } = one;
  return { severity, code, text, fix, zone, hostname, certificate, page };
}
