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
  const unknown = new Set<Newer>();
  const post = async (report: CallerReport) => {
    const { by_other_names: others, ...usual } = report;
    const isAsking = asks !== undefined && !unknown.has('terminal');
    const body = {
      ...usual,
      ...(others === undefined || unknown.has('by_other_names') ? {} : { by_other_names: others }),
      ...(isAsking ? { terminal: asks.terminal } : {}),
    };
    const { result } = await callApi<CallersCounted>(access, 'POST', callersPath(zone), body);
    own.asked(result.look_at, report.hostnames);
    if (isAsking) asks.heard(typeof result.enforcing_asked_on === 'string');
  };
  const postEvenToOlder = async (report: CallerReport): Promise<void> => {
    try {
      await post(report);
    } catch (error) {
      const news = NEWER.filter((field) => !unknown.has(field) && isUnknown(field, error));
      if (news.length === 0) throw error;
      for (const field of news) unknown.add(field);
      if (news.includes('terminal')) asks?.unknown();
      if (news.includes('by_other_names')) told(UNCOUNTED);
      await postEvenToOlder(report);
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

/** Fields of a report that an older control plane does not know. */
const NEWER = ['terminal', 'by_other_names'] as const;
type Newer = (typeof NEWER)[number];

const UNCOUNTED =
  'The control plane is an older one that does not count who comes by another name or by the address. Update it, and they are counted.';

function isUnknown(field: Newer, error: unknown): boolean {
  if (!(error instanceof Refusal) || error.status !== 400) return false;
  return error.errors.some(({ source }) => {
    const [, first] = (source?.pointer ?? '').split('/');
    return first === field;
  });
}
