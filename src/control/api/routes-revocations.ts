import type { z } from 'zod';
import { certificateId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { presentedBy, type RevocationTarget, revocationOf } from '../../domain/revocation.ts';
import type { View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { type Message, remark } from '../../wire/messages.ts';
import { zoneListsPath } from '../../wire/public-paths.ts';
import { REVOCATION, REVOCATION_BODY, REVOCATION_LIST, revocationView, typedSerial } from '../../wire/revocations.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { changed, commit } from './committed.ts';
import { page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';

const PATH = '/postern/v1/zones/:zone/revocations';

export const REVOCATION_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, query: REVOCATION_LIST },
    answers: 'What the CAs of a zone have revoked and still have on their lists.',
    returns: pageOf(REVOCATION),
    handle: ({ query }, { zone }) => page([...zone.revocations.values()], query, revocationView),
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: REVOCATION_BODY },
    answers:
      'Revokes a certificate that the CA of the zone issued, for good: it goes on the list, and is never presented again. What is revoked already is answered as it is.',
    returns: one(REVOCATION),
    handle: ({ body }, call) => revoke(body, call),
  }),
];

async function revoke(
  body: z.output<typeof REVOCATION_BODY>,
  call: ZoneCall,
): Promise<Answer<View<typeof REVOCATION>> | Problem> {
  const target = targetOf(body);
  if (isProblem(target)) return target;
  const { reason = 'unspecified', force = false } = body;
  const committed = await commit(call, { kind: 'revoke_certificate', target, reason, force });
  if (isProblem(committed)) return committed;
  const revocation = revocationOf(committed.zone, target);
  if (revocation === undefined) return problem('certificate_not_found');
  const { certificate } = revocation;
  const before = certificate === null ? undefined : call.zone.certificates.get(certificate);
  const messages: Message[] = [remark('revocation_listed', zoneListsPath(call.zone.id))];
  if (before !== undefined && presentedBy(call.zone, before) !== null) messages.unshift(remark('revoked_presented'));
  if (certificate === null) messages.push(remark('revoked_unknown'));
  return changed(committed, revocationView(revocation), messages);
}

function targetOf({ certificate_id: id, serial }: z.output<typeof REVOCATION_BODY>): RevocationTarget | Problem {
  if ((id === undefined) === (serial === undefined)) {
    return problem('bad_body', 'send either certificate_id or serial');
  }
  if (id !== undefined) {
    const parsed = certificateId(id.toLowerCase());
    return parsed === null ? problem('certificate_not_found') : { kind: 'certificate', id: parsed };
  }
  const parsed = typedSerial(serial ?? '');
  if (parsed !== null) return { kind: 'serial', serial: parsed };
  return problem(
    'bad_body',
    'serial must be a positive number of at most 20 octets, decimal or hexadecimal',
    '/serial',
  );
}
