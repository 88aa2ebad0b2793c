import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import type { LockOutcome } from './outcome.ts';
import { untilShut } from './until-shut.ts';

const START = instant(Date.UTC(2030, 0, 1));

/** Rounds over one lock that is open until then, at a clock that only waiting moves. */
async function stayed(opening: number, stay: number) {
  let now = START;
  const until = instant(START + opening);
  const rounds: boolean[] = [];
  const round = async (): Promise<readonly LockOutcome[]> => {
    const isOpen = now < until;
    rounds.push(isOpen);
    const shutsAt = isOpen ? until : null;
    return [{ lock: 'www', server: '', zones: [], hostnames: [], files: [], trouble: null, shutsAt }];
  };
  const wait = async (milliseconds: number) => {
    now = instant(now + milliseconds);
  };
  const outcomes = await untilShut({ round, stay, clock: () => now, wait });
  return { rounds, waited: now - START, isOpen: outcomes.some(({ shutsAt }) => shutsAt !== null) };
}

test('a run that stays goes round again at the end of an opening, and shuts it', async () => {
  assert.deepEqual(await stayed(90_000, 120_000), { rounds: [true, false], waited: 90_000, isOpen: false });
});

test('a run does not stay for an opening that ends later, and one that need not stay does not', async () => {
  assert.deepEqual(await stayed(121_000, 120_000), { rounds: [true], waited: 0, isOpen: true });
  assert.deepEqual(await stayed(90_000, 0), { rounds: [true], waited: 0, isOpen: true });
  assert.deepEqual(await stayed(0, 120_000), { rounds: [false], waited: 0, isOpen: false });
});
