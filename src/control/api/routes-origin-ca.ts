import { z } from 'zod';
import { type Hostname, zoneId } from '../../domain/ids.ts';
import type { OriginCertificate } from '../../domain/origin-certificate.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { Zone } from '../../domain/zone.ts';
import { type CertificationRequest, readCertificationRequest } from '../../pki/csr.ts';
import { PkiError } from '../../pki/pki-error.ts';
import type { View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { remark } from '../../wire/messages.ts';
import { typedPattern } from '../../wire/names.ts';
import {
  ORIGIN_CERTIFICATE,
  ORIGIN_LIST,
  ORIGIN_REQUEST,
  originCertificateView,
  REVOKED_ORIGIN_CERTIFICATE,
} from '../../wire/origin-certificates.ts';
import { moment } from '../../wire/views.ts';
import { changed, commit } from './committed.ts';
import { heldPage, page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Call, type Route, route } from './route.ts';
import type { Answer } from './outcome.ts';

const PATH = '/client/v4/certificates';
const DAY = 86_400_000;
const ID = z.object({ id: z.string().meta({ description: 'Its serial number.', examples: ['31415926535897932384'] }) });

export const ORIGIN_CA_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { query: ORIGIN_LIST },
    answers: 'The certificates that the Origin CA issued for a zone; revoked ones say when they were.',
    returns: pageOf(ORIGIN_CERTIFICATE),
    handle: ({ query }, { plane }) => {
      if (query.zone_id === undefined) return problem('zone_id_required');
      const id = zoneId(query.zone_id.toLowerCase());
      const zone = id === null ? undefined : plane.zones.get(id);
      if (zone === undefined) return problem('zone_not_found');
      const all = [...zone.originCertificates.values()];
      return page(
        all,
        heldPage(all, query, ({ id: own }, one) => own === one),
        originCertificateView,
      );
    },
  }),
  route({
    method: 'POST',
    path: PATH,
    permission: 'ssl:edit',
    takes: { body: ORIGIN_REQUEST },
    answers: 'Issues a server certificate for an origin, for the key of the request and the hostnames named.',
    returns: one(ORIGIN_CERTIFICATE),
    handle: ({ body }, call) => issue(body, call),
  }),
  route({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'ssl:read',
    takes: { params: ID },
    answers: 'One certificate of the Origin CA.',
    returns: one(ORIGIN_CERTIFICATE),
    handle: ({ params }, call) => {
      const found = find(params.id, call);
      return isProblem(found) ? found : { kind: 'answer', result: originCertificateView(found.certificate) };
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:id`,
    permission: 'ssl:edit',
    takes: { params: ID },
    answers: 'Revokes a certificate: strict pulls refuse an origin that shows it.',
    returns: one(REVOKED_ORIGIN_CERTIFICATE),
    handle: ({ params }, call) => revoke(params.id, call),
  }),
];

interface Found {
  readonly kind: 'found';
  readonly zone: Zone;
  readonly certificate: OriginCertificate;
}

// The path names no zone. The plane shows a token its own zones alone.
function find(id: string, { plane }: Call): Found | Problem {
  for (const zone of plane.zones.all()) {
    const certificate = zone.originCertificates.get(id);
    if (certificate !== undefined) return { kind: 'found', zone, certificate };
  }
  return problem('certificate_not_found');
}

async function issue(
  body: z.output<typeof ORIGIN_REQUEST>,
  call: Call,
): Promise<Answer<View<typeof ORIGIN_CERTIFICATE>> | Problem> {
  const request = readRequest(body);
  if (isProblem(request)) return request;
  const place = placeOf(body.hostnames, call);
  if (isProblem(place)) return place;
  const { zone, names } = place;
  const lifetime = body.requested_validity * DAY;
  const certificate = await call.plane.signOrigin({ spki: request.spki, names, lifetime });
  const issued: OriginCertificate = {
    id: BigInt(`0x${certificate.serial}`).toString(),
    certificate,
    csr: body.csr,
    hostnames: names,
    requestType: body.request_type,
    requestedValidity: body.requested_validity,
    issuedAt: call.now,
    revokedAt: null,
  };
  const committed = await commit({ ...call, zone }, { kind: 'add_origin_certificate', certificate: issued });
  if (isProblem(committed)) return committed;
  const left = uncertified(request, names);
  const messages = left.length === 0 ? [] : [remark('csr_names_ignored', left.slice(0, 5).join(', '))];
  return changed(committed, originCertificateView(issued), messages);
}

async function revoke(id: string, call: Call): Promise<Answer<View<typeof REVOKED_ORIGIN_CERTIFICATE>> | Problem> {
  const found = find(id, call);
  if (isProblem(found)) return found;
  const committed = await commit({ ...call, zone: found.zone }, { kind: 'revoke_origin_certificate', id });
  if (isProblem(committed)) return committed;
  const revokedAt = committed.zone.originCertificates.get(id)?.revokedAt ?? call.now;
  return changed(committed, { id, revoked_at: moment(revokedAt) });
}

function readRequest(body: z.output<typeof ORIGIN_REQUEST>): CertificationRequest | Problem {
  try {
    const request = readCertificationRequest(body.csr);
    const fits = request.keyType.startsWith('rsa:') === (body.request_type === 'origin-rsa');
    const detail = `the key of the request is ${request.keyType}, request_type is ${body.request_type}`;
    return fits ? request : problem('csr_unfit', detail, '/request_type');
  } catch (error) {
    if (error instanceof PkiError) return problem('csr_unfit', error.message, '/csr');
    throw error;
  }
}

interface Place {
  readonly kind: 'place';
  readonly zone: Zone;
  readonly names: readonly Hostname[];
}

/** The zone that all names lie in, as far as the token sees it. */
function placeOf(hostnames: readonly string[], { plane }: Call): Place | Problem {
  const names = new Set<Hostname>();
  let zone: Zone | null = null;
  for (const [index, text] of hostnames.entries()) {
    const refuse = (why: string) => problem('origin_hostname_refused', `${text} ${why}`, `/hostnames/${index}`);
    const name = typedPattern(text);
    if (name === null) return refuse('is no hostname');
    const holder = plane.zones.holder(name);
    const own = holder === null ? undefined : plane.zones.get(holder.zone);
    if (own === undefined) return refuse('is in no zone that this token may edit');
    if (zone !== null && own.id !== zone.id)
      return refuse(`is in ${own.name}, the names before it are in ${zone.name}`);
    zone = own;
    names.add(name);
  }
  return zone === null ? problem('origin_hostname_refused') : { kind: 'place', zone, names: [...names] };
}

function uncertified({ commonNames, dnsNames, otherNames }: CertificationRequest, names: readonly Hostname[]) {
  const certified = new Set<string>(names);
  const asked = dnsNames.length > 0 ? dnsNames : commonNames.filter((name) => name.includes('.'));
  const left = asked.filter((name) => !certified.has(name.toLowerCase()));
  return otherNames ? [...left, 'addresses, URIs or e-mail addresses'] : left;
}
