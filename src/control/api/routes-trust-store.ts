import { certificateId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { TrustedCa } from '../../domain/zone.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import { TRUSTED_CA, trustedCaView } from '../../wire/certificate-views.ts';
import { isProblem } from '../../wire/commands.ts';
import { IN_ZONE_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { TRUST_LIST, TRUSTED_CA_UPLOAD } from '../../wire/schemas-certificates.ts';
import { changed, commit } from './committed.ts';
import { heldPage, page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';
import { readTrustedCa } from './upload.ts';

const PATH = '/client/v4/zones/:zone/acm/custom_trust_store';

export const TRUST_STORE_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, query: TRUST_LIST },
    answers: 'The CAs that strict verification trusts for the origins of this zone instead of the public ones.',
    returns: pageOf(TRUSTED_CA),
    handle: ({ query }, { zone, now }) => {
      const all = [...zone.trustStore.values()];
      return page(
        all,
        heldPage(all, query, ({ id }, one) => id === one),
        (ca) => trustedCaView(ca, now),
      );
    },
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: TRUSTED_CA_UPLOAD },
    answers: 'Trusts a CA. From the first one on, public CAs no longer count for this zone.',
    returns: one(TRUSTED_CA),
    handle: ({ body }, call) => add(body.certificate, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'ssl:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One trusted CA.',
    returns: one(TRUSTED_CA),
    handle: ({ params }, call) => {
      const ca = find(params.id, call);
      return isProblem(ca) ? ca : { kind: 'answer', result: trustedCaView(ca, call.now) };
    },
  }),
  zoneRoute({
    method: 'DELETE',
    path: `${PATH}/:id`,
    permission: 'ssl:edit',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'Ends the trust in a CA. Without any, the public CAs count again.',
    returns: one(DELETED),
    handle: async ({ params }, call) => {
      const ca = find(params.id, call);
      if (isProblem(ca)) return ca;
      const committed = await commit(call, { kind: 'distrust_ca', id: ca.id });
      return isProblem(committed) ? committed : changed(committed, { id: ca.id });
    },
  }),
];

function find(text: string, { zone }: ZoneCall): TrustedCa | Problem {
  const id = certificateId(text.toLowerCase());
  return (id === null ? undefined : zone.trustStore.get(id)) ?? problem('certificate_not_found');
}

async function add(sent: string, call: ZoneCall): Promise<Answer<View<typeof TRUSTED_CA>> | Problem> {
  const certificate = readTrustedCa(sent, call.now);
  if (isProblem(certificate)) return certificate;
  const ca: TrustedCa = { id: call.plane.newCertificateId(), certificate, sent, uploadedAt: call.now };
  const committed = await commit(call, { kind: 'trust_ca', ca });
  return isProblem(committed) ? committed : changed(committed, trustedCaView(ca, call.now));
}
