import type { Attestation } from './attestation.ts';
import { CAVEATS, caveats } from './caveats.ts';
import type { Identity } from './certificate.ts';
import { type Changed, type Command, change } from './change.ts';
import type { Circumstances } from './circumstances.ts';
import { compile, zoneCertificate } from './compile.ts';
import { bySeverity, type Consequence, type ConsequenceCode, consequence } from './consequence.ts';
import type { EdgeHost, EdgeZone, PlanSource } from './edge-zone.ts';
import { enforcing, type KnownComers } from './enforcing.ts';
import type { Hostname } from './ids.ts';
import { type PlansApart, touchedNames, turnsOf, verdictsByName, withZone } from './plan-turns.ts';
import { serve } from './plan.ts';
import { presenters } from './presenters.ts';
import { type Problem, problem } from './problems.ts';
import { isRunning, type Rotated } from './rotation.ts';
import { originTurns } from './origin-turns.ts';
import { managed } from './rotation-due.ts';
import { ruleTurns } from './rule-turns.ts';
import type { ShownApart } from './shown-certificate.ts';
import type { Counted, TrafficFacts } from './traffic.ts';
import { provable, zoneBundle } from './trust.ts';
import type { Verdict } from './verdict.ts';
import { visitorTurns } from './visitor-turns.ts';
import type { Zone } from './zone.ts';
import type { ZonesApart } from './zones-apart.ts';

/** What somebody is about to do: to a zone, to the origins of one of its hostnames, or to its authority. */
export type Act =
  | { readonly kind: 'change'; readonly command: Exclude<Command, { kind: 'create_zone' }> }
  /** The origin of some hostnames begins to insist on the certificate. */
  | { readonly kind: 'enforce'; readonly hostnames: readonly Hostname[] }
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
  /** Who came to the origin that is to enforce. */
  readonly callers: KnownComers;
  /** What the certificates of origins mean under other CAs, where the act is about those and somebody could look. */
  readonly shown: readonly ShownApart[];
}

/** What would follow from an act. */
export interface Impact {
  readonly kind: 'impact';
  /** The most severe first. */
  readonly consequences: readonly Consequence[];
  /** How much of the last hour was counted; `null` where nobody counts. */
  readonly counted: Pick<Counted, 'minutes' | 'silent'> | null;
}

/** What an act would lead to, while nothing is changed; or the problem with which it would be refused. */
export function impact(zone: Zone, act: Act, facts: ImpactFacts): Impact | Problem {
  const found = consequencesOf(zone, act, facts);
  return 'code' in found ? found : { kind: 'impact', consequences: bySeverity(found), counted: facts.traffic };
}

