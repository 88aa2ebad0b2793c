import { CERTIFICATE, ZONE_PULL_SETTING } from '../../wire/certificate-views.ts';
import { isProblem } from '../../wire/commands.ts';
import { IN_ZONE_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { UPLOAD, ZONE_PULL } from '../../wire/schemas-certificates.ts';
import { deleteCertificate, listCertificates, showCertificate, uploadCertificate } from './certificates.ts';
import { changed, commit, zoneMessages } from './committed.ts';
import { allOf, one } from './returns.ts';
import { type Route, zoneRoute } from './route.ts';

const PATH = '/client/v4/zones/:zone/origin_tls_client_auth';

export const ZONE_PULL_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: `${PATH}/settings`,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS },
    answers: 'Whether the zone level of origin pulls is on; messages say whether it has no effect, and why.',
    returns: one(ZONE_PULL_SETTING),
    handle: (_, { zone }) => ({
      kind: 'answer',
      result: { enabled: zone.settings.zonePull },
      messages: zoneMessages(zone),
    }),
  }),
  zoneRoute({
    method: 'PUT',
    path: `${PATH}/settings`,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: ZONE_PULL },
    answers: 'Switches the zone level: present the newest upload or, without one, the managed identity of the zone.',
    returns: one(ZONE_PULL_SETTING),
    handle: async ({ body }, call) => {
      const committed = await commit(call, { kind: 'set', settings: { zonePull: body.enabled } });
      if (isProblem(committed)) return committed;
      const { zone } = committed;
      return changed(committed, { enabled: zone.settings.zonePull }, zoneMessages(zone));
    },
  }),
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS },
    answers: 'The certificates uploaded for the zone level.',
    returns: allOf(CERTIFICATE),
    handle: (_, call) => listCertificates('zone', call),
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: UPLOAD },
    answers: 'Uploads a client certificate with its key; from then on the zone level presents it.',
    returns: one(CERTIFICATE),
    handle: ({ body }, call) => uploadCertificate('zone', body, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'ssl:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One certificate of the zone level, also one that was deleted, and the managed one.',
    returns: one(CERTIFICATE),
    handle: ({ params }, call) => showCertificate('zone', params.id, call),
  }),
  zoneRoute({
    method: 'DELETE',
    path: `${PATH}/:id`,
    permission: 'ssl:edit',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'Deletes a certificate of the zone level; the one uploaded before it is presented again.',
    returns: one(CERTIFICATE),
    handle: ({ params }, call) => deleteCertificate('zone', params.id, call),
  }),
];
