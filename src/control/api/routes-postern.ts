import { z } from 'zod';
import { isWithin } from '../../domain/ids.ts';
import { problem } from '../../domain/problems.ts';
import { CERTIFICATE_PEM, ID, SHA256 } from '../../wire/answer-fields.ts';
import { shown } from '../../wire/faults.ts';
import { typedHostname } from '../../wire/names.ts';
import { HOSTNAME_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { ASSOCIATION, associationView } from '../../wire/certificate-views.ts';
import { zoneMessages } from './committed.ts';
import { effectivePlan } from './effective-plan.ts';
import { EFFECTIVE_PLAN } from './effective-plan-view.ts';
import { allOf, one } from './returns.ts';
import { progress, type Route, route, zoneRoute } from './route.ts';

const INSTALLATION = z
  .strictObject({
    version: z.string().meta({ description: 'Of the program.', examples: ['1.0.0'] }),
    host: z.string().meta({ description: 'The host part of the URIs in certificates.' }),
    account: z.strictObject({ id: ID, name: z.string() }).meta({ description: 'The default account.' }),
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
    handle: (_, { plane: { installation }, settings }) => ({
      kind: 'answer',
      result: {
        version: settings.version,
        host: installation.host,
        account: installation.account,
        visitor_ca: installation.visitorCa.pem,
        shared_fingerprint: installation.shared.identity.fingerprint,
      },
    }),
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
  zoneRoute({
    method: 'GET',
    path: '/postern/v1/zones/:zone/hostnames/:hostname/plan',
    permission: 'ssl:read',
    takes: { params: HOSTNAME_PARAMS },
    answers: 'What the edge does for pulls of a hostname, which level decided, and what the origin must trust.',
    returns: one(EFFECTIVE_PLAN),
    handle: ({ params }, call) => {
      const hostname = typedHostname(params.hostname);
      if (hostname === null || !isWithin(hostname, call.zone.name)) {
        return problem('hostname_outside_zone', `${shown(params.hostname)} is not in ${call.zone.name}`);
      }
      return { kind: 'answer', result: effectivePlan(hostname, call) };
    },
  }),
];
