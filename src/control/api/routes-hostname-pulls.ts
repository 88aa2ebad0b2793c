import type { AssociationWish } from '../../domain/certificate-changes.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { associations, isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { typedPattern } from '../../wire/names.ts';
import { HOSTNAME_PARAMS, IN_ZONE_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { ASSOCIATIONS, type AssociationsBody, UPLOAD } from '../../wire/schemas-certificates.ts';
import { associationView } from '../../wire/views.ts';
import type { Committed } from '../plane.ts';
import { deleteCertificate, listCertificates, showCertificate, uploadCertificate } from './certificates.ts';
import { changed, commit, zoneMessages } from './committed.ts';
import { type Answer, progress, type Route, type ZoneCall, zoneRoute } from './route.ts';

const PATH = '/client/v4/zones/:zone/origin_tls_client_auth/hostnames';

export const HOSTNAME_PULL_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'PUT',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: ASSOCIATIONS },
    answers:
      'Sets what hostnames present, all or none: true a certificate, false none at all, null what the zone says.',
    handle: ({ body }, call) => associate(body, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/certificates`,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS },
    answers: 'The certificates uploaded for hostnames.',
    handle: (_, call) => listCertificates('hostname', call),
  }),
  zoneRoute({
    method: 'POST',
    path: `${PATH}/certificates`,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: UPLOAD },
    answers: 'Uploads a client certificate with its key, for hostnames to name.',
    handle: ({ body }, call) => uploadCertificate('hostname', body, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/certificates/:id`,
    permission: 'ssl:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One certificate for hostnames, also one that was deleted.',
    handle: ({ params }, call) => showCertificate('hostname', params.id, call),
  }),
  zoneRoute({
    method: 'DELETE',
    path: `${PATH}/certificates/:id`,
    permission: 'ssl:edit',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'Deletes a certificate that no hostname names.',
    handle: ({ params }, call) => deleteCertificate('hostname', params.id, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:hostname`,
    permission: 'ssl:read',
    takes: { params: HOSTNAME_PARAMS },
    answers: 'What one hostname presents; an error where it was never set, or given back to the zone.',
    handle: ({ params }, call) => show(params.hostname, call),
  }),
];

function show(text: string, call: ZoneCall): Answer | Problem {
  const hostname = typedPattern(text);
  const association = hostname === null ? undefined : call.zone.associations.get(hostname);
  if (association === undefined) return problem('association_not_found', shown(text));
  return {
    kind: 'answer',
    result: associationView(association, call.zone, progress(call)),
    messages: zoneMessages(call.zone),
  };
}

async function associate(body: AssociationsBody, call: ZoneCall): Promise<Answer | Problem> {
  const command = associations(body);
  if (isProblem(command)) return command;
  const committed = await commit(call, command);
  if (isProblem(committed)) return committed;
  const result = command.wishes.map((wish, index) => ({
    ...outcome(wish, committed, call),
    // Terraform looks for the very text that it sent.
    hostname: body.config[index]?.hostname ?? wish.hostname,
  }));
  return changed(committed, result, zoneMessages(committed.zone));
}

function outcome(wish: AssociationWish, { zone, inForce }: Committed, call: ZoneCall) {
  const association = zone.associations.get(wish.hostname);
  if (association === undefined) {
    return { cert_id: wish.certificate, enabled: null, status: inForce ? 'deleted' : 'pending_deletion' };
  }
  return associationView(association, zone, progress(call));
}
