import { instant } from '../../domain/ids.ts';
import { SEVERITIES } from '../../domain/notice.ts';
import type { View } from '../../wire/answer-fields.ts';
import { locksView } from '../../wire/attestations.ts';
import { noticeView } from '../../wire/notices.ts';
import { zoneOverviewView } from '../../wire/overview.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { endingView, ZONE_GLANCE } from '../../wire/zone-glance.ts';
import { zoneSettingsView } from '../../wire/zone-settings.ts';
import { decide } from './effective-plan.ts';
import { allows, type Permission } from './permissions.ts';
import { one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import { setupSummaries } from './setup-view.ts';

type Glance = View<typeof ZONE_GLANCE>;

const DAY = 86_400_000;
const ENDING_DAYS = 90;
/** Each is worked out from all that is known of its names. */
const MOST_SETUPS = 20;
const MOST_NOTICES = 4;

export const ZONE_GLANCE_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/overview',
    permission: 'any',
    takes: { params: ZONE_PARAMS },
    answers:
      'One zone at a glance: its lock, how it is pulled, set-ups under way, what ends within 90 days and what was said of it of late; of each what the token may read, else null.',
    returns: one(ZONE_GLANCE),
    handle: async (_, call) => ({ kind: 'answer', result: await glance(call) }),
  }),
];

async function glance(call: ZoneCall): Promise<Glance> {
  const { plane, zone, now } = call;
  const pulls = may(call, 'settings:read') ? pullsOf(call) : null;
  const notices = may(call, 'notices:read') ? await newest(call) : null;
  if (!may(call, 'ssl:read')) return { row: null, locks: null, pulls, setups: null, ending: null, notices };
  const row = plane.zoneRow(zone.id);
  return {
    row: row === undefined ? null : zoneOverviewView(row, now),
    locks: locksView(zone, plane.attestations(zone.id)),
    pulls,
    setups: await underWay(call),
    ending: endingView(plane.zoneExpiries(zone.id, instant(now + ENDING_DAYS * DAY)), ENDING_DAYS),
    notices,
  };
}

function may({ token }: ZoneCall, permission: Permission): boolean {
  return allows(token.permissions, permission);
}

function pullsOf(call: ZoneCall): Glance['pulls'] {
  const { ssl, tls_client_auth, origin_tls_client_auth } = zoneSettingsView(call.zone);
  const own_hostnames = may(call, 'ssl:read') ? haveOwn(call) : null;
  return { ssl, tls_client_auth, origin_tls_client_auth, own_hostnames };
}

// Nobody decides for a hostname that has no association.
function haveOwn(call: ZoneCall): boolean {
  return [...call.zone.associations.keys()].some((hostname) => decide(hostname, call).level === 'hostname');
}

async function underWay(call: ZoneCall): Promise<Glance['setups']> {
  const query = { zones: [call.zone.id], accounts: 'all', skip: 0, most: MOST_SETUPS } as const;
  return setupSummaries((await call.plane.setups(query)).setups, call);
}

async function newest({ plane, zone }: ZoneCall): Promise<Glance['notices']> {
  const query = { zones: [zone.id], accounts: 'all', code: null, severities: SEVERITIES, since: null } as const;
  const found = await plane.notices({ ...query, olderThan: null, limit: MOST_NOTICES });
  return found.map(({ notice }) => noticeView(notice));
}
