import type { ClientCertificate, Identity, Level } from '../../domain/certificate.ts';
import { hostnamePull, recordsFor } from '../../domain/compile-hosts.ts';
import { deploymentStatus } from '../../domain/deployment.ts';
import type { EdgeHost } from '../../domain/edge-zone.ts';
import type { Hostname } from '../../domain/ids.ts';
import { decidingLevel, type PullPlan, plan, type Scheme, serve } from '../../domain/plan.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { isRunning } from '../../domain/rotation.ts';
import { vouchedFor } from '../../domain/trust.ts';
import { nearestList } from '../../domain/visitor-authorities.ts';
import { bundleSha256 } from '../../pki/bundle.ts';
import type { View } from '../../wire/answer-fields.ts';
import { type Message, caveatMessage, remark } from '../../wire/messages.ts';
import { second } from '../../wire/views.ts';
import { askedView } from '../../wire/visitor-authorities.ts';
import { recordMessages, zoneMessages } from './committed.ts';
import type { EFFECTIVE_PLAN, PLAN, PLANNED_PULLS } from '../../wire/effective-plan.ts';
import { progress, type ZoneCall } from './route.ts';
import { zoneBundlePath } from '../../wire/public-paths.ts';
import { SHARED_BUNDLE } from './routes-public.ts';
import { endingRemarks } from './visitor-authorities.ts';

/** Which level speaks for a hostname, and with which identity; `level` is `null` where none is on. */
interface Decision {
  readonly level: Level | null;
  readonly veto: boolean;
  readonly identity: Identity | null;
}

/** What the edge does for pulls of a hostname, and why: asked of what the edges were told. */
export function plannedPulls(hostname: Hostname, call: ZoneCall): View<typeof PLANNED_PULLS> {
  const { planSource } = call.plane;
  const decision = decide(hostname, call);
  const certificate = certificateOf(decision, call);
  return {
    https: planView(plan(planSource, hostname, 'https', call.now), 'https'),
    http: planView(plan(planSource, hostname, 'http', call.now), 'http'),
    level: decision.level,
    why: LEVEL_WORDS[decision.veto ? 'veto' : (decision.level ?? 'none')],
    identity: decision.level === 'global' ? 'shared' : (certificate?.source ?? null),
    certificate: decision.identity === null ? null : identityView(decision.identity, certificate, call),
  };
}

/** The same with what the origin of the hostname must trust; a problem where the hostname is another zone's. */
export function effectivePlan(hostname: Hostname, call: ZoneCall): View<typeof EFFECTIVE_PLAN> | Problem {
  const { zone, plane, base } = call;
  const served = serve(plane.planSource, hostname);
  if (served !== null && served.rules.id !== zone.id) return elsewhere(hostname);
  const targets = served?.host.targets ?? [];
  const decision = decide(hostname, call);
  const shared = decision.level === 'global';
  const text = plane.bundle(shared ? null : zone);
  const path = shared ? SHARED_BUNDLE : zoneBundlePath(zone.id);
  const { certificate, ...planned } = plannedPulls(hostname, call);
  const known = certificateOf(decision, call);
  const { pem } = (known ?? plane.installation.shared).leaf;
  const asked = nearestList(zone.visitorAuthorities, hostname);
  return {
    hostname,
    zone: { id: zone.id, name: zone.name },
    ...planned,
    in_force: inForce(call),
    certificate: certificate === null ? null : { ...certificate, pem },
    // The names in the edge's handshakes: the origin must answer for them too.
    server_names: serverNames(hostname, targets),
    // A veto means that nobody is shown a certificate, so there is nothing to trust.
    bundle: decision.veto ? null : { url: `${base}${path}`, path, sha256: bundleSha256(text) },
    visitors: asked === undefined ? null : askedView(asked),
    // The shared bundle lets every other zone in: whoever installs it has to say that this is meant.
    accept_shared: shared,
    notices: [
      ...deploymentMessages(call),
      ...zoneMessages(zone),
      ...recordMessages(zone, recordsFor(zone, hostname)),
      ...unprovable(known),
      ...hostDiffers(hostname, targets),
      ...underWay(zone, targets),
      ...unreachable(zone, asked),
      ...(asked === undefined ? [] : endingRemarks(asked, call.now)),
    ],
  };
}

/** Whether every edge does what it was told of the zone. */
function inForce({ plane, zone }: ZoneCall): boolean {
  return plane.applied() >= (plane.edgeZoneSince(zone.id) ?? 0);
}

/** What to say of plans that some edge does not follow yet. */
export function deploymentMessages(call: ZoneCall): readonly Message[] {
  return inForce(call) ? [] : [remark('pending_deployment')];
}

function elsewhere(hostname: Hostname): Problem {
  return problem('hostname_outside_zone', `${hostname} is in a zone below this one`);
}

