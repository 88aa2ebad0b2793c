import { randomBytes } from 'node:crypto';
import type { Delivery } from '../../domain/delivery.ts';
import { type ChannelId, channelId, type Instant } from '../../domain/ids.ts';
import { NO_SUBJECT, type Notice } from '../../domain/notice.ts';
import type { ChannelDraft, NoticeChannel } from '../../domain/notice-channel.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { Secret } from '../../pki/secret.ts';
import { writeAuditEvent } from '../audit-events.ts';
import { errorFields } from '../log.ts';
import type { Grantor } from '../token.ts';
import type { RegistryParts } from '../registry-parts.ts';
import { dropSecrets, putSecrets } from '../secrets.ts';
import type { Store } from '../store.ts';
import { within } from '../token-grant.ts';
import type { Vault } from '../vault.ts';
import { writeChannel } from './channel-rows.ts';
import { deliveriesOf, type Letter, writeDelivery } from './delivery-rows.ts';
import { newNoticeId } from './notifier.ts';
import { newWebhookSecret } from './webhook-signature.ts';

/** A channel that was made, changed or deleted. `secret` is shown this once; `null` where there is no new one. */
export interface ChannelChanged {
  readonly kind: 'channel_changed';
  readonly channel: NoticeChannel;
  readonly secret: string | null;
}

/** Ways out for notices. Those that hear of more than who asks may see are not found. */
export interface ChannelKeeping {
  readonly list: (by: Grantor) => readonly NoticeChannel[];
  readonly create: (draft: ChannelDraft, by: Grantor) => Promise<ChannelChanged | Problem>;
  /** `edit` is asked in turn. */
  readonly update: (
    id: string,
    edit: (channel: NoticeChannel) => ChannelDraft | Problem,
    by: Grantor,
  ) => Promise<ChannelChanged | Problem>;
  readonly remove: (id: string, by: Grantor) => Promise<ChannelChanged | Problem>;
  /** Gives a webhook another secret; the old one signs nothing any more. */
  readonly roll: (id: string, by: Grantor) => Promise<ChannelChanged | Problem>;
  /** Sends a notice that says nothing. */
  readonly test: (id: string, by: Grantor) => Promise<Delivery | Problem>;
  /** The newest first. */
  readonly deliveries: (id: string, by: Grantor) => Promise<readonly Delivery[] | Problem>;
}

interface ChannelParts extends RegistryParts {
  readonly vault: Vault;
  /** The message that tells a channel some notices. */
  readonly letters: (channel: NoticeChannel, notices: readonly Notice[], now: Instant) => readonly Letter[];
  /** Told when there is something to send. */
  readonly wake: () => void;
}

interface Step {
  readonly command: string;
  readonly before: NoticeChannel | null;
  readonly after: NoticeChannel | null;
  readonly secret: string | null;
}

const MOST_LISTED = 250;
const BETWEEN_TESTS = 60_000;

/** The channels in memory and in the store. */
export class ChannelRegistry implements ChannelKeeping {
  readonly #parts: ChannelParts;
  readonly #byId = new Map<ChannelId, NoticeChannel>();
  readonly #tested = new Map<ChannelId, Instant>();

  constructor(parts: ChannelParts, channels: readonly NoticeChannel[]) {
    this.#parts = parts;
    for (const channel of channels) this.#byId.set(channel.id, channel);
  }

  /** Whoever asks. */
  readonly all = (): readonly NoticeChannel[] => [...this.#byId.values()];

  readonly get = (id: ChannelId): NoticeChannel | undefined => this.#byId.get(id);

  readonly list = ({ token }: Grantor): readonly NoticeChannel[] =>
    this.all().filter((channel) => inReach(token, channel));

  readonly create = (draft: ChannelDraft, by: Grantor): Promise<ChannelChanged | Problem> =>
    this.#parts.inTurn(async () => {
      const { limit, clock } = this.#parts;
      if (this.#byId.size >= limit) return problem('too_many_channels', `${limit} are allowed`);
      if (!inReach(by.token, draft)) return problem('beyond_own_rights', 'zones that it may not see', '/zones');
      const now = clock();
      const after = { ...draft, id: newChannelId(), createdAt: now, modifiedAt: now };
      const secret = draft.target.kind === 'webhook' ? newWebhookSecret() : null;
      return this.#store({ command: 'create_notice_channel', before: null, after, secret }, by);
    });

