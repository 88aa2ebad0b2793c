import { COMPLIANCES, type Compliance } from './compliance.ts';
import { type Consequence, type ConsequenceCode, consequence } from './consequence.ts';
import type { Hostname } from './ids.ts';
import { pullsOverTls, verifiesOrigins } from './settings.ts';
import type { ShownApart } from './shown-certificate.ts';
import type { Zone } from './zone.ts';
import { servedNames, type ZonesApart } from './zones-apart.ts';

/** What a change means for how origins are believed: by which CAs, and over which key exchanges. */
export function originTurns(apart: ZonesApart): readonly Consequence[] {
  return [...believed(apart), ...keyExchanges(apart)];
}

const PUBLIC = 'the public CAs and the Origin CA of this installation';

function believed(apart: ZonesApart): readonly Consequence[] {
  const { before, after } = apart;
  if (before.trustStore === after.trustStore || !verifiesOrigins(after.settings.ssl)) return [];
  const names = servedNames(apart);
  if (names.length === 0) return [];
  const [was, is] = [casOf(before), casOf(after)];
  const left = missing(was, is);
  const joined = missing(is, was);
  const seen = new Map(apart.shown.map((one) => [one.hostname, one]));
  const of = (kind: ShownApart['kind']) => names.filter((name) => (seen.get(name)?.kind ?? 'unseen') === kind);
  const say = (code: ConsequenceCode, kind: ShownApart['kind'], more = '') => told(apart, code, of(kind), more);
  const whatLeaves = left.length === 0 ? '' : `No longer believed there: ${left.join('; ')}. Believed: ${words(is)}.`;
  return [
    ...say('origin_cas_left', 'lost', whatLeaves),
    // Where none leaves, what is not seen cannot break.
    ...(left.length === 0 ? [] : say('origin_cas_unseen', 'unseen', whatLeaves)),
    ...(joined.length === 0 ? [] : unneeded(apart, joined, { names, gained: of('gained'), unseen: of('unseen') })),
    ...say('origin_cas_never', 'never'),
    ...say('origin_cas_fit', 'gained', whatLeaves),
    ...say('origin_cas_kept', 'kept'),
  ];
}

interface Judged {
  readonly names: readonly Hostname[];
  readonly gained: readonly Hostname[];
  readonly unseen: readonly Hostname[];
}

/** CAs that join, where no certificate was seen that is of one: nobody is known to need them. */
function unneeded(
  { traffic }: ZonesApart,
  joined: readonly string[],
  { names, gained, unseen }: Judged,
): readonly Consequence[] {
  if (gained.length > 0) return [];
  const seen =
    unseen.length === names.length
      ? 'Which certificates the origins show now could not be seen.'
      : 'No certificate that the origins were seen to show needs it.';
  return [consequence('origin_cas_joined', names, { traffic, detail: `Believed too: ${joined.join('; ')}. ${seen}` })];
}

/** What is said of some names, with what each of the first was seen to show, and when. */
function told(
  { shown, traffic }: ZonesApart,
  code: ConsequenceCode,
  names: readonly Hostname[],
  more: string,
): readonly Consequence[] {
  if (names.length === 0) return [];
  const ofThem = new Set(names);
  const seen = shown.filter(({ hostname }) => ofThem.has(hostname));
  const each = seen
    .slice(0, MOST_TOLD)
    .map(({ hostname, kind, about }) => `${hostname}: ${ABOUT[kind]}${about.replace(/\.$/, '')}.`);
  const [first] = seen;
  const when =
    first === undefined ? '' : `Looked at ${new Date(first.at).toISOString().slice(0, 19).replace('T', ' ')} UTC.`;
  const unlooked = names.length - seen.length;
  const rest =
    unlooked === 0 || code === 'origin_cas_kept'
      ? ''
      : `${unlooked} of them ${unlooked === 1 ? 'was' : 'were'} not looked at.`;
  const detail = [more, ...each, rest, when].filter((part) => part !== '').join(' ');
  return [consequence(code, names, { traffic, detail })];
}

/** Hostnames of which it is told what they show. */
const MOST_TOLD = 5;

const ABOUT: Readonly<Record<ShownApart['kind'], string>> = {
  kept: 'signed by ',
  lost: 'signed by ',
  gained: 'signed by ',
  never: 'signed by ',
  unseen: '',
};

function words(cas: ReadonlyMap<string, string>): string {
  return [...cas.values()].join('; ');
}

/** By fingerprint, what each is called. */
function casOf({ trustStore }: Zone): ReadonlyMap<string, string> {
  if (trustStore.size === 0) return new Map([['', PUBLIC]]);
  return new Map([...trustStore.values()].map(({ certificate: { fingerprint, subject } }) => [fingerprint, subject]));
}

function missing(from: ReadonlyMap<string, string>, among: ReadonlyMap<string, string>): readonly string[] {
  return [...from].filter(([fingerprint]) => !among.has(fingerprint)).map(([, subject]) => subject);
}

function keyExchanges(apart: ZonesApart): readonly Consequence[] {
  const { before, after, traffic } = apart;
  const [was, is] = [groupsOf(before.settings.compliance), groupsOf(after.settings.compliance)];
  const { ssl } = after.settings;
  if (was === is || !pullsOverTls(ssl)) return [];
  const names = servedNames(apart);
  if (names.length === 0) return [];
  const offered = is === null ? '' : `What is left: ${is.join(', ')}. What origins understand is not known.`;
  // Without a limit all are offered, also those that no limit names.
  const isFewer = is !== null && (was === null || was.some((group) => !is.includes(group)));
  return [consequence(isFewer ? 'key_exchanges_fewer' : 'key_exchanges_more', names, { traffic, detail: offered })];
}

function groupsOf(compliance: Compliance): readonly string[] | null {
  return COMPLIANCES[compliance].groups;
}
