import { z } from 'zod';
import { type Problem, problem } from '../../domain/problems.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import {
  CHANNEL,
  CHANNEL_DRAFT,
  CHANNEL_EDIT,
  CHANNEL_WITH_SECRET,
  channelView,
  DELIVERY,
  deliveryView,
} from '../../wire/notices.ts';
import { paging } from '../../wire/schemas.ts';
import type { ChannelChanged } from '../notices/channel-registry.ts';
import { channelDraft, channelEdit } from './channel-bodies.ts';
import { page } from './page.ts';
import { allOf, one, pageOf } from './returns.ts';
import { type Route, route } from './route.ts';
import type { Answer } from './outcome.ts';

const PATH = '/postern/v1/notice_channels';

const CHANNEL_PARAMS = z.object({
  id: z.string().meta({ description: 'The id of a channel.', examples: ['5f0c2a7e9b1d4c38a6e0d17f42b95c83'] }),
});
const DELIVERY_LIST = z.strictObject(paging({ minimum: 1, maximum: 100, otherwise: 20 }));

const ABOUT_ALL: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    permission: 'notices:read',
    takes: {},
    answers: 'The ways out for notices: webhooks and mail. Those that hear of more than the token sees are left out.',
    returns: allOf(CHANNEL),
    handle: (_, call) => ({ kind: 'answer', result: call.plane.noticeChannels.list(call).map(channelView) }),
  }),
  route({
    method: 'POST',
    path: PATH,
    permission: 'notices:edit',
    takes: { body: CHANNEL_DRAFT },
    answers:
      'Sends notices to a webhook, signed with a secret that is in the answer and nowhere after that, or by mail. It hears of no more than the token sees.',
    returns: one(CHANNEL_WITH_SECRET),
    handle: async ({ body }, call) => {
      const draft = channelDraft(body, call);
      return isProblem(draft) ? draft : withSecret(await call.plane.noticeChannels.create(draft, call));
    },
  }),
];

const ABOUT_ONE: readonly Route[] = [
  route({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'notices:read',
    takes: { params: CHANNEL_PARAMS },
    answers: 'One way out for notices.',
    returns: one(CHANNEL),
    handle: ({ params }, call) => {
      const wanted = params.id.toLowerCase();
      const found = call.plane.noticeChannels.list(call).find(({ id }) => id === wanted);
      return found === undefined ? problem('channel_not_found') : { kind: 'answer', result: channelView(found) };
    },
  }),
  route({
    method: 'PATCH',
    path: `${PATH}/:id`,
    permission: 'notices:edit',
    takes: { params: CHANNEL_PARAMS, body: CHANNEL_EDIT },
    answers: 'Changes where a channel leads, which notices it takes, or whether it is on; its secret stays.',
    returns: one(CHANNEL),
    handle: async ({ params, body }, call) => {
      const changed = await call.plane.noticeChannels.update(
        params.id,
        (channel) => channelEdit(body, channel, call),
        call,
      );
      return isProblem(changed) ? changed : { kind: 'answer', result: channelView(changed.channel) };
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:id`,
    permission: 'notices:edit',
    takes: { params: CHANNEL_PARAMS },
    answers: 'Deletes a channel, with its secret and what waits in it.',
    returns: one(DELETED),
    handle: async ({ params }, call) => {
      const removed = await call.plane.noticeChannels.remove(params.id, call);
      return isProblem(removed) ? removed : { kind: 'answer', result: { id: removed.channel.id } };
    },
  }),
  route({
    method: 'POST',
    path: `${PATH}/:id/roll`,
    permission: 'notices:edit',
    takes: { params: CHANNEL_PARAMS },
    answers: 'Gives a webhook another secret, shown in the answer; the old one signs nothing any more.',
    returns: one(CHANNEL_WITH_SECRET),
    handle: async ({ params }, call) => withSecret(await call.plane.noticeChannels.roll(params.id, call)),
  }),
  route({
    method: 'POST',
    path: `${PATH}/:id/test`,
    permission: 'notices:edit',
    takes: { params: CHANNEL_PARAMS },
    answers: 'Sends a notice that says nothing, at most once a minute; deliveries show what becomes of it.',
    returns: one(DELIVERY),
    handle: async ({ params }, call) => {
      const sent = await call.plane.noticeChannels.test(params.id, call);
      return isProblem(sent) ? sent : { kind: 'answer', result: deliveryView(sent) };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:id/deliveries`,
    permission: 'notices:read',
    takes: { params: CHANNEL_PARAMS, query: DELIVERY_LIST },
    answers: 'What went out by a channel of late, newest first: each attempt, and why it failed.',
    returns: pageOf(DELIVERY),
    handle: async ({ params, query }, call) => {
      const found = await call.plane.noticeChannels.deliveries(params.id, call);
      return isProblem(found) ? found : page(found, query, deliveryView);
    },
  }),
];

export const NOTICE_CHANNEL_ROUTES: readonly Route[] = [...ABOUT_ALL, ...ABOUT_ONE];

function withSecret(changed: ChannelChanged | Problem): Answer<View<typeof CHANNEL_WITH_SECRET>> | Problem {
  if (isProblem(changed)) return changed;
  return { kind: 'answer', result: { ...channelView(changed.channel), secret: changed.secret } };
}
