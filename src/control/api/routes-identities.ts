import { z } from 'zod';
import { certificateId } from '../../domain/ids.ts';
import { problem } from '../../domain/problems.ts';
import { IDENTITY, WHOLE_IDENTITY } from '../../wire/identities.ts';
import { FILTER, IN_ZONE_PARAMS, oneOf, HOLDING, paging, ZONE_PARAMS } from '../../wire/schemas.ts';
import { tagged } from './entity-tag.ts';
import { identityView, isCalled, wholeIdentityView, zoneIdentities, zoneIdentity } from './identities.ts';
import { heldPage, page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Route, zoneRoute } from './route.ts';

const PATH = '/postern/v1/zones/:zone/identities';

const IDENTITY_LIST = z.strictObject({
  level: oneOf(['hostname', 'zone', 'global']).optional(),
  search: FILTER.optional(),
  ...paging({ minimum: 1, maximum: 1000, otherwise: 100 }),
  ...HOLDING,
});

export const IDENTITY_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, query: IDENTITY_LIST },
    answers:
      'Every identity that the zone can present, at all levels: who presents it, until when, and whether origins can verify it. search is a part of an id, a fingerprint, or a name.',
    returns: pageOf(IDENTITY),
    handle: ({ query }, call) => {
      const { level: wantedLevel, search } = query;
      const wanted = zoneIdentities(call)
        .filter(({ level }) => wantedLevel === undefined || level === wantedLevel)
        .filter((identity) => search === undefined || isCalled(identity, search));
      const held = heldPage(wanted, query, ({ id }, one) => id === one);
      return page(wanted, held, (identity) => identityView(identity, call));
    },
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'ssl:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One identity with its certificate in PEM, also one that was deleted. Never a key.',
    returns: one(WHOLE_IDENTITY),
    precondition: 'if-none-match',
    handle: ({ params }, call) => {
      const id = certificateId(params.id.toLowerCase());
      const found = id === null ? undefined : zoneIdentity(id, call);
      return found === undefined ? problem('certificate_not_found') : tagged(wholeIdentityView(found, call));
    },
  }),
];
