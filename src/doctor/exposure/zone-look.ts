import { randomBytes } from 'node:crypto';
import type { NotChecked } from '../configuration.ts';
import { hostname } from '../../domain/ids.ts';
import { plainAddress } from '../../pull/address-class.ts';
import { visible } from '../../wire/visible.ts';
import type { ExposureFacts, NamedPlace } from './facts.ts';
import type { Asked, NameServer, RecordType } from './name-server.ts';
import { followSpf } from './spf-walk.ts';
import { USUAL_NAMES } from './usual-names.ts';
import type { ZoneAsker } from './zone-asker.ts';

/** What is asked of the DNS of a zone. */
export interface ZoneLookOptions {
  readonly zone: string;
  /** Names that are looked at beside the usual ones, in full. */
  readonly siblings: readonly string[];
  readonly server: NameServer;
  /** Is called for each question that was answered. */
  readonly step: () => void;
}

export type ZoneFacts = Omit<ExposureFacts, 'origins' | 'bare' | 'zone'>;

/** Questions after mere guesses that may go unanswered before it counts that nobody knows. */
const MOST_MISSED = 5;

/** Looks at what the DNS of a zone tells about where its origin is. */
export async function lookAtZone({ zone, siblings, server, step }: ZoneLookOptions): Promise<ZoneFacts> {
  const checked: ZoneFacts['checked'][number][] = [];
  const notChecked: NotChecked[] = [];
  const usual = USUAL_NAMES.map((label) => `${label}.${zone}`);
  let answered = false;
  let missed = 0;
  const asker = askerOf(async (name, type) => {
    const asked = await server.ask(name, type);
    answered ||= asked.kind !== 'failed';
    checked.push({ probe: `${type} ${name}`, target: zone, saw: sawText(asked) });
    if (asked.kind === 'failed') {
      missed += usual.includes(name) && !siblings.includes(name) ? 1 : MOST_MISSED + 1;
      notChecked.push({ what: `${type} of ${name}`, why: `the resolver did not answer (${asked.code})` });
    }
    step();
    return asked;
  }, notChecked);
  const own = await placesOf(asker, [zone, `www.${zone}`], 'own');
  // Where the resolver does not answer for the zone itself, a hundred more questions would take minutes.
  if (!answered) return { places: [], wildcard: [], spf: [], checked, notChecked, answered, complete: false };
  const wildcard = await asker.addresses(`${randomBytes(8).toString('hex')}.${zone}`);
  const names = [...new Set([...usual, ...siblings])].filter((name) => own.every((one) => one.name !== name));
  const [beside, spf, mail] = await Promise.all([
    placesOf(asker, names, 'sibling'),
    followSpf(asker, zone),
    asker.records(zone, 'MX').then((hosts) =>
      placesOf(
        asker,
        hosts.flatMap((host) => hostname(host) ?? []),
        'mail',
      ),
    ),
  ]);
  const complete = missed <= MOST_MISSED;
  return { places: [...own, ...mail, ...beside], wildcard, spf, checked, notChecked, answered, complete };
}

function askerOf(ask: (name: string, type: RecordType) => Promise<Asked>, notChecked: NotChecked[]): ZoneAsker {
  const records = async (name: string, type: RecordType) => {
    const asked = await ask(name, type);
    return asked.kind === 'records' ? asked.records : [];
  };
  return {
    records,
    addresses: async (name) => {
      const both = await Promise.all([records(name, 'A'), records(name, 'AAAA')]);
      return [...new Set(both.flat().map(plainAddress))];
    },
    skip: (what, why) => void notChecked.push({ what, why }),
  };
}

async function placesOf(
  { addresses }: ZoneAsker,
  names: readonly string[],
  kind: NamedPlace['kind'],
): Promise<readonly NamedPlace[]> {
  const places = await Promise.all(
    [...new Set(names)].map(async (name) => ({ name, kind, addresses: await addresses(name) })),
  );
  return places.filter((place) => place.addresses.length > 0);
}

const MOST_SHOWN = 5;
const LONGEST = 200;

function sawText(asked: Asked): string {
  if (asked.kind === 'none') return 'no record';
  if (asked.kind === 'failed') return `no answer (${asked.code})`;
  const rest = asked.records.length - MOST_SHOWN;
  const shown = asked.records.slice(0, MOST_SHOWN).map((record) => visible(record.slice(0, LONGEST)));
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
