import { type Problem, problem } from '../domain/problems.ts';
import { writeAuditEvent } from './audit-events.ts';
import { errorFields } from './log.ts';
import type { Actor } from './actor.ts';
import type { RegistryParts } from './registry-parts.ts';
import { readMeta, writeMeta } from './store.ts';

/** What was stored. */
interface AddressesChanged {
  readonly kind: 'addresses_changed';
  readonly networks: readonly string[];
}

/** From where the edges of an installation connect to origins: for packet filters there. */
export interface EdgeAddressKeeping {
  readonly edgeAddresses: () => Promise<readonly string[]>;
  readonly setEdgeAddresses: (networks: readonly string[], actor: Actor) => Promise<AddressesChanged | Problem>;
}

const META = 'edge_addresses';

/** Keeps them in the store. Nothing of the edge depends on them. */
export function edgeAddressKeeping({
  store,
  inTurn,
  clock,
  log,
  revision,
}: Omit<RegistryParts, 'limit'>): EdgeAddressKeeping {
  const edgeAddresses = async () => JSON.parse((await readMeta(store, META)) ?? '[]') as readonly string[];
  const setEdgeAddresses: EdgeAddressKeeping['setEdgeAddresses'] = (networks, actor) =>
    inTurn(async () => {
      const before = await edgeAddresses();
      const changed = { kind: 'addresses_changed', networks } as const;
      if (JSON.stringify(before) === JSON.stringify(networks)) return changed;
      try {
        await store.transaction().execute(async (transaction) => {
          await writeMeta(transaction, META, JSON.stringify(networks));
          await writeAuditEvent(transaction, revision(), {
            at: clock(),
            actor,
            zone: null,
            account: null,
            command: 'update_edge_addresses',
            before: { networks: before },
            after: { networks },
          });
        });
      } catch (error) {
        log('edge_addresses_not_stored', errorFields(error));
        return problem('unavailable');
      }
      log('update_edge_addresses', { networks: networks.length, by: actor.token });
      return changed;
    });
  return { edgeAddresses, setEdgeAddresses };
}
