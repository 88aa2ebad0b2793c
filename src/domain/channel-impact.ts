import { type Consequence, type ConsequenceCode, consequence } from './consequence.ts';
import { atLeast } from './notice.ts';
import type { ChannelDraft, NoticeChannel } from './notice-channel.ts';

/** What somebody is about to do to a way out for notices. */
export type ChannelAct =
  | { readonly kind: 'delete' }
  | { readonly kind: 'change'; readonly draft: ChannelDraft }
  /** Another secret takes the place of the present one. */
  | { readonly kind: 'roll' };

interface ChannelFacts {
  /** All that there are, this one among them or not. */
  readonly others: readonly NoticeChannel[];
  /** Deliveries that are not over. */
  readonly waiting: number;
}

/** What would follow for those who are told by a channel. */
export function channelImpact(
  channel: NoticeChannel,
  act: ChannelAct,
  { others, waiting }: ChannelFacts,
): readonly Consequence[] {
  const told = (code: ConsequenceCode, detail = '') => consequence(code, [], { traffic: null, detail });
  if (act.kind === 'roll') return [told('channel_secret_ends')];
  const after = act.kind === 'change' ? act.draft : null;
  const found: Consequence[] = [];
  const hearsLess = channel.enabled && (after === null || !after.enabled || !hearsAll(after, channel));
  if (hearsLess) {
    const rival = others.find((one) => one.id !== channel.id && one.enabled && hearsAll(one, channel));
    found.push(
      rival === undefined ? told('notices_unheard') : told('notices_heard_elsewhere', `It is called ${rival.name}.`),
    );
  }
  if (after === null && waiting > 0) found.push(told('notices_lost', waitingWords(waiting)));
  if (after !== null && placeOf(after) !== placeOf(channel)) found.push(told('channel_leads_elsewhere'));
  return found.length === 0 ? [told('nothing_lost')] : found;
}

function waitingWords(waiting: number): string {
  return waiting === 1 ? 'One delivery waits.' : `${waiting} deliveries wait.`;
}

function placeOf({ target }: ChannelDraft): string {
  return target.kind === 'webhook' ? target.url : target.to;
}

/** Whether one channel takes all that the other does. */
function hearsAll(one: ChannelDraft, other: ChannelDraft): boolean {
  return (
    atLeast(other.least, one.least) &&
    (one.codes.length === 0 || (other.codes.length > 0 && other.codes.every((code) => one.codes.includes(code)))) &&
    holds(one.zones, other.zones) &&
    holds(one.accounts, other.accounts)
  );
}

function holds<Id>(outer: 'all' | readonly Id[], inner: 'all' | readonly Id[]): boolean {
  return outer === 'all' || (inner !== 'all' && inner.every((id) => outer.includes(id)));
}
