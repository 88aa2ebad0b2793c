import { type AccountId, accountId, type ZoneId, zoneId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { typedHostname } from '../../wire/names.ts';
import type { ControlPlane } from '../plane.ts';
import type { Rights } from '../token.ts';
import type { Sight } from '../restricted-plane.ts';

/** Who asks, and what it sees: zones and accounts that the caller cannot see are unknown. */
export interface Asker {
  readonly plane: Pick<ControlPlane, 'zones' | 'accounts'>;
  readonly token: Pick<Rights, 'accounts'>;
}

type Wanted = 'all' | readonly string[];

interface WantedScope {
  readonly zones: Wanted;
  readonly accounts?: Wanted | undefined;
}

interface WantedEdit {
  readonly zones?: Wanted | undefined;
  readonly accounts?: Wanted | undefined;
}

/**
 * The zones and accounts of a new token. Accounts that are not said are those of its zones or, for all zones, those of
 * whoever asks: never more than was meant.
 */
export function newScope({ zones: wanted, accounts }: WantedScope, { plane, token }: Asker): Sight | Problem {
  const zones = zonesNamed(wanted, plane);
  if (isProblem(zones)) return zones;
  if (accounts === undefined) return { zones, accounts: zones === 'all' ? token.accounts : accountsOf(zones, plane) };
  const named = accountsNamed(accounts, plane);
  return isProblem(named) ? named : agreed({ zones, accounts: named }, plane);
}

/** What an edit makes of a scope: what is not said stays, but accounts follow zones that are named anew. */
export function editedScope(wanted: WantedEdit, present: Sight, asker: Asker): Sight | Problem {
  const zones = wanted.zones === undefined ? present.zones : zonesNamed(wanted.zones, asker.plane);
  if (isProblem(zones)) return zones;
  if (wanted.accounts === undefined) {
    const follow = wanted.zones !== undefined && zones !== 'all';
    return { zones, accounts: follow ? accountsOf(zones, asker.plane) : present.accounts };
  }
  const accounts = accountsNamed(wanted.accounts, asker.plane);
  return isProblem(accounts) ? accounts : agreed({ zones, accounts }, asker.plane);
}

function zonesNamed(wanted: Wanted, { zones }: Asker['plane']): Sight['zones'] | Problem {
  if (wanted === 'all') return 'all';
  const found = new Set<ZoneId>();
  for (const [index, text] of wanted.entries()) {
    const id = zoneId(text.toLowerCase());
    const name = typedHostname(text);
    const zone = (id === null ? undefined : zones.get(id)) ?? (name === null ? undefined : zones.named(name));
    if (zone === undefined) return unfit(`zones/${index}`, `is ${shown(text)}, must be the id or name of a zone`);
    found.add(zone.id);
  }
  return [...found];
}

function accountsNamed(wanted: Wanted, { accounts }: Asker['plane']): Sight['accounts'] | Problem {
  if (wanted === 'all') return 'all';
  const found = new Set<AccountId>();
  for (const [index, text] of wanted.entries()) {
    const id = accountId(text.toLowerCase());
    const known = id === null ? undefined : accounts.get(id);
    const [account, ...others] =
      known === undefined ? [...accounts.all()].filter(({ name }) => name === text) : [known];
    if (account === undefined || others.length > 0) {
      const rule =
        account === undefined ? 'must be the id or name of an account' : 'must be an id: several have that name';
      return unfit(`accounts/${index}`, `is ${shown(text)}, ${rule}`);
    }
    found.add(account.id);
  }
  return [...found];
}

function accountsOf(zones: readonly ZoneId[], plane: Asker['plane']): readonly AccountId[] {
  return [...new Set(zones.flatMap((id) => plane.zones.get(id)?.account ?? []))];
}

// A zone outside the accounts would look granted, and would not be.
function agreed(sight: Sight, plane: Asker['plane']): Sight | Problem {
  const { zones, accounts } = sight;
  if (zones === 'all' || accounts === 'all') return sight;
  for (const [index, id] of zones.entries()) {
    const zone = plane.zones.get(id);
    if (zone !== undefined && !accounts.includes(zone.account)) {
      return unfit(`zones/${index}`, `is ${zone.name}, must be a zone of the accounts named`);
    }
  }
  return sight;
}

function unfit(field: string, rule: string): Problem {
  return problem('bad_body', `${field.replaceAll('/', '.')} ${rule}`, `/${field}`);
}
