import type { AssociationWish } from '../../domain/certificate-changes.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { ASSOCIATION, ASSOCIATION_OUTCOME, associationView, CERTIFICATE } from '../../wire/certificate-views.ts';
import { associations, isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { typedPattern } from '../../wire/names.ts';
import { HOSTNAME_PARAMS, IN_ZONE_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { ASSOCIATIONS, type AssociationsBody, UPLOAD } from '../../wire/schemas-certificates.ts';
import type { Committed } from '../committed.ts';
import { deleteCertificate, listCertificates, showCertificate, uploadCertificate } from './certificates.ts';
import { changed, commit, zoneMessages } from './committed.ts';
import { allOf, one } from './returns.ts';
import { progress, type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';

const PATH = '/client/v4/zones/:zone/origin_tls_client_auth/hostnames';

export const HOSTNAME_PULL_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'PUT',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: ASSOCIATIONS },
    answers:
      'Sets what hostnames present, all or none: true a certificate, false none at all, null what the zone says.',
    returns: allOf(ASSOCIATION_OUTCOME),
    handle: ({ body }, call) => associate(body, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/certificates`,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS },
    answers: 'The certificates for hostnames: those that were uploaded, and those that the authority of the zone made.',
    returns: allOf(CERTIFICATE),
    handle: (_, call) => listCertificates('hostname', call),
  }),
  zoneRoute({
    method: 'POST',
    path: `${PATH}/certificates`,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: UPLOAD },
    answers: 'Uploads a client certificate with its key, for hostnames to name.',
    returns: one(CERTIFICATE),
    handle: ({ body }, call) => uploadCertificate('hostname', body, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/certificates/:id`,
    permission: 'ssl:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One certificate for hostnames, also one that was deleted.',
    returns: one(CERTIFICATE),
    handle: ({ params }, call) => showCertificate('hostname', params.id, call),
  }),
  zoneRoute({
    method: 'DELETE',
    path: `${PATH}/certificates/:id`,
    permission: 'ssl:edit',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'Deletes a certificate that no hostname names.',
    returns: one(CERTIFICATE),
    handle: ({ params }, call) => deleteCertificate('hostname', params.id, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:hostname`,
    permission: 'ssl:read',
    takes: { params: HOSTNAME_PARAMS },
    answers: 'What one hostname presents; an error where it was never set, or given back to the zone.',
    returns: one(ASSOCIATION),
    handle: ({ params }, call) => show(params.hostname, call),
  }),
];

function show(text: string, call: ZoneCall): Answer<View<typeof ASSOCIATION>> | Problem {
  const hostname = typedPattern(text);
  const association = hostname === null ? undefined : call.zone.associations.get(hostname);
  if (association === undefined) return problem('association_not_found', shown(text));
  return {
    kind: 'answer',
    result: associationView(association, call.zone, progress(call)),
    messages: zoneMessages(call.zone),
  };
}

async function associate(
  body: AssociationsBody,
  call: ZoneCall,
): Promise<Answer<readonly View<typeof ASSOCIATION_OUTCOME>[]> | Problem> {
  const command = associations(body);
  if (isProblem(command)) return command;
  const committed = await commit(call, command);
  if (isProblem(committed)) return committed;
  const result = command.wishes.map((wish, index) =>
    outcome(wish, body.config[index]?.hostname ?? wish.hostname, { committed, call }),
  );
  return changed(committed, result, zoneMessages(committed.zone));
}

/** `hostname` is the very text that was sent: Terraform looks for it. */
function outcome(
  wish: AssociationWish,
  hostname: string,
  { committed: { zone, inForce }, call }: { readonly committed: Committed; readonly call: ZoneCall },
): View<typeof ASSOCIATION_OUTCOME> {
  const association = zone.associations.get(wish.hostname);
  if (association !== undefined) return { ...associationView(association, zone, progress(call)), hostname };
  return { hostname, cert_id: wish.certificate, enabled: null, status: inForce ? 'deleted' : 'pending_deletion' };
}
