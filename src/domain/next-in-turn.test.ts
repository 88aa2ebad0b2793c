import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextInTurn, type Queue, type Shares } from './next-in-turn.ts';

const shares: fc.Arbitrary<Shares> = fc
  .record({
    places: fc.integer({ min: 1, max: 6 }),
    each: fc.integer({ min: 1, max: 6 }),
    atTarget: fc.integer({ min: 1, max: 3 }),
  })
  .map((one) => ({ ...one, each: Math.min(one.each, one.places) }));

const PARTIES = ['a', 'b', 'c', 'd'] as const;
type Party = (typeof PARTIES)[number];

/** What happens: somebody comes with something, or whoever holds the place of this number leaves. */
type Event = { readonly comes: Party; readonly target: string | null } | { readonly leaves: number };

const events: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(
    fc.record({ comes: fc.constantFrom(...PARTIES), target: fc.constantFrom(null, 'x', 'y') }),
    fc.record({ leaves: fc.nat(10) }),
  ),
  { maxLength: 80 },
);

/** Places that are given out by the rule, as whoever uses it does. */
class Hall {
  readonly waiting = new Map<Party, { readonly target: string | null }[]>();
  readonly inside: { readonly party: Party; readonly target: string | null }[] = [];
  /** Of each that waits and holds nothing: how many others have been served since. */
  readonly passed = new Map<Party, number>();
  readonly shares: Shares;

  constructor(given: Shares) {
    this.shares = given;
  }

  take(event: Event): void {
    if ('comes' in event) {
      const queue = this.waiting.get(event.comes) ?? [];
      queue.push({ target: event.target });
      this.waiting.set(event.comes, queue);
    } else this.inside.splice(event.leaves, 1);
    while (this.#letIn());
  }

  held() {
    const by = new Map<Party, number>();
    const at = new Map<string, number>();
    for (const { party, target } of this.inside) {
      by.set(party, (by.get(party) ?? 0) + 1);
      if (target !== null) at.set(target, (at.get(target) ?? 0) + 1);
    }
    return { by, at };
  }

  fits(party: Party, queue: Queue): boolean {
    const { by, at } = this.held();
    const room = (by.get(party) ?? 0) < this.shares.each;
    return room && queue.some(({ target }) => target === null || (at.get(target) ?? 0) < this.shares.atTarget);
  }

  #letIn(): boolean {
    const able = [...this.waiting].filter(([party, queue]) => this.fits(party, queue)).map(([party]) => party);
    const next = nextInTurn(this.waiting, this.held(), this.shares);
    if (next === null) {
      // Nobody waits for nothing.
      assert.ok(this.inside.length >= this.shares.places || able.length === 0);
      return false;
    }
    const queue = this.waiting.get(next.party) ?? assert.fail();
    const [one] = queue.splice(next.index, 1);
    this.waiting.delete(next.party);
    if (queue.length > 0) this.waiting.set(next.party, queue);
    this.inside.push({ party: next.party, ...(one ?? assert.fail()) });
    this.passed.delete(next.party);
    for (const party of able) if (party !== next.party) this.passed.set(party, (this.passed.get(party) ?? 0) + 1);
    return true;
  }
}

test('nobody holds more than their share, no place stays empty that somebody could have, and nobody starves', () => {
  fc.assert(
    fc.property(shares, events, (given, happening) => {
      const hall = new Hall(given);
      for (const event of happening) {
        hall.take(event);
        const { by, at } = hall.held();
        assert.ok(hall.inside.length <= given.places);
        for (const count of by.values()) assert.ok(count <= given.each);
        for (const count of at.values()) assert.ok(count <= given.atTarget);
        // Each of the others is served once at most before whoever could have gone in, however much they have waiting.
        for (const count of hall.passed.values()) assert.ok(count < PARTIES.length, String(count));
      }
    }),
  );
});

test('what one party has hanging leaves room for others', () => {
  const waiting = new Map([
    ['busy', [{ target: null }]],
    ['other', [{ target: null }]],
  ]);
  const held = { by: new Map([['busy', 12]]), at: new Map<string, number>() };
  assert.deepEqual(nextInTurn(waiting, held, { places: 16, each: 12, atTarget: 4 }), { party: 'other', index: 0 });
});

test('a target that is taken up holds up nothing else of whoever waits for it', () => {
  const waiting = new Map([['one', [{ target: 'x' }, { target: 'x' }, { target: 'y' }]]]);
  const held = { by: new Map<string, number>(), at: new Map([['x', 4]]) };
  assert.deepEqual(nextInTurn(waiting, held, { places: 16, each: 12, atTarget: 4 }), { party: 'one', index: 2 });
  assert.equal(nextInTurn(waiting, held, { places: 0, each: 12, atTarget: 4 }), null);
});
