import { z } from 'zod';
import { CERTIFICATE_PEM, ID, SHA256 } from '../../wire/answer-fields.ts';
import { ASSOCIATION, associationView } from '../../wire/certificate-views.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { zoneMessages } from './committed.ts';
import { tagged } from './entity-tag.ts';
import { allOf, one } from './returns.ts';
import { progress, type Route, route, zoneRoute } from './route.ts';

const INSTALLATION = z
  .strictObject({
    version: z.string().meta({ description: 'Of the program.', examples: ['1.0.0'] }),
    host: z.string().meta({ description: 'The host part of the URIs in certificates.' }),
    account: z
      .strictObject({ id: ID, name: z.string() })
      .nullable()
      .meta({ description: 'The default account; null for a token that is restricted to others.' }),
    visitor_ca: CERTIFICATE_PEM,
    shared_fingerprint: SHA256,
  })
  .meta({ id: 'Installation', description: 'What is one per installation.' });

/** What Cloudflare's API has no path for. */
export const POSTERN_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/postern/v1/installation',
    permission: 'any',
    takes: {},
    answers: 'What is one per installation: version, host, default account, the CA of visitor certificates.',
    returns: one(INSTALLATION),
    precondition: 'if-none-match',
    handle: (_, { plane: { installation, accounts }, settings }) => {
      const account = accounts.get(installation.account);
      const result = {
        version: settings.version,
        host: installation.host,
        // Not for a token that is restricted to others.
        account: account === undefined ? null : { id: account.id, name: account.name },
        visitor_ca: installation.visitorCa.pem,
        shared_fingerprint: installation.shared.identity.fingerprint,
      };
      return tagged(result);
    },
  }),
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/associations',
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS },
    answers: 'All hostnames of a zone that present a certificate of their own, or none.',
    returns: allOf(ASSOCIATION),
    handle: (_, call) => ({
      kind: 'answer',
      result: [...call.zone.associations.values()].map((one) => associationView(one, call.zone, progress(call))),
      messages: zoneMessages(call.zone),
    }),
  }),
];
