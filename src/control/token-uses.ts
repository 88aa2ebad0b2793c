import { errorFields } from './log.ts';
import type { TokenUseKeeping } from './token.ts';
import type { RegistryParts } from './registry-parts.ts';
import type { Store } from './store.ts';

/** What is lost of it where the process is killed. */
const WRITES_EVERY = 60_000;

interface UseParts extends Pick<RegistryParts, 'store' | 'inTurn' | 'clock' | 'log'> {
  /** Milliseconds between two writes; a minute where left out. */
  readonly every?: number;
}

/**
 * When each token was used last. A call is not worth a write of its own: what happened since is kept in memory, and
 * written together once a minute and at the end.
 */
export class TokenUses implements TokenUseKeeping {
  readonly #parts: UseParts;
  readonly #last: Map<string, number>;
  #unwritten = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(parts: UseParts, last: ReadonlyMap<string, number>) {
    this.#parts = parts;
    this.#last = new Map(last);
    this.#timer = setInterval(() => void this.#write(), parts.every ?? WRITES_EVERY).unref();
  }

  readonly tokenUsed = (id: string): void => {
    this.#last.set(id, this.#parts.clock());
    this.#unwritten.add(id);
  };

  readonly tokenUsedAt = (id: string): number | null => this.#last.get(id) ?? null;

  /** Writes what is not written, and nothing after that by itself. */
  close(): Promise<void> {
    clearInterval(this.#timer);
    return this.#write();
  }

  async #write(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const uses = this.#unwritten;
    this.#unwritten = new Set();
    const { store, inTurn, log } = this.#parts;
    try {
      await inTurn(() => writeTokenUses(store, new Map([...uses].map((id) => [id, this.#last.get(id) ?? null]))));
    } catch (error) {
      // It is known as long as this process lives, and written the next time.
      for (const id of uses) this.#unwritten.add(id);
      log('token_uses_not_stored', { tokens: uses.size, ...errorFields(error) });
    }
  }
}

async function writeTokenUses(store: Store, uses: ReadonlyMap<string, number | null>): Promise<void> {
  await store.transaction().execute(async (transaction) => {
    for (const [id, at] of uses) {
      await transaction.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute();
    }
  });
}

/** When each token was used last, as far as the store has it. */
export async function loadTokenUses(store: Store): Promise<ReadonlyMap<string, number>> {
  const rows = await store.selectFrom('tokens').select(['id', 'last_used_at']).execute();
  return new Map(rows.flatMap(({ id, last_used_at: at }) => (at === null ? [] : [[id, at] as const])));
}
