import { z } from 'zod';
import type { Hostname } from '../../domain/ids.ts';
import { serve } from '../../domain/plan.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { VisitorAuthorities } from '../../domain/visitor-authorities.ts';
import type { Zone } from '../../domain/zone.ts';
import { HOST, type View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { type Message, remark } from '../../wire/messages.ts';
import { typedPattern } from '../../wire/names.ts';
import { HOSTNAME_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import {
  askedView,
  VISITOR_AUTHORITIES,
  VISITOR_AUTHORITIES_BODY,
  VISITOR_AUTHORITIES_LIST,
  visitorAuthoritiesView,
} from '../../wire/visitor-authorities.ts';
import { changed, commit } from './committed.ts';
import { entityTag, tagged, unmatched } from './entity-tag.ts';
import { heldPage, page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';
import { endingRemarks, readAuthorities } from './visitor-authorities.ts';
import { typedPatternIn } from './typed-in-zone.ts';

const PATH = '/postern/v1/zones/:zone/hostnames/:hostname/visitor_authorities';

const DROPPED = z
  .strictObject({ hostname: HOST })
  .meta({ id: 'DroppedVisitorAuthorities', description: 'The hostname that asks for nothing of its own any more.' });

export const VISITOR_AUTHORITY_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/visitor_authorities',
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, query: VISITOR_AUTHORITIES_LIST },
    answers: 'The hostnames of a zone that ask their visitors for certificates, with the CAs that they believe.',
    returns: pageOf(VISITOR_AUTHORITIES),
    handle: ({ query }, { zone }) => {
      const all = [...zone.visitorAuthorities.values()];
      const held = heldPage(all, query, ({ certificates }, one) =>
        certificates.some(({ fingerprint }) => fingerprint === one),
      );
      return page(all, held, visitorAuthoritiesView);
    },
  }),
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: HOSTNAME_PARAMS },
    answers: 'The CAs whose certificates a hostname or wildcard asks of its visitors, with an ETag.',
    returns: one(VISITOR_AUTHORITIES),
    precondition: 'if-none-match',
    handle: ({ params }, call) => {
      const list = find(params.hostname, call);
      if (isProblem(list)) return list;
      return { ...tagged(visitorAuthoritiesView(list)), messages: remarks(list, call) };
    },
  }),
  zoneRoute({
    method: 'PUT',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: HOSTNAME_PARAMS, body: VISITOR_AUTHORITIES_BODY },
    answers:
      'Asks visitors of a hostname, or of each name below a wildcard, for a certificate of these CAs; nobody else is let in. With If-Match only if nobody changed the list meanwhile.',
    returns: one(VISITOR_AUTHORITIES),
    precondition: 'if-match',
    handle: ({ params, body }, call) => put(params.hostname, body, call),
  }),
  zoneRoute({
    method: 'DELETE',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: HOSTNAME_PARAMS },
    answers: 'Lets visitors come without a certificate, unless a wildcard above asks for one.',
    returns: one(DROPPED),
    precondition: 'if-match',
    handle: ({ params }, call) => drop(params.hostname, call),
  }),
];

function find(text: string, { zone }: ZoneCall): VisitorAuthorities | Problem {
  const name = typedPattern(text);
  const list = name === null ? undefined : zone.visitorAuthorities.get(name);
  return list ?? problem('visitor_authorities_not_found', shown(text));
}

async function put(
  text: string,
  { certificates: pem, name = null }: z.output<typeof VISITOR_AUTHORITIES_BODY>,
  call: ZoneCall,
): Promise<Answer<View<typeof VISITOR_AUTHORITIES>> | Problem> {
  const hostname = typedPatternIn(call.zone, text);
  if (isProblem(hostname)) return hostname;
  const certificates = readAuthorities(pem, call.now);
  if (isProblem(certificates)) return certificates;
  const draft = { hostname, name, certificates };
  const committed = await commit(call, { kind: 'require_visitors', draft }, { precondition: match(hostname, call) });
  if (isProblem(committed)) return committed;
  const list = committed.zone.visitorAuthorities.get(hostname);
  if (list === undefined) return problem('visitor_authorities_not_found', hostname);
  const view = visitorAuthoritiesView(list);
  return { ...tagged(view), ...changed(committed, view, remarks(list, { ...call, zone: committed.zone })) };
}

async function drop(text: string, call: ZoneCall): Promise<Answer<View<typeof DROPPED>> | Problem> {
  const list = find(text, call);
  if (isProblem(list)) return list;
  const { hostname } = list;
  const command = { kind: 'drop_visitor_authorities', hostname } as const;
  const committed = await commit(call, command, { precondition: match(hostname, call) });
  return isProblem(committed) ? committed : changed(committed, { hostname });
}

/** Whether If-Match lets the list of a hostname change as it is when the change has its turn. */
function match(hostname: Hostname, { header }: ZoneCall): (zone: Zone | null) => Problem | null {
  const field = header('if-match');
  return (zone) => {
    const list = zone?.visitorAuthorities.get(hostname);
    // RFC 9110 §13.1.1: where there is nothing, not even `*` fits.
    if (list === undefined) return field === undefined ? null : problem('precondition_failed', 'there is none');
    const view = visitorAuthoritiesView(list);
    const refused = unmatched(field, view);
    // Their PEM would make the message very long.
    const now = JSON.stringify(askedView(list));
    return refused === null ? null : problem('precondition_failed', `it is ${entityTag(view)} now, ${now}`);
  };
}

/** What keeps a list from doing what its owner may think. */
function remarks(list: VisitorAuthorities, call: ZoneCall): readonly Message[] {
  const { ssl } = call.zone.settings;
  return [
    ...(isServed(list.hostname, call) ? [] : [remark('visitors_not_served')]),
    ...(ssl === 'off' ? [remark('visitors_ssl_off')] : []),
    ...endingRemarks(list, call.now),
  ];
}

function isServed(hostname: Hostname, { plane, zone }: ZoneCall): boolean {
  const own = serve(plane.planSource, hostname);
  if (own !== null && own.host.targets.length > 0) return true;
  if (!hostname.startsWith('*.')) return false;
  for (const [name, { targets }] of plane.edgeZone(zone.id)?.hosts ?? []) {
    if (targets.length > 0 && name.endsWith(hostname.slice(1))) return true;
  }
  return false;
}
