import type { SendCallers } from '../origin/watch/caller-round.ts';
import type { View } from '../wire/answer-fields.ts';
import { type CallerReport, type CALLERS_COUNTED, callersPath } from '../wire/callers.ts';
import { type ApiAccess, callApi, Refusal } from './api.ts';
import { sentences } from './failure.ts';

type Counted = View<typeof CALLERS_COUNTED>;

/** Answers of the API that another try will not change. */
const FOR_GOOD: ReadonlySet<number> = new Set([400, 404, 422]);

/** What a command that can ask the person at its terminal to enforce says of itself, and what it hears. */
export interface Asks {
  readonly terminal: NonNullable<CallerReport['terminal']>;
  readonly heard: (isAsked: boolean) => void;
}

/** Sends reports of callers of a zone. What the API refuses for good is told, and not sent again. */
export function sendCallers(access: ApiAccess, zone: string, told: (why: string) => void, asks?: Asks): SendCallers {
  return async (report) => {
    try {
      const body = asks === undefined ? report : { ...report, terminal: asks.terminal };
      const { result } = await callApi<Counted>(access, 'POST', callersPath(zone), body);
      asks?.heard(result.enforcing_asked_on !== null);
      return 'taken';
    } catch (error) {
      if (!(error instanceof Refusal) || !FOR_GOOD.has(error.status)) throw error;
      told(sentences(error).text.replace('\n ', ''));
      return 'refused';
    }
  };
}
