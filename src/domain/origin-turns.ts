import { COMPLIANCES, type Compliance } from './compliance.ts';
import { type Consequence, consequence } from './consequence.ts';
import type { Zone } from './zone.ts';
import { servedNames, type ZonesApart } from './zones-apart.ts';

/** What a change means for how origins are believed: by which CAs, and over which key exchanges. */
export function originTurns(apart: ZonesApart): readonly Consequence[] {
  return [...believed(apart), ...keyExchanges(apart)];
}

const PUBLIC = 'the public CAs and the Origin CA of this installation';

function believed(apart: ZonesApart): readonly Consequence[] {
  const { before, after, traffic } = apart;
  if (before.trustStore === after.trustStore || !verifies(after)) return [];
  const [was, is] = [casOf(before), casOf(after)];
  const names = servedNames(apart);
  if (names.length === 0) return [];
  const [left, joined] = [missing(was, is), missing(is, was)];
  return [
    ...(left.length === 0
      ? []
      : [
          consequence('origin_cas_left', names, {
            traffic,
            detail: `What leaves: ${left.join('; ')}. What is left: ${[...is.values()].join('; ')}.`,
          }),
        ]),
    ...(joined.length === 0
      ? []
      : [consequence('origin_cas_joined', names, { traffic, detail: `What joins: ${joined.join('; ')}.` })]),
  ];
}

/** Whether the edge looks at the certificates of origins at all. */
function verifies({ settings: { ssl } }: Zone): boolean {
  return ssl === 'strict' || ssl === 'origin_pull';
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
  if (was === is || ssl === 'off' || ssl === 'flexible') return [];
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
