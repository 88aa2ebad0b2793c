/** What so many places are shared out by. */
export interface Shares {
  readonly places: number;
  /** Places that one party may hold: what it has hanging leaves room for others. */
  readonly each: number;
  /** Places that may be held at one target, whoever they are. */
  readonly atTarget: number;
}

/** What is held now. */
export interface Held<Party> {
  readonly by: ReadonlyMap<Party, number>;
  readonly at: ReadonlyMap<string, number>;
}

/** What a party waits for, in the order in which it came; `target` is `null` where there is none to be spared. */
export type Queue = readonly { readonly target: string | null }[];

/**
 * Whose turn it is, and for what of theirs: the first party that may hold another place, with the first thing whose target
 * is not taken up. Whoever is served goes behind all others, so that each is served after no more turns than there are others
 * before it. `null` where nobody can go in.
 */
export function nextInTurn<Party>(
  waiting: ReadonlyMap<Party, Queue>,
  held: Held<Party>,
  { places, each, atTarget }: Shares,
): { readonly party: Party; readonly index: number } | null {
  let taken = 0;
  for (const count of held.by.values()) taken += count;
  if (taken >= places) return null;
  for (const [party, queue] of waiting) {
    if ((held.by.get(party) ?? 0) >= each) continue;
    const index = queue.findIndex(({ target }) => target === null || (held.at.get(target) ?? 0) < atTarget);
    if (index !== -1) return { party, index };
  }
  return null;
}
