import { z } from 'zod';
import type { ControlState } from '../control-state.ts';
import { errorFields } from '../log.ts';
import type { InTurn } from '../turns.ts';
import type { AnalyticsStepRow } from '../tables.ts';

const SUMS = z.record(z.string(), z.number());
const COUNTS = z.object({ since: z.number(), all: SUMS, zones: z.record(z.string(), SUMS) });

/** What was counted in one of the longest steps. */
export interface StoredStep extends Readonly<z.output<typeof COUNTS>> {
  /** When the step began; `since` is when the counting did. */
  readonly began: number;
}

/** Keeps what was counted over a restart. */
export interface AnalyticsStepKeeping {
  /** The oldest first. */
  readonly storedSteps: () => Promise<readonly StoredStep[]>;
  /** Keeps these in place of what was stored of them, and none that began before. */
  readonly storeSteps: (steps: readonly StoredStep[], before: number) => Promise<void>;
}

export function analyticsStepKeeping(state: ControlState, inTurn: InTurn): AnalyticsStepKeeping {
  const { store, log } = state;
  return {
    storedSteps: async () => {
      const rows = await store.selectFrom('analytics_steps').selectAll().orderBy('began').execute();
      return rows.flatMap(readStep);
    },
    storeSteps: (steps, before) =>
      inTurn(async () => {
        if (state.closed) return;
        try {
          await store.transaction().execute(async (transaction) => {
            await transaction.deleteFrom('analytics_steps').where('began', '<', before).execute();
            for (const { began, ...rest } of steps) {
              const counts = JSON.stringify(rest);
              await transaction
                .insertInto('analytics_steps')
                .values({ began, counts })
                .onConflict((conflict) => conflict.column('began').doUpdateSet({ counts }))
                .execute();
            }
          });
        } catch (error) {
          log('analytics_not_stored', errorFields(error));
        }
      }),
  };
}

// A chart with a gap is better than no start.
function readStep({ began, counts }: AnalyticsStepRow): readonly StoredStep[] {
  try {
    const read = COUNTS.safeParse(JSON.parse(counts));
    return read.success ? [{ began: Number(began), ...read.data }] : [];
  } catch {
    return [];
  }
}
