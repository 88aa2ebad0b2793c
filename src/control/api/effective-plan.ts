import type { ClientCertificate, Identity, Level } from '../../domain/certificate.ts';
import { compile } from '../../domain/compile.ts';
import { hostnamePull } from '../../domain/compile-hosts.ts';
import { deploymentStatus } from '../../domain/deployment.ts';
import type { EdgeConfig, EdgeZone } from '../../domain/edge-zone.ts';
import { type Hostname, wildcardAbove } from '../../domain/ids.ts';
import { decidingLevel, type PullPlan, plan, type Scheme, serve } from '../../domain/plan.ts';
import { vouchedFor } from '../../domain/trust.ts';
import { bundleSha256 } from '../../pki/bundle.ts';
import type { View } from '../../wire/answer-fields.ts';
import { noticeMessage, remark } from '../../wire/messages.ts';
import { second } from '../../wire/views.ts';
import { zoneMessages } from './committed.ts';
import type { EFFECTIVE_PLAN, PLAN } from './effective-plan-view.ts';
import { progress, type ZoneCall } from './route.ts';
import { SHARED_BUNDLE, zoneBundlePath } from './routes-public.ts';

/** Which level speaks for a hostname, and with which identity; `level` is `null` where none is on. */
interface Decision {
  readonly level: Level | null;
  readonly veto: boolean;
  readonly identity: Identity | null;
}

/** What the edge does for pulls of a hostname, why, and what its origin must trust. */
export function effectivePlan(hostname: Hostname, call: ZoneCall): View<typeof EFFECTIVE_PLAN> {
  const { zone, plane, base } = call;
  const edge = compile(only(hostname, call), plane.installation.shared.identity);
  const config = alone(edge, call);
  const decision = decide(hostname, edge, config, call);
  const certificate = decision.identity === null ? undefined : zone.certificates.get(decision.identity.certificate);
  const shared = decision.level === 'global';
  const text = plane.bundle(shared ? null : zone);
  const path = shared ? SHARED_BUNDLE : zoneBundlePath(zone.id);
  return {
    hostname,
    zone: { id: zone.id, name: zone.name },
    https: planView(plan(config, hostname, 'https', call.now), 'https'),
    http: planView(plan(config, hostname, 'http', call.now), 'http'),
    level: decision.level,
    why: LEVEL_WORDS[decision.veto ? 'veto' : (decision.level ?? 'none')],
    identity: shared ? 'shared' : (certificate?.source ?? null),
    certificate: decision.identity === null ? null : identityView(decision.identity, certificate, call),
    // The names in the edge's handshakes: the origin must answer for them too.
    server_names: serverNames(hostname, config),
    // A veto means that nobody is shown a certificate, so there is nothing to trust.
    bundle: decision.veto ? null : { url: `${base}${path}`, path, sha256: bundleSha256(text) },
    // The shared bundle lets every other zone in: whoever installs it has to say that this is meant.
    accept_shared: shared,
    notices: [...zoneMessages(zone), ...unprovable(certificate), ...hostDiffers(hostname, config)],
  };
}

function hostDiffers(hostname: Hostname, config: EdgeConfig) {
  const targets = serve(config, hostname)?.host.targets ?? [];
  const differs = targets.some(({ serverName, hostHeader }) => {
    const host = (hostHeader ?? hostname).replace(/:\d+$/, '').toLowerCase();
    return serverName !== null && serverName !== host;
  });
  return differs ? [remark('host_differs')] : [];
}

function serverNames(hostname: Hostname, config: EdgeConfig): readonly Hostname[] {
  const named = serve(config, hostname)?.host.targets.map(({ serverName }) => serverName ?? hostname) ?? [];
  return [...new Set([...named, hostname])];
}

const LEVEL_WORDS = {
  hostname: 'The hostname has a certificate of its own, which beats the zone and the global level.',
  zone: 'The zone level is on and the hostname says nothing of its own.',
  global: 'The global level is on; neither the hostname nor the zone says anything.',
  veto: 'The hostname is vetoed (enabled: false): no certificate is shown, whatever the zone says.',
  none: 'No level is on. The bundle is the one that origins must trust once the zone level is.',
} as const;

/** Only what can decide about this name is compiled: a zone may hold many thousands of others. */
function only(hostname: Hostname, { zone }: ZoneCall) {
  const names = new Set<Hostname>([hostname]);
  wildcardAbove(hostname, (wildcard) => void names.add(wildcard));
  return { ...zone, records: new Map([...zone.records].filter(([, { name }]) => names.has(name))) };
}

/** The configuration of an edge that serves this zone alone and was sent all keys that could be opened. */
function alone(edge: EdgeZone, { zone, plane }: ZoneCall): EdgeConfig {
  const { id } = zone;
  return {
    revision: plane.applied(),
    zones: new Map([[id, edge.rules]]),
    hosts: new Map([...edge.hosts].map(([name, host]) => [name, { zone: id, host }])),
    keys: new Set([...zone.certificates.keys(), plane.installation.shared.identity.certificate].filter(plane.holdsKey)),
  };
}

function decide(hostname: Hostname, edge: EdgeZone, config: EdgeConfig, call: ZoneCall): Decision {
  // A name without a record is not served yet, but its origin can already be prepared.
  const pull = serve(config, hostname)?.host.pull ?? hostnamePull(call.zone, hostname);
  const decided = decidingLevel(edge.rules, { hostname, targets: [], pull });
  if (decided.kind === 'level') return { level: decided.level, veto: false, identity: decided.identity };
  return { level: decided.kind === 'veto' ? 'hostname' : null, veto: decided.kind === 'veto', identity: null };
}

function identityView(identity: Identity, certificate: ClientCertificate | undefined, call: ZoneCall) {
  const { applied, now } = progress(call);
  const { leaf } = certificate ?? call.plane.installation.shared;
  return {
    id: identity.certificate,
    pem: leaf.pem,
    fingerprint: identity.fingerprint,
    expires_on: second(identity.notAfter),
    status: certificate === undefined ? 'active' : deploymentStatus(certificate.wish, applied, now),
  };
}

function unprovable(certificate: ClientCertificate | undefined) {
  if (certificate?.level !== 'hostname' || vouchedFor(certificate)) return [];
  return [noticeMessage('unprovable')];
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
