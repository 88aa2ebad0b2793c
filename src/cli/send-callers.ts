import type { SendCallers } from '../origin/watch/caller-round.ts';
import { callersPath } from '../wire/callers.ts';
import { type ApiAccess, callApi, Refusal } from './api.ts';
import { sentences } from './failure.ts';

/** Answers of the API that another try will not change. */
const FOR_GOOD: ReadonlySet<number> = new Set([400, 404, 422]);

/** Sends reports of callers of a zone. What the API refuses for good is told, and not sent again. */
export function sendCallers(access: ApiAccess, zone: string, told: (why: string) => void): SendCallers {
  return async (report) => {
    try {
      await callApi(access, 'POST', callersPath(zone), report);
      return 'taken';
    } catch (error) {
      if (!(error instanceof Refusal) || !FOR_GOOD.has(error.status)) throw error;
      told(sentences(error).text.replace('\n ', ''));
      return 'refused';
    }
  };
}
