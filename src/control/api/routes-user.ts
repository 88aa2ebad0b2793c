import { remark } from '../../wire/messages.ts';
import { moment } from '../../wire/views.ts';
import { type Answer, type Call, publicRoute, type Route, route } from './route.ts';

export const USER_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/client/v4/user/tokens/verify',
    permission: 'any',
    takes: {},
    answers: 'The id and status of the token that makes the call.',
    handle: (_, call) => verified(call),
  }),
  publicRoute({
    method: 'GET',
    path: '/client/v4/ips',
    takes: {},
    answers: 'The networks that the edge pulls from, as far as the operator named them.',
    handle: (_, { settings }) => {
      const { ipv4, ipv6 } = settings.edgeNetworks;
      return { kind: 'answer', result: { ipv4_cidrs: ipv4, ipv6_cidrs: ipv6, etag: settings.version } };
    },
  }),
];

/** What the bearer of a token is told about it. */
export function verified({ token }: Call): Answer {
  const result = { id: token.id, status: 'active', not_before: moment(token.notBefore ?? token.createdAt) };
  return {
    kind: 'answer',
    result: token.expiresAt === null ? result : { ...result, expires_on: moment(token.expiresAt) },
    messages: [
      { code: 10000, message: 'This API Token is valid and active', type: null },
      ...(token.bootstrap ? [remark('exchange_bootstrap')] : []),
    ],
  };
}
