import type { CertificateId, ZoneId } from '../domain/ids.ts';
import { Secret } from '../pki/secret.ts';
import type { EdgeMessage, FeedMessage } from '../wire/feed.ts';
import type { Log } from '../wire/log.ts';
import type { Current } from './current.ts';
import type { Keyring } from './keyring.ts';
import type { Prover } from './prover.ts';
import type { PullWatch } from './pull-watch.ts';
import type { VisitorContexts } from './visitor-contexts.ts';

/** What the feed moves. */
export interface SubscriberWorld {
  readonly edge: string;
  readonly current: Current;
  readonly keyring: Keyring;
  readonly contexts: VisitorContexts;
  readonly prover: Prover;
  readonly pullWatch: PullWatch;
  /** Something changed in these zones (`null`: in any): plans are stale, pools need a look. */
  readonly changed: (zones: readonly ZoneId[] | null) => void;
  /** A key has come: plans that refused for want of it are stale. */
  readonly keysChanged: () => void;
  readonly dropped: (message: Extract<FeedMessage, { kind: 'key_dropped' }>) => void;
  readonly log: Log;
}

/**
 * Applies what the control plane says, and acknowledges. A revision that cannot be applied leaves the last good one in
 * force; the answer says why.
 */
export function subscribe(
  world: SubscriberWorld,
  reply: (message: EdgeMessage) => void,
): (message: FeedMessage) => void {
  const { edge } = world;
  /** Keys told of since the snapshot before: a snapshot comes after all keys that it needs. */
  const told = new Set<CertificateId>();
  // What was asked over a feed before this one is asked again.
  world.prover.forget();
  world.pullWatch.forget();
  reply({ kind: 'hello', edge, ...(world.current.empty ? { empty: true } : {}) });
  return (message) => {
    if (message.kind === 'key') told.add(message.certificate);
    if (message.kind === 'key_dropped') told.delete(message.certificate);
    if (message.kind === 'prove' || message.kind === 'watch') return look(world, message, reply);
    if (message.kind !== 'snapshot' && message.kind !== 'delta') return material(world, message);
    const { revision, zones } = message;
    try {
      if (message.kind === 'snapshot') world.current.replace(revision, zones);
      else world.current.apply(revision, zones);
      world.changed(message.kind === 'snapshot' ? null : zones.map(({ zone }) => zone));
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      world.log('revision_rejected', { revision, because });
      return reply({ kind: 'rejected', edge, revision, because });
    }
    if (message.kind === 'snapshot') forgetOthers(world, told);
    return reply({ kind: 'applied', edge, revision });
  };
}

/** What the edge is asked to see, and tells once it has. */
function look(
  { edge, prover, pullWatch }: SubscriberWorld,
  message: Extract<FeedMessage, { kind: 'prove' | 'watch' }>,
  reply: (message: EdgeMessage) => void,
): void {
  const { zone } = message;
  if (message.kind === 'watch') {
    return pullWatch.watch(zone, message.certificates, (counts) => reply({ kind: 'pulled', edge, zone, counts }));
  }
  const { id, tasks } = message;
  prover.prove(zone, tasks, (seen) => reply({ kind: 'proof', edge, id, seen }));
}

// What was dropped while this edge was away is not announced again: it is what did not come with the snapshot.
function forgetOthers(world: SubscriberWorld, told: Set<CertificateId>): void {
  for (const certificate of [...world.current.keys].filter((held) => !told.has(held))) {
    material(world, { kind: 'key_dropped', certificate });
  }
  told.clear();
}

function material(
  world: SubscriberWorld,
  message: Exclude<FeedMessage, { kind: 'snapshot' | 'delta' | 'prove' | 'watch' }>,
): void {
  switch (message.kind) {
    case 'key':
      world.keyring.put(message.certificate, message.chain, new Secret(message.key));
      world.current.hold(message.certificate);
      return world.keysChanged();
    case 'key_dropped':
      world.keyring.drop(message.certificate);
      world.current.release(message.certificate);
      return world.dropped(message);
    case 'origin_ca':
      return world.keyring.trust(message.certificate);
    case 'visitor_certificate':
      return world.contexts.put({ ...message, key: new Secret(message.key) });
    case 'visitor_certificate_dropped':
      return world.contexts.drop(message.zone, message.certificate);
  }
}
