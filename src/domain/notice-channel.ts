import type { AccountId, ChannelId, Instant, ZoneId } from './ids.ts';
import { atLeast, type Notice, type NoticeCode, type Severity } from './notice.ts';

/** Where notices go. `mayBePrivate` tells whether whoever named the webhook may name private addresses. */
export type ChannelTarget =
  | { readonly kind: 'webhook'; readonly url: string; readonly mayBePrivate: boolean }
  | { readonly kind: 'email'; readonly to: string };

/** A way out for notices, with which of them take it. */
export interface ChannelDraft {
  readonly name: string;
  readonly target: ChannelTarget;
  readonly enabled: boolean;
  /** Only what matters at least so much. */
  readonly least: Severity;
  /** Only of these kinds; none stand for all. */
  readonly codes: readonly NoticeCode[];
  /** Only about zones that are among these and in one of the accounts. */
  readonly zones: 'all' | readonly ZoneId[];
  readonly accounts: 'all' | readonly AccountId[];
}

/** A channel as it is stored. The secret of a webhook is in the vault under its id. */
export interface NoticeChannel extends ChannelDraft {
  readonly id: ChannelId;
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
}

/** Whether a notice goes out by a channel. What is about the whole installation is for those who see all of it. */
export function takes(channel: NoticeChannel, { code, severity, zone }: Notice): boolean {
  const { enabled, least, codes, zones, accounts } = channel;
  if (!enabled || !atLeast(severity, least) || (codes.length > 0 && !codes.includes(code))) return false;
  if (zone === null) return zones === 'all' && accounts === 'all';
  return (zones === 'all' || zones.includes(zone.id)) && (accounts === 'all' || accounts.includes(zone.account));
}
