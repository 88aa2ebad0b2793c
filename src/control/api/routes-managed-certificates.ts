import type { z } from 'zod';
import { type Problem, problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { WHOLE_IDENTITY } from '../../wire/identities.ts';
import { MANAGED_CERTIFICATE_BODY, madeLike } from '../../wire/managed-certificates.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { changed, zoneMessages } from './committed.ts';
import { wholeIdentityView, zoneIdentity } from './identities.ts';
import { one } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';
import { typedNames } from './typed-names.ts';

export const MANAGED_CERTIFICATE_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'POST',
    path: '/postern/v1/zones/:zone/managed_certificates',
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: MANAGED_CERTIFICATE_BODY },
    answers:
      'Has the authority of the zone make a certificate for hostnames, with a key that never leaves Postern. They present it from now on, and it is renewed in time.',
    returns: one(WHOLE_IDENTITY),
    handle: ({ body }, call) => issue(body, call),
  }),
];

async function issue(
  body: z.output<typeof MANAGED_CERTIFICATE_BODY>,
  call: ZoneCall,
): Promise<Answer<View<typeof WHOLE_IDENTITY>> | Problem> {
  const hostnames = typedNames(body.hostnames, '/hostnames');
  if (isProblem(hostnames)) return hostnames;
  const wish = { hostnames, present: body.associate !== false, ...madeLike(body) };
  const issued = await call.plane.issueCertificate(call.zone.id, wish, call.actor);
  if (isProblem(issued)) return issued;
  const { id, committed } = issued;
  const now = { ...call, zone: committed.zone };
  const found = zoneIdentity(id, now);
  if (found === undefined) return problem('certificate_not_found', id);
  return changed(committed, wholeIdentityView(found, now), zoneMessages(committed.zone));
}
