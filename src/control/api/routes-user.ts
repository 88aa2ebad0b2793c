import { z } from 'zod';
import { accountId } from '../../domain/ids.ts';
import { problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { remark } from '../../wire/messages.ts';
import { ACCOUNT_LIST } from '../../wire/schemas-zones.ts';
import { ACCOUNT, accountView, moment } from '../../wire/views.ts';
import { ordered, page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Answer, type Call, publicRoute, type Route, route } from './route.ts';
import { VERIFIED_TOKEN } from './token-views.ts';

const CIDRS = z.array(z.string()).meta({ examples: [['192.0.2.0/24']] });

const EDGE_NETWORKS = z
  .strictObject({
    ipv4_cidrs: CIDRS,
    ipv6_cidrs: z.array(z.string()).meta({ examples: [['2001:db8::/32']] }),
    etag: z.string(),
  })
  .meta({
    id: 'EdgeNetworks',
    description: 'The networks that the edge pulls from, as far as the operator named them.',
  });

const ACCOUNT_PARAMS = z.object({
  account: z.string().meta({ description: 'The id of an account.', examples: ['5f0c2a7e9b1d4c38a6e0d17f42b95c83'] }),
});

export const USER_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/client/v4/user/tokens/verify',
    permission: 'any',
    takes: {},
    answers: 'The id and status of the token that makes the call.',
    returns: one(VERIFIED_TOKEN),
    handle: (_, call) => verified(call),
  }),
  route({
    method: 'GET',
    path: '/client/v4/accounts/:account/tokens/verify',
    permission: 'any',
    takes: { params: ACCOUNT_PARAMS },
    answers: 'The same, for tokens of an account.',
    returns: one(VERIFIED_TOKEN),
    handle: ({ params }, call) => (ownAccount(params.account, call) ? verified(call) : problem('no_route')),
  }),
  route({
    method: 'GET',
    path: '/client/v4/accounts',
    permission: 'account:read',
    takes: { query: ACCOUNT_LIST },
    answers: 'The accounts of this installation.',
    returns: pageOf(ACCOUNT),
    handle: ({ query }, { plane }) => {
      const wanted = [plane.installation.account].filter(({ name }) => query.name === undefined || query.name === name);
      return page(
        ordered(wanted, ({ name }) => name, query.direction),
        query,
        accountView,
      );
    },
  }),
  route({
    method: 'GET',
    path: '/client/v4/accounts/:account',
    permission: 'account:read',
    takes: { params: ACCOUNT_PARAMS },
    answers: 'One account.',
    returns: one(ACCOUNT),
    handle: ({ params }, call) =>
      ownAccount(params.account, call)
        ? { kind: 'answer', result: accountView(call.plane.installation.account) }
        : problem('no_route'),
  }),
  publicRoute({
    method: 'GET',
    path: '/client/v4/ips',
    takes: {},
    answers: 'The networks that the edge pulls from, as far as the operator named them.',
    returns: one(EDGE_NETWORKS),
    handle: (_, { settings }) => {
      const { ipv4, ipv6 } = settings.edgeNetworks;
      return { kind: 'answer', result: { ipv4_cidrs: ipv4, ipv6_cidrs: ipv6, etag: settings.version } };
    },
  }),
];

function ownAccount(text: string, { plane }: Call): boolean {
  return accountId(text.toLowerCase()) === plane.installation.account.id;
}

function verified({ token }: Call): Answer<View<typeof VERIFIED_TOKEN>> {
  return {
    kind: 'answer',
    result: {
      id: token.id,
      status: 'active',
      not_before: moment(token.notBefore ?? token.createdAt),
      ...(token.expiresAt === null ? {} : { expires_on: moment(token.expiresAt) }),
    },
    messages: [
      { code: 10000, message: 'This API Token is valid and active', type: null },
      ...(token.bootstrap ? [remark('exchange_bootstrap')] : []),
    ],
  };
}
