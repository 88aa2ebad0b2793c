import type { SendCallers } from '../origin/watch/caller-round.ts';
import { type CallerReport, type CallersCounted, callersPath } from '../wire/callers.ts';
import { type ApiAccess, callApi, Refusal } from './api.ts';
import { sentences } from './failure.ts';
import { certificatesReport, OwnCertificates } from './own-certificates.ts';

/** Answers of the API that another try will not change. */
const FOR_GOOD: ReadonlySet<number> = new Set([400, 404, 422]);

/** What a command that can ask the person at its terminal to enforce says of itself, and what it hears. */
export interface Asks {
  readonly terminal: NonNullable<CallerReport['terminal']>;
  readonly heard: (isAsked: boolean) => void;
  /** The control plane is an older one that knows nothing of such commands: it goes on being reported to, and asks nobody. */
  readonly unknown: () => void;
}

/** How reports are sent. */
interface Sending {
  /** Hears why a report was refused for good. */
  readonly told: (why: string) => void;
  readonly asks?: Asks;
  /** What is remembered of looks at the own certificates, for who sends in several ways; one of its own where left out. */
  readonly own?: OwnCertificates;
}

/**
 * Sends reports of callers of a zone, and after them which certificates this machine shows, where it is asked. What the API
 * refuses for good is told, and not sent again.
 */
export function sendCallers(
  access: ApiAccess,
  zone: string,
  { told, asks, own = new OwnCertificates(zone) }: Sending,
): SendCallers {
  const can = { ask: asks !== undefined };
  const post = async (report: CallerReport) => {
    const body = asks === undefined || !can.ask ? report : { ...report, terminal: asks.terminal };
    const { result } = await callApi<CallersCounted>(access, 'POST', callersPath(zone), body);
    own.asked(result.look_at, report.hostnames);
    if (can.ask) asks?.heard(typeof result.enforcing_asked_on === 'string');
  };
  const postEvenToOlder = async (report: CallerReport) => {
    try {
      await post(report);
    } catch (error) {
      if (!can.ask || !knowsNoTerminal(error)) throw error;
      can.ask = false;
      asks?.unknown();
      await post(report);
    }
  };
  return async (report) => {
    try {
      await postEvenToOlder(report);
    } catch (error) {
      if (!(error instanceof Refusal) || !FOR_GOOD.has(error.status)) throw error;
      told(sentences(error).text.replace('\n ', ''));
      return 'refused';
    }
    const certificates = await own.due();
    // The report has arrived, and must not be sent again because this one did not: that comes with the next look.
    if (certificates !== null) await post(certificatesReport(report, certificates)).catch(() => undefined);
    return 'taken';
  };
}

function knowsNoTerminal(error: unknown): boolean {
  return (
    error instanceof Refusal &&
    error.status === 400 &&
    error.errors.some(({ source }) => /^\/terminal(?:\/|$)/.test(source?.pointer ?? ''))
  );
}
