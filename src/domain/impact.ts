import type { Attestation } from './attestation.ts';
import type { CallerCounts } from './callers.ts';
import { CAVEATS, caveats } from './caveats.ts';
import type { Identity } from './certificate.ts';
import { type Changed, type Command, change } from './change.ts';
import type { Circumstances } from './circumstances.ts';
import { compile } from './compile.ts';
import { bySeverity, type Consequence, type ConsequenceCode, consequence } from './consequence.ts';
import type { EdgeHost, EdgeZone, PlanSource } from './edge-zone.ts';
import { enforcing } from './enforcing.ts';
import type { Hostname } from './ids.ts';
import { type PlansApart, touchedNames, turnsOf, verdictsByName, withZone } from './plan-turns.ts';
import { presenters } from './presenters.ts';
import { type Problem, problem } from './problems.ts';
import { isRunning, type Rotated } from './rotation.ts';
import { managed } from './rotation-due.ts';
import type { TrafficFacts } from './traffic.ts';
import { provable } from './trust.ts';
import type { Verdict } from './verdict.ts';
import type { Zone } from './zone.ts';

/** What somebody is about to do: to a zone, to the origins of one of its hostnames, or to its authority. */
export type Act =
  | { readonly kind: 'change'; readonly command: Exclude<Command, { kind: 'create_zone' }> }
  /** The origin of a hostname begins to insist on the certificate. */
  | { readonly kind: 'enforce'; readonly hostname: Hostname }
  | { readonly kind: 'rotate'; readonly what: Rotated; readonly revokeFirst: boolean };

/** What is known besides the zone. */
export interface ImpactFacts {
  readonly world: Circumstances;
  /** The identity of the global level. */
  readonly shared: Identity | null;
  /** The zone as edges have it. */
  readonly edge: EdgeZone;
  /** All that edges have. */
  readonly source: PlanSource;
  readonly attestations: readonly Attestation[];
  readonly traffic: TrafficFacts;
  /** Who came within the last hour to the origin that is to enforce, as it tells itself; `null` where it does not. */
  readonly callers: CallerCounts | null;
}

/** What would follow from an act. */
export interface Impact {
  readonly kind: 'impact';
  /** The most severe first. */
  readonly consequences: readonly Consequence[];
}

/** What an act would lead to, while nothing is changed; or the problem with which it would be refused. */
export function impact(zone: Zone, act: Act, facts: ImpactFacts): Impact | Problem {
  const found = consequencesOf(zone, act, facts);
  return 'code' in found ? found : { kind: 'impact', consequences: bySeverity(found) };
}

function consequencesOf(zone: Zone, act: Act, facts: ImpactFacts): readonly Consequence[] | Problem {
  const verdicts = verdictsByName(facts.attestations);
  switch (act.kind) {
    case 'change': {
      const changed = change(zone, act.command, facts.world);
      return changed.kind === 'problem' ? changed : ofChange(zone, act.command, { changed, facts, verdicts });
    }
    case 'enforce':
      return enforcing(zone, act.hostname, { ...facts, now: facts.world.now, verdict: verdicts.get(act.hostname) });
    case 'rotate':
      return ofRotation(zone, act, { facts, verdicts });
  }
}

interface Seen {
  readonly facts: ImpactFacts;
  readonly verdicts: ReadonlyMap<Hostname, Verdict>;
}

function ofChange(
  zone: Zone,
  command: Command,
  { changed, facts, verdicts }: Seen & { readonly changed: Changed },
): readonly Consequence[] {
  const { edge, source, shared, world, traffic } = facts;
  const after = changed.zone;
  const wouldBe = after === null ? null : compile(after, shared, { zone, edge });
  const apart: PlansApart = {
    before: source,
    after: withZone(source, zone.id, wouldBe),
    now: world.now,
    verdict: (hostname) => verdicts.get(hostname),
  };
  const found = new Map<ConsequenceCode, Hostname[]>();
  const exposed = after === null ? new Map<Hostname, string>() : turnedGrey(zone, after);
  const turnsOfName = memoized(apart, edge, wouldBe);
  for (const hostname of touchedNames(edge, wouldBe)) {
    const turns = turnsOfName(hostname);
    for (const code of turns) add(found, code, hostname);
    if (turns.size > 0 && exposed.has(hostname) && !turns.has('origin_exposed')) add(found, 'origin_exposed', hostname);
  }
  const ofHosts = [...found].map(([code, hostnames]) => {
    const detail = code === 'origin_exposed' ? addresses(exposed) : '';
    return consequence(code, hostnames, { traffic, detail });
  });
  return [...ofHosts, ...besides(zone, command, { after, isNone: ofHosts.length === 0, traffic })];
}

