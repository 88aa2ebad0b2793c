import { z } from 'zod';
import { type ChannelAct, channelImpact } from '../../domain/channel-impact.ts';
import { bySeverity, type Consequence } from '../../domain/consequence.ts';
import type { NoticeChannel } from '../../domain/notice-channel.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { isProblem } from '../../wire/commands.ts';
import { impactOf, impactView } from '../../wire/impact.ts';
import { CHANNEL_EDIT } from '../../wire/notices.ts';
import { MOST_CHANGES, type TokenAct, tokenImpact } from '../token-impact.ts';
import type { StoredToken } from '../token.ts';
import { channelEdit } from './channel-bodies.ts';
import { one } from './returns.ts';
import { type Call, type Route, route } from './route.ts';
import { findToken } from './routes-tokens.ts';
import { tokenEdit } from './token-bodies.ts';
import { TOKEN_EDIT, TOKEN_PARAMS } from './token-schemas.ts';

const TOKEN_KINDS = ['token_revoke', 'token_roll', 'token_change'] as const;
const CHANNEL_KINDS = ['channel_delete', 'channel_roll', 'channel_change'] as const;

/** What can be asked of a token. */
export type TokenImpactKind = (typeof TOKEN_KINDS)[number];
/** What can be asked of a channel. */
export type ChannelImpactKind = (typeof CHANNEL_KINDS)[number];

const TOKEN_BODY = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('token_revoke') }),
      z.strictObject({ kind: z.literal('token_roll') }),
      z.strictObject({ kind: z.literal('token_change'), change: TOKEN_EDIT }),
    ],
    { error: `must be an object whose kind is one of ${TOKEN_KINDS.join(', ')}` },
  )
  .meta({ examples: [{ kind: 'token_revoke' }] });

const CHANNEL_BODY = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('channel_delete') }),
      z.strictObject({ kind: z.literal('channel_roll') }),
      z.strictObject({ kind: z.literal('channel_change'), change: CHANNEL_EDIT }),
    ],
    { error: `must be an object whose kind is one of ${CHANNEL_KINDS.join(', ')}` },
  )
  .meta({ examples: [{ kind: 'channel_delete' }] });

const CHANNEL_PARAMS = z.object({
  id: z.string().meta({ description: 'The id of a channel.', examples: ['5f0c2a7e9b1d4c38a6e0d17f42b95c83'] }),
});

const ANSWERS = 'refused as the change itself would be. Nothing is changed.';

export const CREDENTIAL_IMPACT_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/postern/v1/tokens/:id/impact',
    permission: 'tokens:read',
    takes: { params: TOKEN_PARAMS, body: TOKEN_BODY },
    answers: `What would follow for whoever uses a token; ${ANSWERS}`,
    returns: one(impactOf('TokenImpact', TOKEN_KINDS)),
    handle: async ({ params, body }, call) => {
      const token = findToken(params.id, call);
      if (isProblem(token)) return token;
      const act = tokenAct(body, token, call);
      if (isProblem(act)) return act;
      return answer(body.kind, tokenImpact(token, act, await useOf(token, call)));
    },
  }),
  route({
    method: 'POST',
    path: '/postern/v1/notice_channels/:id/impact',
    permission: 'notices:read',
    takes: { params: CHANNEL_PARAMS, body: CHANNEL_BODY },
    answers: `What would follow for those who are told by a channel; ${ANSWERS}`,
    returns: one(impactOf('ChannelImpact', CHANNEL_KINDS)),
    handle: async ({ params, body }, call) => {
      const others = call.plane.noticeChannels.list(call);
      const channel = others.find(({ id }) => id === params.id.toLowerCase());
      if (channel === undefined) return problem('channel_not_found');
      const act = channelAct(body, channel, call);
      if (isProblem(act)) return act;
      const deliveries = await call.plane.noticeChannels.deliveries(channel.id, call);
      if (isProblem(deliveries)) return deliveries;
      const waiting = deliveries.filter(({ nextAt }) => nextAt !== null).length;
      return answer(body.kind, channelImpact(channel, act, { others, waiting }));
    },
  }),
];

function answer<Kind extends string>(kind: Kind, found: readonly Consequence[]) {
  const told = { kind: 'impact', consequences: bySeverity(found), counted: null } as const;
  return { kind: 'answer', result: impactView(kind, told) } as const;
}

function tokenAct(body: z.output<typeof TOKEN_BODY>, token: StoredToken, call: Call): TokenAct | Problem {
  if (body.kind === 'token_revoke') return { kind: 'revoke' };
  if (body.kind === 'token_roll') return { kind: 'roll' };
  const rights = tokenEdit(body.change, token, call);
  return isProblem(rights) ? rights : { kind: 'change', rights };
}

const HOUR = 3_600_000;

async function useOf(token: StoredToken, { plane, token: own, from, now }: Call) {
  const since = { since: now - HOUR, before: null, olderThan: null, action: null };
  const made = await plane.audit({ zones: 'all', accounts: 'all', actor: token.id, limit: MOST_CHANGES, ...since });
  return {
    isOwn: token.id === own.id,
    others: plane.listTokens({ token: own, from }),
    sessions: plane.sessionsOf(token.id).length,
    changes: made.length,
  };
}

function channelAct(body: z.output<typeof CHANNEL_BODY>, channel: NoticeChannel, call: Call): ChannelAct | Problem {
  switch (body.kind) {
    case 'channel_delete':
      return { kind: 'delete' };
    case 'channel_roll':
      // As the call itself would say it.
      if (channel.target.kind !== 'webhook') return problem('bad_body', 'mail is not signed with a secret');
      return { kind: 'roll' };
    case 'channel_change': {
      const draft = channelEdit(body.change, channel, call);
      return isProblem(draft) ? draft : { kind: 'change', draft };
    }
  }
}
