import { z } from 'zod';
import type { View } from '../../wire/answer-fields.ts';
import { remark } from '../../wire/messages.ts';
import { moment } from '../../wire/views.ts';
import { one } from './returns.ts';
import { type Call, publicRoute, type Route, route } from './route.ts';
import type { Answer } from './outcome.ts';
import { VERIFIED_TOKEN } from '../../wire/tokens.ts';

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

/** What the bearer of a token is told about it. */
export function verified({ token }: Call): Answer<View<typeof VERIFIED_TOKEN>> {
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
