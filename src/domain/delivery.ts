import { type ChannelId, type Instant, instant, type NoticeId } from './ids.ts';

/** Why a notice did not arrive. `final` is what another attempt cannot mend. */
export const DELIVERY_FAILURES = {
  status: { text: 'The receiver answered with something else than 2xx', final: false },
  gone: { text: 'The receiver answered 410: it wants no more', final: true },
  redirected: { text: 'The receiver leads elsewhere, and redirects are not followed', final: false },
  timeout: { text: 'The receiver did not answer within ten seconds', final: false },
  unresolvable: { text: 'The name of the receiver has no address', final: false },
  unreachable: { text: 'No connection to the receiver, or it broke off', final: false },
  tls: { text: 'TLS with the receiver failed: its certificate could not be verified, or it speaks none', final: false },
  address_forbidden: { text: 'Postern does not connect to the address of the receiver', final: false },
  plain_http: { text: 'Without TLS only private addresses are written to', final: false },
  secret_missing: { text: 'The secret of the channel cannot be opened', final: true },
  no_mail_server: { text: 'No mail server is named (postern up --smtp)', final: false },
  mail_not_secure: { text: 'The mail server offers no TLS, or none that could be verified', final: false },
  mail_sign_in: { text: 'The mail server refused the user or the password', final: false },
  mail_refused: { text: 'The mail server refused the message for good', final: true },
  mail_later: { text: 'The mail server did not take the message this time', final: false },
  switched_off: { text: 'The channel is switched off', final: true },
  too_many_waiting: { text: 'Too many deliveries of this channel were waiting', final: true },
} as const satisfies Record<string, { readonly text: string; readonly final: boolean }>;

export type DeliveryFailure = keyof typeof DELIVERY_FAILURES;

/** What came of one attempt. `status` is that of HTTP or SMTP, where the receiver gave one. */
export interface Outcome {
  readonly failure: DeliveryFailure | null;
  readonly status: number | null;
}

interface Attempt extends Outcome {
  readonly at: Instant;
}

/** Notices on their way through one channel, in one message. */
export interface Delivery {
  readonly id: string;
  readonly channel: ChannelId;
  readonly createdAt: Instant;
  readonly notices: readonly NoticeId[];
  readonly attempts: readonly Attempt[];
  /** When it is tried next; `null` once it has arrived or was given up. */
  readonly nextAt: Instant | null;
}

const HOUR = 3_600_000;
/** For so long a delivery is tried. */
const GIVEN_UP = 24 * HOUR;
const LONGEST = 4 * HOUR;
/** Doubling a pause further would change nothing. */
const MOST_DOUBLINGS = 16;

/** What decides about the next attempt beside what came before: `chance` from 0 to 1, and the first pause. */
export interface Retry {
  readonly now: Instant;
  readonly first: number;
  readonly chance: number;
}

/** A delivery after another attempt. Pauses double up to four hours, and no two channels keep step. */
export function attempted(delivery: Delivery, outcome: Outcome, { now, first, chance }: Retry): Delivery {
  const attempts = [...delivery.attempts, { at: now, ...outcome }];
  const settled = { ...delivery, attempts, nextAt: null };
  if (outcome.failure === null || DELIVERY_FAILURES[outcome.failure].final) return settled;
  const pause = Math.min(first * 2 ** Math.min(attempts.length - 1, MOST_DOUBLINGS), LONGEST);
  const nextAt = instant(Math.ceil(now + pause * (0.5 + chance / 2)));
  return nextAt - delivery.createdAt > GIVEN_UP ? settled : { ...settled, nextAt };
}

/** What has become of a delivery. */
export function deliveryState({ nextAt, attempts }: Delivery): 'waiting' | 'delivered' | 'failed' {
  if (nextAt !== null) return 'waiting';
  return attempts.at(-1)?.failure === null ? 'delivered' : 'failed';
}