/** The turns of hostnames, worked out once for all those that are alike: there may be a hundred thousand. */
function memoized(apart: PlansApart, before: EdgeZone, after: EdgeZone | null) {
  const known = new Map<string, ReadonlySet<ConsequenceCode>>();
  return (hostname: Hostname): ReadonlySet<ConsequenceCode> => {
    const host = before.hosts.get(hostname);
    if (host === undefined || host !== after?.hosts.get(hostname) || !isUsual(host)) return turnsOf(hostname, apart);
    const likeness = `${host.targets.length > 0} ${apart.verdict(hostname)}`;
    const turns = known.get(likeness) ?? turnsOf(hostname, apart);
    known.set(likeness, turns);
    return turns;
  };
}

/** Whether a hostname does what its zone says, and nothing but its zone and its records has a bearing on it. */
function isUsual({ pull, targets }: EdgeHost): boolean {
  return pull.kind === 'inherit' && targets.every((target) => target.serverName === null && !target.successor);
}

function add(found: Map<ConsequenceCode, Hostname[]>, code: ConsequenceCode, hostname: Hostname): void {
  const known = found.get(code);
  if (known === undefined) found.set(code, [hostname]);
  else known.push(hostname);
}

/** The records that the edge stands in front of now and then no more: what each name leads to. */
function turnedGrey(before: Zone, after: Zone): ReadonlyMap<Hostname, string> {
  const found = new Map<Hostname, string>();
  if (before.records === after.records) return found;
  for (const [id, { proxied, name, content }] of after.records) {
    if (!proxied && before.records.get(id)?.proxied === true) found.set(name, content);
  }
  return found;
}

function addresses(exposed: ReadonlyMap<Hostname, string>): string {
  const [first] = exposed.values();
  return first === undefined ? '' : `What becomes known is ${first}.`;
}

interface Aftermath {
  readonly after: Zone | null;
  /** Whether no hostname is pulled differently. */
  readonly isNone: boolean;
  readonly traffic: TrafficFacts;
}

/** What follows besides what differs for hostnames. */
function besides(zone: Zone, command: Command, { after, isNone, traffic }: Aftermath): readonly Consequence[] {
  const note = (code: ConsequenceCode, detail = '') => consequence(code, [], { traffic, detail });
  if (after === null) return [note('keys_destroyed')];
  if (!isNone) return [];
  if (command.kind === 'delete_certificate') return [note('certificate_unused')];
  if (after === zone) return [note('no_effect', 'The zone is so already.')];
  return [note('no_effect', reasons(after))];
}

function reasons(after: Zone): string {
  const found = caveats(after, provable(after)).filter((code) => NO_EFFECT.has(code));
  return found.map((code) => CAVEATS[code].text).join(' ');
}

const NO_EFFECT: ReadonlySet<string> = new Set([
  'no_effect_mode_off',
  'no_effect_mode_flexible',
  'no_effect_no_proxied_record',
  'global_overruled',
]);

function ofRotation(
  zone: Zone,
  { what, revokeFirst }: Extract<Act, { kind: 'rotate' }>,
  { facts, verdicts }: Seen,
): readonly Consequence[] | Problem {
  if (isRunning(zone.rotation)) return problem('rotation_running', zone.rotation.id);
  const leaving = new Set(managed(zone).map(({ id }) => id));
  if (leaving.size === 0) return problem('rotation_nothing', `${zone.name} has no managed certificate`);
  const { root, rootKey, standby } = zone.authority;
  const ready = standby !== null && standby.notAfter > facts.world.now;
  if (what === 'intermediate' && rootKey === 'away' && !ready) {
    return problem('root_key_away', `${root.subject} has to sign the new intermediate, and none is on stand-by`);
  }
  const { traffic } = facts;
  const [own, uploaded]: [Hostname[], Hostname[]] = [[], []];
  for (const [certificate, { hostnames }] of presenters(facts.edge, Number.POSITIVE_INFINITY)) {
    if (leaving.has(certificate)) own.push(...hostnames);
    else if (zone.certificates.has(certificate)) uploaded.push(...hostnames);
  }
  const held = own.filter((hostname) => verdicts.get(hostname) !== 'locked');
  const some = (code: ConsequenceCode, hostnames: readonly Hostname[]) =>
    hostnames.length === 0 ? [] : [consequence(code, hostnames, { traffic })];
  const found = [
    ...(revokeFirst
      ? some(what === 'leaf' ? 'shown_without_proof' : 'pulls_stop_until_trusted', own)
      : [
          ...some('rotation_proves_first', own),
          ...(what === 'leaf' ? [] : some('bundle_changes', own)),
          ...some('rotation_held', held),
        ]),
    ...some('rotation_leaves_uploads', uploaded),
  ];
  return own.length === 0
    ? [...found, consequence('no_effect', [], { traffic, detail: 'No hostname presents a managed certificate.' })]
    : found;
}
