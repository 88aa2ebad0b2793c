import type { View } from '../../../../src/wire/answer-fields.ts';
import type { CHANNEL, CHANNEL_WITH_SECRET, DELIVERY } from '../../../../src/wire/notices.ts';
import type { Severity } from '../../api/overview.ts';

/** A way out for notices, as `GET /postern/v1/notice_channels` has it. */
export type Channel = View<typeof CHANNEL>;

/** With its secret, which is shown this once; `null` for mail. */
export type ChannelWithSecret = View<typeof CHANNEL_WITH_SECRET>;

/** Notices on their way through one channel. */
export type Delivery = View<typeof DELIVERY>;

export const CHANNELS = '/postern/v1/notice_channels';

export const LEAST: readonly { readonly value: Severity; readonly text: string }[] = [
  { value: 'info', text: 'Everything' },
  { value: 'warning', text: 'Warnings and worse' },
  { value: 'critical', text: 'Critical only' },
];

/** Where it is asked who would hear no more after a change of a channel. */
export function impactPath({ id }: Pick<Channel, 'id'>): string {
  return `${CHANNELS}/${id}/impact`;
}
