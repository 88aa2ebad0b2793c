// What a worker process runs: an edge that listens nowhere. Visitors and the feed come from the supervisor.
import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import type { EdgeZoneDelta } from '../../domain/edge-zone.ts';
import type { FeedMessage } from '../../wire/feed.ts';
import type { Log } from '../../wire/log.ts';
import { merge } from '../../wire/metrics.ts';
import { processFigures } from '../../wire/process-figures.ts';
import { type Edge, startEdge } from '../start.ts';
import { logSender } from './log-sender.ts';
import type { Beginning, Order, Report } from './messages.ts';

const ALIVE_EVERY = 1_000;
const COUNTED_EVERY = 100;
const FIGURES_EVERY = 1_000;
/** How long visitors have when the supervisor is gone. */
const ORPHAN_DRAIN = 2_000;

// The little garbage of a request is gone sooner than threads are woken to help with it, and memory that one thread frees
// while another allocates makes both wait: a tenth of a small pull's cost. A future V8 may ignore these.
for (const flag of ['--no-parallel-scavenge', '--no-concurrent-array-buffer-sweeping']) setFlagsFromString(flag);

run();

function run(): void {
  // A terminal and a service manager signal the whole group: the supervisor says when to end, and how.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined);
  const logged = logSender(report);
  let edge: Promise<Edge> | null = null;
  const end = async (within: number, patience: number): Promise<void> => {
    const running = await edge;
    await running?.close(within, patience);
    if (running === null) process.exit(0);
    // What was logged and counted last must be through before the process ends, else it would be lost.
    logged.flush();
    // One report may not hold all of the traffic.
    while (tellTraffic(running));
    report(figures(running), () => process.exit(0));
  };
  process.on('disconnect', () => void end(ORPHAN_DRAIN, 0));
  if (!process.connected) process.exit(0);
  let obey: (order: Order, socket: Socket | undefined) => void = () => undefined;
  process.on('message', (message, handle) => {
    // The other end is the program that started this one, in the same version.
    const order = message as Order;
    if (order.kind === 'begin') {
      edge = begin(order.beginning, logged.log);
      const begun = edge.then((running) => obeyer(running, end));
      // In order: what comes before the edge is there waits for it.
      obey = (next, socket) => void begun.then((obeying) => obeying(next, socket));
    } else obey(order, handle as Socket | undefined);
  });
  setInterval(() => report({ kind: 'alive' }), ALIVE_EVERY);
}

async function begin({ ticketKey, settings, ...beginning }: Beginning, log: Log): Promise<Edge> {
  const edge = await startEdge({ ...beginning, ...settings, listens: 'elsewhere', log });
  edge.setTicketKey(Buffer.from(ticketKey, 'base64'));
  setInterval(() => tellCounted(edge), COUNTED_EVERY);
  // Before it serves anybody, so that whoever is listed also shows what it does.
  report(figures(edge));
  setInterval(() => {
    report(figures(edge));
    tellTraffic(edge);
  }, FIGURES_EVERY);
  return edge;
}

function figures(edge: Edge): Report {
  return { kind: 'figures', snapshot: merge(edge.snapshot(), processFigures('worker')) };
}

/** Whether there was any to tell of. */
function tellTraffic(edge: Edge): boolean {
  const traffic = edge.takeTraffic();
  const any = traffic.zones.length > 0 || traffic.hostnames.length > 0;
  if (any) report({ kind: 'traffic', traffic });
  return any;
}

// The shorter, the less a visitor gains by spreading requests over workers.
function tellCounted(edge: Edge): void {
  const counted = edge.takeNews();
  if (counted.length > 0) report({ kind: 'counted', counted });
}

type End = (within: number, patience: number) => Promise<void>;

function obeyer(edge: Edge, end: End): (order: Order, socket: Socket | undefined) => void {
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
        for (const message of order.messages) {
          take(whole(message, pieces));
          if ('zones' in message) pieces = [];
        }
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

/** Calls `through` once the report is written, or cannot be. */
function report(one: Report, through: () => void = () => undefined): void {
  if (!process.connected) return through();
  // An error here means that the supervisor is gone, which `disconnect` tells too.
  process.send?.(one, undefined, undefined, () => through());
}