  readonly update: ChannelKeeping['update'] = (id, edit, by) =>
    this.#change(id, by, async (before) => {
      const draft = edit(before);
      if ('code' in draft) return draft;
      if (!inReach(by.token, draft)) return problem('beyond_own_rights', 'zones that it may not see', '/zones');
      const after = { ...before, ...draft, modifiedAt: this.#parts.clock() };
      return this.#store({ command: 'update_notice_channel', before, after, secret: null }, by);
    });

  readonly remove = (id: string, by: Grantor): Promise<ChannelChanged | Problem> =>
    this.#change(id, by, (before) =>
      this.#store({ command: 'delete_notice_channel', before, after: null, secret: null }, by),
    );

  readonly roll = (id: string, by: Grantor): Promise<ChannelChanged | Problem> =>
    this.#change(id, by, async (before) => {
      if (before.target.kind !== 'webhook') return problem('bad_body', 'mail is not signed with a secret');
      const after = { ...before, modifiedAt: this.#parts.clock() };
      return this.#store({ command: 'roll_notice_channel', before, after, secret: newWebhookSecret() }, by);
    });

  readonly test = (id: string, by: Grantor): Promise<Delivery | Problem> =>
    this.#change(id, by, async (channel) => {
      const { store, clock, letters, wake } = this.#parts;
      const at = clock();
      const last = this.#tested.get(channel.id);
      // Mail goes to whom a channel names: nobody should be able to fill a stranger's mailbox.
      if (last !== undefined && at - last < BETWEEN_TESTS) return problem('tested_just_now');
      const detail = `for the channel ${channel.name}`;
      const about = { about: NO_SUBJECT, zone: null, detail };
      const [letter] = letters(channel, [{ id: newNoticeId(), at, code: 'test', severity: 'info', ...about }], at);
      if (letter === undefined) throw new TypeError('one notice makes one letter');
      await writeDelivery(store, letter);
      this.#tested.set(channel.id, at);
      wake();
      return letter.delivery;
    });

  readonly deliveries = async (id: string, by: Grantor): Promise<readonly Delivery[] | Problem> => {
    const channel = this.#find(id, by);
    return channel === undefined
      ? problem('channel_not_found')
      : deliveriesOf(this.#parts.store, channel.id, MOST_LISTED);
  };

  #find(text: string, { token }: Grantor): NoticeChannel | undefined {
    const id = channelId(text.toLowerCase());
    const channel = id === null ? undefined : this.#byId.get(id);
    return channel !== undefined && inReach(token, channel) ? channel : undefined;
  }

  #change<T>(id: string, by: Grantor, step: (channel: NoticeChannel) => Promise<T | Problem>): Promise<T | Problem> {
    return this.#parts.inTurn(async () => {
      const channel = this.#find(id, by);
      return channel === undefined ? problem('channel_not_found') : step(channel);
    });
  }

  async #store({ command, before, after, secret }: Step, { token, from }: Grantor): Promise<ChannelChanged | Problem> {
    const { store, clock, log, revision } = this.#parts;
    const channel = after ?? before;
    if (channel === null) throw new TypeError('A step has a channel before or after it');
    const event = { at: clock(), actor: { token: token.id, from }, zone: null, account: null, command };
    try {
      await store.transaction().execute(async (transaction) => {
        if (after === null) await this.#drop(transaction, channel.id);
        else await writeChannel(transaction, this.#parts.vault, after);
        await this.#seal(transaction, channel.id, secret);
        const fields = { before: auditFields(before), after: auditFields(after) };
        await writeAuditEvent(transaction, revision(), { ...event, ...fields });
      });
    } catch (error) {
      log('channel_not_stored', { command, channel: channel.id, ...errorFields(error) });
      return problem('unavailable');
    }
    if (after === null) this.#byId.delete(channel.id);
    else this.#byId.set(channel.id, after);
    log(command, { channel: channel.id, by: token.id });
    return { kind: 'channel_changed', channel, secret };
  }

  async #seal(store: Store, id: ChannelId, secret: string | null): Promise<void> {
    if (secret === null) return;
    await putSecrets(store, this.#parts.vault, [{ purpose: 'webhook', id, zone: null, key: new Secret(secret) }]);
  }

  async #drop(store: Store, id: ChannelId): Promise<void> {
    // Its deliveries go with it.
    await store.deleteFrom('notice_channels').where('id', '=', id).execute();
    await dropSecrets(store, 'webhook', [id]);
    await dropSecrets(store, 'webhook_url', [id]);
  }
}

/** Whoever could have made a channel may manage it. */
function inReach(
  { zones, accounts }: Pick<NoticeChannel, 'zones' | 'accounts'>,
  channel: Pick<NoticeChannel, 'zones' | 'accounts'>,
): boolean {
  return within(channel.zones, zones) && within(channel.accounts, accounts);
}

// Not where it leads: the path of a webhook may be all that protects it.
function auditFields(channel: NoticeChannel | null): Record<string, unknown> {
  if (channel === null) return {};
  const { id, name, target, enabled, least, codes, zones, accounts } = channel;
  return { id, name, kind: target.kind, enabled, severity: least, codes, zones, accounts };
}

function newChannelId(): ChannelId {
  const id = channelId(randomBytes(16).toString('hex'));
  if (id === null) throw new TypeError('A new id does not have the form of an id');
  return id;
}
