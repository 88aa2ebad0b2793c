import type { Hostname } from '../../domain/ids.ts';
import { isProblem } from '../../wire/commands.ts';
import { networkText } from '../../wire/networks.ts';
import { RATE_LIMIT_DRAFT, rateLimitDraft } from '../../wire/rate-limits.ts';
import { type ApiAccess, Refusal } from '../api.ts';
import { EXIT, Failure } from '../failure.ts';
import { allRules } from '../manage/access-rules.ts';
import { allLimits } from '../manage/rate-limits.ts';
import type { ZoneFacts } from '../zone-lookup.ts';
import { NEW_ZONE, type PresentRateLimit, type PresentZone } from './state.ts';

type Rules = Pick<PresentZone, 'accessRules' | 'rateLimits'>;

interface RuleReader {
  readonly facts: Pick<ZoneFacts, 'id'>;
  readonly name: Hostname;
  readonly remarks: string[];
  /** Zones whose rules are needed; `null` where they are wanted of all zones, and missed of none. */
  readonly rules: ReadonlySet<Hostname> | null;
}

/** Reads the access rules and rate limits of a zone, where they are asked for. */
export async function readRules(access: ApiAccess, { facts, name, remarks, rules }: RuleReader): Promise<Rules> {
  const none = { accessRules: NEW_ZONE.accessRules, rateLimits: NEW_ZONE.rateLimits };
  if (rules !== null && !rules.has(name)) return none;
  try {
    const [accessRules, rateLimits] = await Promise.all([allRules(access, facts.id), allLimits(access, facts.id)]);
    return {
      accessRules: accessRules.map(({ id, mode, notes, configuration: { value } }) => {
        return { id, mode, notes, network: networkText(value) ?? strange(name, 'an access rule', value) };
      }),
      rateLimits: rateLimits.map((limit) => readLimit(name, limit)),
    };
  } catch (error) {
    if (rules !== null || !(error instanceof Refusal) || error.status !== 403) throw error;
    remarks.push(`${name}: access rules and rate limits are left out: the token lacks firewall:read.`);
    return none;
  }
}

function readLimit(zone: Hostname, limit: { readonly id: string }): PresentRateLimit {
  const parsed = RATE_LIMIT_DRAFT.safeParse(limit);
  const draft = parsed.success ? rateLimitDraft(parsed.data) : null;
  if (draft === null || isProblem(draft)) return strange(zone, 'a rate limit', limit.id);
  return { ...draft, id: limit.id };
}

function strange(zone: Hostname, what: string, value: string): never {
  throw new Failure(
    `${zone} has ${what} that this program does not know: ${JSON.stringify(value)}.`,
    'Use a program of the same version as the control plane.',
    EXIT.undetermined,
  );
}
