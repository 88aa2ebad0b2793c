import { networkInterfaces } from 'node:os';
import type { ControlPlane } from '../control/plane.ts';
import type { EdgeSettings } from '../edge/edge-settings.ts';
import { joinFeed } from '../edge/join-feed.ts';
import { type Edge, startEdge } from '../edge/start.ts';
import { rotatingTicketKey } from '../edge/ticket-key.ts';
import { startSupervisor } from '../edge/workers/supervisor.ts';
import type { EdgeListening, FeedMessage } from '../wire/feed.ts';
import type { Log } from '../wire/log.ts';
import { edgeListening, type PublicAddress } from './edge-listening.ts';
import { edgeReadiness } from './edge-readiness.ts';
import type { FiguresDesk } from './figures-desk.ts';
import type { HostPort } from './host-port.ts';

/** What joins an edge in this process to the control plane in this process. */
export interface LocalEdgeParts {
  /** The name by which the edge says hello. */
  readonly name: string;
  readonly plane: Pick<ControlPlane, 'connect' | 'expect'>;
  readonly edge: Pick<Edge, 'subscribe'>;
  /** Where it takes visitors. */
  readonly listening?: EdgeListening;
  /** Sees every message before the edge does. */
  readonly watch: (message: FeedMessage) => void;
  readonly log: Log;
  /** How long the edge may take until it has its first configuration in force, in milliseconds. */
  readonly readyWithin: number;
}

/** An edge that stays joined until it is closed. */
export interface LocalEdge {
  /** Resolves when the edge acknowledges its first configuration; rejects with a Failure where it does not in time. */
  readonly ready: Promise<void>;
  readonly close: () => void;
}

/** Joins an edge of this process to the feed, and waits for its first acknowledgement. */
export function joinLocalEdge({ name, plane, edge, listening, watch, log, readyWithin }: LocalEdgeParts): LocalEdge {
  const { ready, reached, heard, lost, end } = edgeReadiness(readyWithin);
  plane.expect(name);
  const leave = joinFeed({
    name,
    connect: watched(plane, watch),
    edge,
    listening,
    log,
    heard: (message) => {
      heard(message);
      if (message.kind === 'applied') reached();
    },
    lost,
  });
  return {
    ready,
    close: () => {
      end();
      leave();
    },
  };
}

/** What the edges of this machine are started with. */
export interface LocalEdgesParts extends Omit<LocalEdgeParts, 'name' | 'edge' | 'listening'> {
  readonly https: HostPort;
  readonly http: HostPort | null;
  /** Other listeners of this Postern, which must never be origins. */
  readonly own: readonly HostPort[];
  readonly settings: EdgeSettings;
  /** Where visitors reach the edges, as the operator has said. */
  readonly publicAddresses: readonly PublicAddress[];
  /** Worker processes; `null` for one edge in this process. */
  readonly workers: number | null;
  /** Learns what the edges have counted. */
  readonly figures: Pick<FiguresDesk, 'join' | 'reported' | 'counted' | 'ended'>;
}

/** The edges of this machine, however many they are. */
export interface LocalEdges {
  readonly https: HostPort;
  readonly http: HostPort | null;
  /** Resolves when all of them have the stored configuration in force; rejects with a Failure where they do not in time. */
  readonly ready: Promise<void>;
  /** Replaces worker processes by new ones; an edge in this process stays as it is. */
  readonly reload: () => Promise<void>;
  readonly close: (deadline: number) => Promise<void>;
}

/** Starts them, listening already. Rejects with the system's error where that fails. */
export function startLocalEdges(parts: LocalEdgesParts): Promise<LocalEdges> {
  return parts.workers === null ? startInProcess(parts) : startWorkers(parts, parts.workers);
}

const IN_PROCESS = 'local';

async function startInProcess(parts: LocalEdgesParts): Promise<LocalEdges> {
  const { https, http, own, settings, log, figures } = parts;
  const edge = await startEdge({ name: IN_PROCESS, https, http, own, log, ...settings });
  figures.join(IN_PROCESS, edge);
  const ticketKey = rotatingTicketKey(edge.setTicketKey);
  edge.setTicketKey(ticketKey.present());
  const at = { https: edge.https ?? https, http: edge.http };
  const local = joinLocalEdge({ ...parts, name: IN_PROCESS, edge, listening: listeningOf(parts)(at) });
  return {
    ...at,
    ready: local.ready,
    reload: async () => undefined,
    close: async (deadline) => {
      ticketKey.end();
      await edge.close(deadline);
      local.close();
    },
  };
}

// Workers are not expected: one that is about to start has all that is in force before it has a visitor, so a change
// need not wait for it.
async function startWorkers(parts: LocalEdgesParts, workers: number): Promise<LocalEdges> {
  const { https, http, own, settings, log, figures, plane, watch, readyWithin } = parts;
  const { ready, reached, heard, lost, end } = edgeReadiness(readyWithin);
  const connect = watched(plane, watch);
  const from = { https, http, own, settings, log, figures };
  const started = startSupervisor({ workers, ...from, connect, listening: listeningOf(parts), heard, lost });
  // Nobody waits for an edge that cannot listen.
  const supervisor = await started.catch((error: unknown) => {
    end();
    throw error;
  });
  void supervisor.ready.then(reached);
  return {
    https: supervisor.https,
    http: supervisor.http,
    ready,
    reload: supervisor.reload,
    close: (deadline) => {
      end();
      return supervisor.close(deadline);
    },
  };
}

function listeningOf({ publicAddresses: said }: LocalEdgesParts) {
  return (at: Pick<LocalEdges, 'https' | 'http'>) => edgeListening(at, { said, interfaces: networkInterfaces });
}

function watched(plane: Pick<ControlPlane, 'connect'>, watch: LocalEdgeParts['watch']): ControlPlane['connect'] {
  return (link) =>
    plane.connect({
      ...link,
      send: (message) => {
        watch(message);
        link.send(message);
      },
    });
}
