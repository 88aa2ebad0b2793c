// What a worker process runs: an edge that listens nowhere. Visitors and the feed come from the supervisor.
import type { Socket } from 'node:net';
import type { EdgeZoneDelta } from '../../domain/edge-zone.ts';
import type { FeedMessage } from '../../wire/feed.ts';
import { merge } from '../../wire/metrics.ts';
import { processFigures } from '../process-figures.ts';
import { type Edge, startEdge } from '../start.ts';
import type { Beginning, Order, Report } from './messages.ts';

const ALIVE_EVERY = 1_000;
const COUNTED_EVERY = 100;
const FIGURES_EVERY = 1_000;
/** How long visitors have when the supervisor is gone. */
const ORPHAN_DRAIN = 2_000;
/** Reports on their way. Beyond this the supervisor does not read, and the log must not eat the memory. */
const MAX_UNSENT = 10_000;

run();

function run(): void {
  // A terminal and a service manager signal the whole group: the supervisor says when to end, and how.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined);
  const report = reporter();
  let edge: Promise<Edge> | null = null;
  const end = async (within: number, patience: number): Promise<void> => {
    const running = await edge;
    await running?.close(within, patience);
    // What was counted last must be through before the process ends, else it would be lost.
    if (running === null) process.exit(0);
    report(figures(running), () => process.exit(0));
  };
  process.on('disconnect', () => void end(ORPHAN_DRAIN, 0));
  if (!process.connected) process.exit(0);
  let obey: (order: Order, socket: Socket | undefined) => void = () => undefined;
  process.on('message', (message, handle) => {
    // The other end is the program that started this one, in the same version.
    const order = message as Order;
    if (order.kind === 'begin') {
      edge = begin(order.beginning, report);
      const begun = edge.then((running) => obeyer(running, { report, end }));
      // In order: what comes before the edge is there waits for it.
      obey = (next, socket) => void begun.then((obeying) => obeying(next, socket));
    } else obey(order, handle as Socket | undefined);
  });
  setInterval(() => report({ kind: 'alive' }), ALIVE_EVERY);
}

/** Calls `through` once the report is written, or cannot be. */
type Tell = (report: Report, through?: () => void) => void;

async function begin({ ticketKey, settings, ...beginning }: Beginning, report: Tell): Promise<Edge> {
  const log = (event: string, fields: Extract<Report, { kind: 'logged' }>['fields']): void =>
    report({ kind: 'logged', event, fields });
  const edge = await startEdge({ ...beginning, ...settings, listens: 'elsewhere', log });
  edge.setTicketKey(Buffer.from(ticketKey, 'base64'));
  setInterval(() => tellCounted(edge, report), COUNTED_EVERY);
  // Before it serves anybody, so that whoever is listed also shows what it does.
  report(figures(edge));
  setInterval(() => report(figures(edge)), FIGURES_EVERY);
  return edge;
}

function figures(edge: Edge): Report {
  return { kind: 'figures', snapshot: merge(edge.snapshot(), processFigures('worker')) };
}

// The shorter, the less a visitor gains by spreading requests over workers.
function tellCounted(edge: Edge, report: Tell): void {
  const counted = edge.takeNews();
  if (counted.length > 0) report({ kind: 'counted', counted });
}

interface Ways {
  readonly report: Tell;
  readonly end: (within: number, patience: number) => Promise<void>;
}

function obeyer(edge: Edge, { report, end }: Ways): (order: Order, socket: Socket | undefined) => void {
  let take: (message: FeedMessage) => void = () => undefined;
  let pieces: EdgeZoneDelta[] = [];
  return (order, socket) => {
    switch (order.kind) {
      case 'begin':
        return;
      case 'subscribe':
        pieces = [];
        take = edge.subscribe((message) => report({ kind: 'told', message }));
        return;
      case 'zones':
        pieces.push(...order.zones);
        return;
      case 'feed':
        take(whole(order.message, pieces));
        if ('zones' in order.message) pieces = [];
        return;
      case 'visitor':
        if (socket === undefined) return;
        report({ kind: 'took', id: order.id });
        socket.on('close', () => report({ kind: 'left' }));
        return edge.accept(order.scheme, socket);
      case 'ticket_key':
        return edge.setTicketKey(Buffer.from(order.key, 'base64'));
      case 'counted':
        return edge.addCounted(order.counted);
      case 'drain':
        void end(order.within, order.patience);
    }
  };
}

function whole(message: FeedMessage, pieces: readonly EdgeZoneDelta[]): FeedMessage {
  return 'zones' in message && pieces.length > 0 ? { ...message, zones: [...pieces, ...message.zones] } : message;
}

/** Sends reports; of the log only as much as the supervisor reads. */
function reporter(): Tell {
  let unsent = 0;
  let lost = 0;
  const send = (report: Report, through = (): void => undefined): void => {
    if (!process.connected) return through();
    unsent += 1;
    // An error here means that the supervisor is gone, which `disconnect` tells too.
    process.send?.(report, undefined, undefined, () => {
      unsent -= 1;
      through();
    });
  };
  return (report, through) => {
    if (report.kind === 'logged' && unsent >= MAX_UNSENT) {
      lost += 1;
      return;
    }
    if (lost > 0 && unsent < MAX_UNSENT) {
      send({ kind: 'log_lost', count: lost });
      lost = 0;
    }
    send(report, through);
  };
}
