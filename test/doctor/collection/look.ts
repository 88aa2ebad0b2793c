import { type Hand, rightIdentity } from '../../../src/doctor/credentials.ts';
import type { Examined } from '../../../src/doctor/diagnosis/diagnose.ts';
import { examineAll } from '../../../src/doctor/examine.ts';
import type { Target } from '../../../src/doctor/target.ts';
import { foldedSpellings } from '../../../src/origin/verified-header.ts';

/** What is looked at, and with what. */
export interface Look {
  readonly targets: readonly Target[];
  readonly hand: Hand;
  readonly otherNames?: readonly string[];
  readonly header?: string | undefined;
  readonly path?: string;
}

// No server of the collection hangs.
const TIMEOUT = 10_000;

/** Knocks once in every way that is at hand. */
export async function look({ targets, hand, otherNames = [], header, path = '/' }: Look): Promise<Examined> {
  const { observations, notChecked } = await examineAll({
    targets,
    hand,
    path,
    otherNames,
    verifiedHeaders: header === undefined ? [] : [header, ...foldedSpellings(header)],
    timeout: TIMEOUT,
    signal: new AbortController().signal,
  });
  const identity = hand.identity === null ? null : rightIdentity(hand.identity, hand.authority);
  return { targets, observations, configuration: null, identity, notChecked };
}