function unreachable({ settings }: ZoneCall['zone'], asked: unknown) {
  return asked !== undefined && settings.ssl === 'off' ? [remark('visitors_ssl_off')] : [];
}

function hostDiffers(hostname: Hostname, targets: EdgeHost['targets']) {
  const differs = targets.some(({ serverName, hostHeader }) => {
    const host = (hostHeader ?? hostname).replace(/:\d+$/, '').toLowerCase();
    return serverName !== null && serverName !== host;
  });
  return differs ? [remark('host_differs')] : [];
}

function underWay({ rotation }: ZoneCall['zone'], targets: EdgeHost['targets']): readonly Message[] {
  if (!isRunning(rotation)) return [];
  const switched = targets.filter(({ successor }) => successor !== undefined).length;
  return [remark('rotation_under_way', `${switched} of ${targets.length} of this hostname`)];
}

function serverNames(hostname: Hostname, targets: EdgeHost['targets']): readonly Hostname[] {
  return [...new Set([...targets.map(({ serverName }) => serverName ?? hostname), hostname])];
}

const LEVEL_WORDS = {
  hostname: 'The hostname has a certificate of its own, which beats the zone and the global level.',
  zone: 'The zone level is on and the hostname says nothing of its own.',
  global: 'The global level is on; neither the hostname nor the zone says anything.',
  veto: 'The hostname is vetoed (enabled: false): no certificate is shown, whatever the zone says.',
  none: 'No level is on. The bundle is the one that origins must trust once the zone level is.',
} as const;

/** Which level of a zone speaks for a name in it. */
export function decide(hostname: Hostname, { zone, plane }: ZoneCall): Decision {
  // A name without a record is not served yet, but its origin can already be prepared.
  const host = serve(plane.planSource, hostname)?.host;
  const rules = plane.edgeZone(zone.id)?.rules;
  if (rules === undefined) return { level: null, veto: false, identity: null };
  const decided = decidingLevel(rules, { hostname, targets: [], pull: host?.pull ?? hostnamePull(zone, hostname) });
  if (decided.kind === 'level') return { level: decided.level, veto: false, identity: decided.identity };
  return { level: decided.kind === 'veto' ? 'hostname' : null, veto: decided.kind === 'veto', identity: null };
}

function certificateOf({ identity }: Decision, { zone }: ZoneCall): ClientCertificate | undefined {
  return identity === null ? undefined : zone.certificates.get(identity.certificate);
}

function identityView(identity: Identity, certificate: ClientCertificate | undefined, call: ZoneCall) {
  const { applied, now } = progress(call);
  return {
    id: identity.certificate,
    fingerprint: identity.fingerprint,
    expires_on: second(identity.notAfter),
    status: certificate === undefined ? 'active' : deploymentStatus(certificate.wish, applied, now),
  };
}

function unprovable(certificate: ClientCertificate | undefined) {
  if (certificate?.level !== 'hostname' || vouchedFor(certificate)) return [];
  return [caveatMessage('unprovable')];
}

/** A plan in the words of the API. */
function planView(planned: PullPlan, scheme: Scheme): View<typeof PLAN> {
  const words = `${scheme}:// ${SENTENCES[planned.kind]}`;
  switch (planned.kind) {
    case 'redirect':
      return { kind: planned.kind, because: planned.because, sentence: `${words} ${planned.to}://.` };
    case 'present':
      return { kind: planned.kind, because: planned.level, sentence: `${words} of the ${planned.level} level.` };
    case 'not_served':
    case 'plaintext':
    case 'without':
    case 'refuse':
      return { kind: planned.kind, because: planned.because, sentence: `${words}: ${REASONS[planned.because]}.` };
  }
}

const SENTENCES = {
  not_served: 'is not served',
  redirect: 'is redirected to',
  plaintext: 'is pulled over plain HTTP, without a client certificate',
  without: 'is pulled over TLS without a client certificate',
  present: 'is pulled over TLS with the client certificate',
  refuse: 'is answered with an error page and not pulled',
} as const satisfies Record<PullPlan['kind'], string>;

type Reason = Extract<PullPlan, { because: string }>['because'];

const REASONS = {
  unknown_hostname: 'no record names this host',
  dns_only: 'its records are not proxied',
  paused: 'the zone is paused',
  always_use_https: 'always_use_https is on',
  ssl_off: 'SSL mode is off',
  flexible: 'SSL mode is flexible',
  visitor_http: 'the visitor came over plain HTTP',
  never_enabled: 'no level of origin pulls is on',
  hostname_veto: 'the hostname is vetoed',
  no_identity: 'the level that decides has no certificate',
  key_missing: 'the key of the certificate is missing',
  identity_expired: 'the certificate has expired',
  server_name_foreign: 'origin.server_name names a host of another zone, which this identity must not be shown to',
} as const satisfies Record<Reason, string>;