function consequencesOf(zone: Zone, act: Act, facts: ImpactFacts): readonly Consequence[] | Problem {
  const verdicts = verdictsByName(facts.attestations);
  switch (act.kind) {
    case 'change': {
      const changed = change(zone, act.command, facts.world);
      return changed.kind === 'problem' ? changed : ofChange(zone, act.command, { changed, facts, verdicts });
    }
    case 'enforce':
      return enforcing(zone, act.hostnames, { ...facts, now: facts.world.now, verdicts });
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
  const { edge, source, shared, world, traffic, shown } = facts;
  const after = changed.zone;
  const wouldBe = after === null ? null : compile(after, shared, { zone, edge });
  // The key comes with the certificate.
  const brought = bringsCertificate(command) ? command.draft.id : null;
  const apart: PlansApart = {
    before: source,
    after: withZone(source, { id: zone.id, edge: wouldBe, brought }),
    now: world.now,
    verdict: (hostname) => verdicts.get(hostname),
  };
  const found = new Map<ConsequenceCode, Hostname[]>();
  const exposed = after === null ? new Map<Hostname, string>() : turnedGrey(zone, after);
  const turnsOfName = memoized(apart, edge, wouldBe);
  const isForeign = after !== null && showsStranger(zone, after);
  for (const hostname of touchedNames(edge, wouldBe)) {
    // Nothing can break of what was not there.
    const isNew = command.kind === 'create_record' && serve(source, hostname) === null;
    const turns = isNew ? NEWLY_SERVED : turnsOfName(hostname);
    const isLocked = verdicts.get(hostname) === 'locked';
    for (const code of turns)
      add(found, isForeign && isLocked && code === 'identity_changes' ? UNKNOWN : code, hostname);
    if (turns.size > 0 && exposed.has(hostname) && !turns.has('origin_exposed')) add(found, 'origin_exposed', hostname);
  }
  const ofHosts = [...found].map(([code, hostnames]) => {
    const detail = code === 'origin_exposed' ? addresses(exposed) : '';
    return consequence(code, hostnames, { traffic, detail });
  });
  const parts =
    after === null || wouldBe === null
      ? []
      : partsApart({ before: zone, after, edge: wouldBe, now: world.now, traffic, shown });
  const all = [...ofHosts, ...parts];
  return [...all, ...besides(zone, command, { after, isNone: all.length === 0, traffic })];
}

type Bringing = Extract<Command, { kind: 'add_certificate' | 'answer_certificate_request' }>;

function bringsCertificate(command: Command): command is Bringing {
  return command.kind === 'add_certificate' || command.kind === 'answer_certificate_request';
}

const NEWLY_SERVED: ReadonlySet<ConsequenceCode> = new Set(['newly_served']);
const UNKNOWN: ConsequenceCode = 'locked_origin_knows_not';

/** What differs besides how hostnames are pulled. */
function partsApart(apart: ZonesApart): readonly Consequence[] {
  return [...visitorTurns(apart), ...ruleTurns(apart), ...originTurns(apart)];
}

/** Whether the zone level shows a certificate that came new, of a CA that the bundle did not name before. */
function showsStranger(before: Zone, after: Zone): boolean {
  const shown = zoneCertificate(after);
  if (shown === null || shown.source === 'managed' || before.certificates.get(shown.id)?.wish.kind === 'deploy')
    return false;
  const known = zoneBundle(before).certificates;
  const fingerprints = new Set(known.map(({ fingerprint }) => fingerprint));
  return (
    !shown.chain.some((ca) => fingerprints.has(ca.fingerprint)) &&
    !known.some(({ subject }) => subject === shown.leaf.issuer)
  );
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
  if (after === null) return [note('keys_destroyed', belongings(zone))];
  if (!isNone) return [];
  if (after === zone) return [note('no_effect', 'The zone is so already.')];
  if (command.kind === 'delete_certificate') return [note('certificate_unused')];
  if (bringsCertificate(command)) return [note('certificate_unused', 'It waits until somebody shows it.')];
  return [note('no_effect', reasons(command, after))];
}

/** What else is in a zone, and goes with it. */
function belongings({ certificates, customCertificates, accessRules, rateLimits }: Zone): string {
  const uploaded = [...certificates.values()].filter(
    ({ source, wish }) => source === 'uploaded' && wish.kind === 'deploy',
  );
  const parts = [
    counted(uploaded.length, 'uploaded certificate'),
    counted(customCertificates.size, 'certificate for visitors', 'certificates for visitors'),
    counted(accessRules.size, 'access rule'),
    counted(rateLimits.size, 'rate limit'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `With it go ${parts.join(', ')}.`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return count === 0 ? '' : `${count} ${count === 1 ? one : many}`;
}

function reasons(command: Command, after: Zone): string {
  const own = REASONS[command.kind];
  if (command.kind === 'set' && command.settings.minTlsVersion !== undefined) return OLDEST;
  if (own !== undefined) return own;
  const found = caveats(after, provable(after)).filter((code) => NO_EFFECT.has(code));
  return found.map((code) => CAVEATS[code].text).join(' ');
}

const OLDEST = 'The edge speaks nothing older than TLS 1.2 anyway.';

/** Why what is no matter of a pull is without effect. */
const REASONS: Readonly<Partial<Record<Command['kind'], string>>> = {
  require_visitors: 'The edge serves none of the names that the list is about yet.',
  drop_visitor_authorities:
    'The edge serves none of the names that the list is about, or a wildcard above asks the same.',
  trust_ca: 'The edge verifies no certificate of an origin of this zone.',
  distrust_ca: 'The edge verifies no certificate of an origin of this zone.',
  add_custom_certificate: 'It is shown for no name that the edge serves.',
  replace_custom_certificate: 'It is shown for no name that the edge serves.',
  delete_custom_certificate: 'It is shown for no name that the edge serves.',
  put_access_rule: 'Visitors are treated as before.',
  put_rate_limit: 'Visitors are treated as before.',
  delete_rate_limit: 'The limit turned nobody away.',
};

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
