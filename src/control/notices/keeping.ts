import type { Attestation } from '../../domain/attestation.ts';
import type { Delivery } from '../../domain/delivery.ts';
import type { Instant, ZoneId } from '../../domain/ids.ts';
import type { Notice } from '../../domain/notice.ts';
import { type NoticeChannel, takes } from '../../domain/notice-channel.ts';
import { type Snapshot, seriesKey } from '../../wire/metrics.ts';
import type { ControlState } from '../control-state.ts';
import type { SetupIndex } from '../setup-index.ts';
import type { RotationSight } from '../rotation/rotator.ts';
import type { Store } from '../store.ts';
import type { InTurn } from '../turns.ts';
import { type ChannelKeeping, ChannelRegistry } from './channel-registry.ts';
import { loadChannels } from './channel-rows.ts';
import { type Letter, waitingDeliveries, writeDelivery } from './delivery-rows.ts';
import { Dispatcher } from './dispatcher.ts';
import { letters } from './letters.ts';
import type { MailServer } from './mail.ts';
import { type NoticeQuery, type NumberedNotice, readNotices } from './notice-rows.ts';
import { Notifier } from './notifier.ts';
import { type Outlet, postman } from './postman.ts';

/** Notices of a control plane. */
export interface NoticeKeeping {
  /** The newest that fit, newest first. */
  readonly notices: (query: NoticeQuery) => Promise<readonly NumberedNotice[]>;
  readonly noticeChannels: ChannelKeeping;
  /** Whether there is a mail server. */
  readonly sendsMail: boolean;
  /** What was said, what arrived and what waits, in numbers. */
  readonly noticeFigures: () => Promise<Snapshot>;
  /** From now on notices go out; until then they wait. */
  readonly deliverNotices: (outlet: Outlet) => void;
}

interface KeepingParts {
  readonly inTurn: InTurn;
  readonly sight: (zone: ZoneId) => RotationSight | null;
  readonly locks: (zone: ZoneId) => readonly Attestation[];
  readonly setups: SetupIndex;
  /** Told of a zone that something else is worth a word than before. */
  readonly touched: (zone: ZoneId) => void;
  readonly mail?: MailServer | null;
  /** Milliseconds between two looks at what time alone makes worth a word. */
  readonly noticeTick?: number;
  /** Milliseconds before the second attempt of a delivery. */
  readonly deliveryPause?: number;
}

/** What is worth a word now. */
export type Standing = Pick<Notifier, 'standing' | 'standingOfAll' | 'times'>;

interface Keeping {
  readonly keeping: NoticeKeeping;
  readonly notifier: Standing;
  /** Looks at everything, and says what is due. `sighted` where origins have been looked at since the start. */
  readonly round: (sighted: boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

const FIRST_PAUSE = 30_000;
/** A channel that takes nothing any more keeps no more than this. */
const MOST_WAITING = 200;

/** Watches what is worth a word, stores it, and sends it out by the channels that there are. */
export async function noticeKeeping(state: ControlState, parts: KeepingParts): Promise<Keeping> {
  const { store, vault, clock, log, limits } = state;
  const {
    inTurn,
    sight,
    locks,
    setups,
    touched,
    mail = null,
    deliveryPause: firstPause = FIRST_PAUSE,
    noticeTick: every,
  } = parts;
  const outcomes = new Map<string, number>();
  let dispatcher: Dispatcher | null = null;
  const wake = () => dispatcher?.wake();
  const write: Write = (channel, notices, now) =>
    letters(channel, notices, { installation: state.installation.host, now });
  const registryParts = { store, inTurn, clock, log, revision: () => state.revision, limit: limits.noticeChannels };
  const channels = new ChannelRegistry(
    { ...registryParts, vault, letters: write, wake },
    await loadChannels(store, vault),
  );
  const send = (transaction: Store, notices: readonly Notice[]) =>
    enqueue(transaction, channels.all(), { notices, write, now: clock() });
  const notifier = await Notifier.open({ state, inTurn, sight, locks, setups, touched, send, said: wake });
  notifier.start(every);
  const tried = ({ target }: NoticeChannel, { attempts }: Delivery) => {
    const key = seriesKey('notice_attempts_total', target.kind, attempts.at(-1)?.failure ?? 'delivered');
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
  };
  return {
    notifier,
    keeping: {
      notices: (query) => readNotices(store, query),
      noticeChannels: channels,
      sendsMail: mail !== null,
      noticeFigures: () => figures(store, notifier, outcomes),
      deliverNotices: (outlet) => {
        const dispatching = { store, clock, log, channel: channels.get, tried, firstPause };
        dispatcher ??= new Dispatcher(dispatching, postman(state, mail, outlet));
        dispatcher.wake();
      },
    },
    round: (sighted) => notifier.round(sighted),
    close: async () => {
      await notifier.close();
      await dispatcher?.close();
    },
  };
}

type Write = (channel: NoticeChannel, notices: readonly Notice[], now: Instant) => readonly Letter[];

interface Sending {
  readonly notices: readonly Notice[];
  readonly write: Write;
  readonly now: Instant;
}

/** Puts notices on their way through each channel that takes them. */
async function enqueue(
  store: Store,
  channels: readonly NoticeChannel[],
  { notices, write, now }: Sending,
): Promise<void> {
  const waiting = await waitingDeliveries(store);
  for (const channel of channels) {
    const taken = notices.filter((notice) => takes(channel, notice));
    const full = (waiting.get(channel.id) ?? 0) >= MOST_WAITING;
    for (const letter of write(channel, taken, now)) await writeDelivery(store, full ? givenUp(letter, now) : letter);
  }
}

// In the history of the channel it can be seen that there was something.
function givenUp({ delivery, body }: Letter, at: Instant): Letter {
  const attempts = [{ at, failure: 'too_many_waiting', status: null } as const];
  return { delivery: { ...delivery, attempts, nextAt: null }, body };
}

async function figures(store: Store, notifier: Notifier, outcomes: ReadonlyMap<string, number>): Promise<Snapshot> {
  const said = [...notifier.counts()].map(([code, count]) => [seriesKey('notices_total', code), count] as const);
  const held = [...notifier.held()].map(([finding, count]) => [seriesKey('origins_held', finding), count] as const);
  const waiting = [...(await waitingDeliveries(store)).values()].reduce((sum, count) => sum + count, 0);
  return {
    counters: Object.fromEntries([...said, ...outcomes]),
    gauges: { ...Object.fromEntries(held), notice_deliveries_waiting: waiting },
  };
}
