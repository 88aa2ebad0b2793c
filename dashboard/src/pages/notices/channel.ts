import type { Severity } from '../../api/overview.ts';

/** A way out for notices, as `GET /postern/v1/notice_channels` has it. */
export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'webhook' | 'email';
  readonly url: string | null;
  readonly to: string | null;
  readonly enabled: boolean;
  readonly severity: Severity;
  readonly codes: readonly string[] | null;
  readonly zones: 'all' | readonly string[];
  readonly accounts: 'all' | readonly string[];
}

export interface ChannelWithSecret extends Channel {
  /** Shown this once; `null` for mail. */
  readonly secret: string | null;
}

/** Notices on their way through one channel. */
export interface Delivery {
  readonly id: string;
  readonly created_on: string;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly notices: readonly string[];
  readonly next_attempt_on: string | null;
  readonly attempts: readonly {
    readonly at: string;
    readonly status: number | null;
    readonly text: string | null;
  }[];
}

export const CHANNELS = '/postern/v1/notice_channels';

export const LEAST: readonly { readonly value: Severity; readonly text: string }[] = [
  { value: 'info', text: 'Everything' },
  { value: 'warning', text: 'Warnings and worse' },
  { value: 'critical', text: 'Critical only' },
];
