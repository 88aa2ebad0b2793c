import type { ZoneId } from '../domain/ids.ts';
import { Secret } from '../pki/secret.ts';
import type { EdgeMessage, FeedMessage } from '../wire/feed.ts';
import type { Current } from './current.ts';
import type { Keyring } from './keyring.ts';
import type { VisitorContexts } from './visitor-contexts.ts';

/** What the feed moves. */
export interface SubscriberWorld {
  readonly edge: string;
  readonly current: Current;
  readonly keyring: Keyring;
  readonly contexts: VisitorContexts;
  /** Something changed in these zones (`null`: in any): plans are stale, pools need a look. */
  readonly changed: (zones: readonly ZoneId[] | null) => void;
  readonly dropped: (message: Extract<FeedMessage, { kind: 'key_dropped' }>) => void;
  readonly log: (event: string, fields: Readonly<Record<string, string | number>>) => void;
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
  reply({ kind: 'hello', edge });
  return (message) => {
    if (message.kind !== 'snapshot' && message.kind !== 'delta') return material(world, message);
    const { revision, zones } = message;
    try {
      if (message.kind === 'snapshot') world.current.replace(revision, zones);
      else world.current.apply(revision, zones);
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      world.log('revision_rejected', { revision, because });
      return reply({ kind: 'rejected', edge, revision, because });
    }
    world.changed(message.kind === 'snapshot' ? null : zones.map(({ zone }) => zone));
    return reply({ kind: 'applied', edge, revision });
  };
}

function material(world: SubscriberWorld, message: Exclude<FeedMessage, { kind: 'snapshot' | 'delta' }>): void {
  switch (message.kind) {
    case 'key':
      world.keyring.put(message.certificate, message.chain, new Secret(message.key));
      world.current.hold(message.certificate);
      return world.changed([]);
    case 'key_dropped':
      world.keyring.drop(message.certificate);
      world.current.release(message.certificate);
      return world.dropped(message);
    case 'visitor_certificate':
      return world.contexts.put(message.zone, message.names, message.chain, new Secret(message.key));
    case 'visitor_certificate_dropped':
      return world.contexts.drop(message.zone);
  }
}
