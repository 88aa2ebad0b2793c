import { lookup as systemLookup } from 'node:dns';
import { z } from 'zod';
import type { Outcome } from '../../domain/delivery.ts';
import type { NoticeChannel } from '../../domain/notice-channel.ts';
import type { AddressPolicy } from '../../pull/address-policy.ts';
import type { SystemLookup } from '../../pull/resolve.ts';
import type { ControlState } from '../control-state.ts';
import { errorFields } from '../log.ts';
import { openSecret } from '../secrets.ts';
import type { Letter } from './delivery-rows.ts';
import type { Post } from './dispatcher.ts';
import { type MailServer, sendMail } from './mail.ts';
import { callWebhook } from './webhook.ts';
import { signatureFields } from './webhook-signature.ts';

/** What messages go out with, once that is known. */
export interface Outlet {
  /** Where webhooks may lie: the policy for origins, which knows all listeners of this Postern. */
  readonly addresses: AddressPolicy;
  /** The system's, where it is left out. */
  readonly lookup?: SystemLookup;
}

const MAIL = z.object({ subject: z.string(), text: z.string() });

/** Sends messages by webhook and by mail. */
export function postman(state: ControlState, mail: MailServer | null, outlet: Outlet): Post {
  return async ({ target }, letter, signal) => {
    if (target.kind === 'webhook') return byWebhook(state, { target, letter, signal, outlet });
    if (mail === null) return { failure: 'no_mail_server', status: null };
    const { subject, text } = MAIL.parse(JSON.parse(letter.body));
    return sendMail(mail, { id: letter.delivery.id, to: target.to, subject, text }, signal);
  };
}

interface Errand {
  readonly target: Extract<NoticeChannel['target'], { kind: 'webhook' }>;
  readonly letter: Letter;
  readonly signal: AbortSignal;
  readonly outlet: Outlet;
}

async function byWebhook(state: ControlState, { target, letter, signal, outlet }: Errand): Promise<Outcome> {
  const { delivery, body } = letter;
  const secret = await secretOf(state, delivery.channel);
  if (secret === null) return { failure: 'secret_missing', status: null };
  const timestamp = Math.floor(state.clock() / 1_000);
  const fields = signatureFields(secret, { id: delivery.id, timestamp, body });
  const { addresses, lookup = systemLookup } = outlet;
  return callWebhook({ ...target, fields, body }, { addresses, lookup, signal });
}

async function secretOf({ store, vault, log }: ControlState, channel: string): Promise<string | null> {
  try {
    return (await openSecret(store, vault, 'webhook', channel)).reveal();
  } catch (error) {
    log('key_unreadable', { channel, ...errorFields(error) });
    return null;
  }
}
