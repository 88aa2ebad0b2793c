import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { admit } from '../../src/domain/admit.ts';
import type { X509Facts } from '../../src/domain/certificate.ts';
import { change } from '../../src/domain/change.ts';
import type { Circumstances, Holder } from '../../src/domain/circumstances.ts';
import { type Compiled, compile, difference } from '../../src/domain/compile.ts';
import { type Hostname, type Instant, instant, isWithin, revision, type ZoneId } from '../../src/domain/ids.ts';
import { DEFAULT_LIMITS } from '../../src/domain/limits.ts';
import { type PullPlan, plan } from '../../src/domain/plan.ts';
import { provable, zoneBundle } from '../../src/domain/trust.ts';
import { frozen } from '../../src/domain/zone.fixture.ts';
import type { Zone } from '../../src/domain/zone.ts';
import { createCurrent } from '../../src/edge/current.ts';
import { peerOfCertificate } from '../../src/origin/peer.ts';
import { type LockPolicy, lockPolicy } from '../../src/origin/policy.ts';
import type { PolicyProblem } from '../../src/origin/policy-problems.ts';
import { writeBundle } from '../../src/pki/bundle.ts';
import { verifyPath } from '../../src/pki/chain.ts';
import { writtenDer } from '../../src/pki/pem.ts';
import { door } from '../../src/pull/door.ts';
import { anyWanted, beginnings, namesAround, type Wanted } from './commands.ts';
import { createInstallation, type Installation, NOW } from './installation.ts';

/** What the edge presents, as an origin sees it. */
interface Shown {
  readonly leaf: X509Facts;
  readonly chain: readonly X509Facts[];
}

/** A control plane and an edge reduced to their rules. */
class World {
  readonly edge = createCurrent();
  readonly #installation: Installation;
  readonly #compiled = new Map<ZoneId, Compiled>();
  #revision = 0;

  constructor(installation: Installation) {
    this.#installation = installation;
    for (const zone of installation.zones) {
      for (const command of beginnings(zone)) assert.equal(this.want({ zone, command, lag: 0 }), 'changed');
    }
  }

  get zones(): readonly Zone[] {
    return [...this.#compiled.values()].map(({ zone }) => zone);
  }

  /** Carries a command out, or learns that it is refused; checks that a refusal changes nothing. */
  want({ zone: { id }, command, lag }: Wanted): 'changed' | 'refused' {
    const known = this.#compiled.get(id) ?? null;
    const next = this.#revision + 1;
    const outcome = change(known?.zone ?? null, frozen(command), this.#around(next, lag));
    if (outcome.kind === 'problem') return 'refused';
    this.#revision = next;
    const edge = outcome.zone === null ? null : compile(outcome.zone, this.#installation.shared.identity, known);
    const delta = difference(known?.edge ?? null, edge);
    // An edge takes every difference: it never meets a name in two zones, nor one outside its zone.
    this.edge.apply(revision(next), delta === null ? [] : [delta]);
    if (outcome.zone === null || edge === null) {
      this.#compiled.delete(id);
      return 'changed';
    }
    assert.deepEqual(edge, compile(outcome.zone, this.#installation.shared.identity));
    // From here on whoever changes the zone, instead of making a new one, is caught by an exception.
    this.#compiled.set(id, { zone: frozen(outcome.zone), edge });
    return 'changed';
  }

  /** The edge holds the keys of all certificates that are to be deployed. */
  holdKeys(): void {
    for (const key of this.edge.keys) this.edge.release(key);
    this.edge.hold(this.#installation.shared.identity.certificate);
    for (const { certificates } of this.zones) {
      for (const { id, wish } of certificates.values()) if (wish.kind === 'deploy') this.edge.hold(id);
    }
  }

  #around(next: number, lag: number): Circumstances {
    const holders = this.zones.map(
      ({ id, name, account, settings }): Holder => ({ zone: id, name, account, globalPull: settings.globalPull }),
    );
    return {
      now: NOW,
      revision: revision(next),
      applied: revision(Math.max(0, next - 1 - lag)),
      holder: (name) =>
        holders.filter((one) => isWithin(name, one.name)).toSorted((a, b) => b.name.length - a.name.length)[0] ?? null,
      inhabited: () => false,
      limits: DEFAULT_LIMITS,
      below: (name) => holders.filter((one) => one.name !== name && isWithin(one.name, name)),
    };
  }
}

describe('for any sequence of commands on three zones of two accounts', () => {
  let installation: Installation;
  let names: readonly Hostname[];
  let moments: readonly Instant[];
  const seen = new Set<string>();

  before(async () => {
    installation = await createInstallation();
    names = [...new Set(installation.zones.flatMap(namesAround))];
    const ends = installation.zones
      .flatMap(({ uploads, managed, issued }) => [managed, ...issued, ...uploads])
      .map((one) => one.leaf.notAfter);
    const last = [...new Set([...ends, installation.shared.leaf.notAfter])];
    moments = [NOW, ...last, ...last.map((end) => instant(end + 1))];
  });

  test('what is presented is admitted by its own zone’s bundle and by no other, and nothing else is presented', () => {
    const histories = fc.array(anyWanted(installation), { maxLength: 30, size: 'max' });
    const moment = fc.oneof(fc.constant(NOW), fc.constantFrom(...moments));
    fc.assert(
      fc.property(histories, moment, (history, now) => {
        const world = new World(installation);
        for (const wanted of history) seen.add(world.want(wanted));
        world.holdKeys();
        associationsAreSound(world.zones);
        for (const name of names) {
          for (const scheme of ['https', 'http'] as const) judge(world, plan(world.edge, name, scheme, now), now);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('the histories led to every kind of answer', () => {
    const presented = [
      'present hostname',
      'present zone',
      'present global',
      'present unprovable',
      'present managed hostname',
    ];
    const others = ['not_served', 'redirect', 'plaintext', 'without', 'refuse identity_expired'];
    for (const kind of ['changed', 'refused', ...presented, ...others]) assert.ok(seen.has(kind), kind);
  });

  function judge(world: World, planned: PullPlan, now: Instant): void {
    if (planned.kind !== 'present') {
      seen.add(planned.kind === 'refuse' ? `refuse ${planned.because}` : planned.kind);
      return carriesNoIdentity(world, planned);
    }
    seen.add(`present ${planned.level}`);
    if (planned.level === 'global') return judgeShared(world, planned, now);
    const zone = world.zones.find(({ id }) => id === planned.zone) ?? assert.fail('a zone that does not exist');
    const shown = zone.certificates.get(planned.identity.certificate) ?? assert.fail('a foreign certificate');
    assert.equal(shown.leaf.fingerprint, planned.identity.fingerprint);
    assert.equal(shown.level, planned.level);
    seen.add(`present ${shown.source} ${shown.level}`);
    const own = zoneBundle(zone).certificates;
    const byOpenSsl = admittedByOpenSsl(shown, own, now);
    // What no origin can verify with the bundle alone is an upload without its issuers, and its owner is told.
    assert.equal(admitted(shown, own, now), shown.source === 'managed' || shown.chain.length > 0);
    assert.equal(byOpenSsl, shown.source === 'managed' || shown.chain.some(isRoot));
    assert.equal(admittedByLock(shown, own, now), admitted(shown, own, now), 'guard and middleware judge alike');
    if (planned.level === 'zone') assert.equal(provable(zone), byOpenSsl);
    if (!byOpenSsl) seen.add('present unprovable');
    assert.equal(admitted(shown, installation.shared.bundle, now), false, 'a zone’s own identity under the shared CA');
    for (const other of world.zones) {
      if (other === zone) continue;
      assert.equal(admitted(shown, zoneBundle(other).certificates, now), false, other.name);
      assert.equal(admittedByLock(shown, zoneBundle(other).certificates, now), false, other.name);
    }
  }

  function judgeShared(world: World, planned: Extract<PullPlan, { kind: 'present' }>, now: Instant): void {
    const { identity, leaf, bundle } = installation.shared;
    assert.deepEqual(planned.identity, identity);
    const shown = { leaf, chain: bundle.slice(1) };
    assert.equal(admitted(shown, bundle, now), true);
    assert.equal(admittedByOpenSsl(shown, bundle, now), true);
    for (const zone of world.zones) {
      assert.equal(admitted(shown, zoneBundle(zone).certificates, now), false, `${zone.name} trusts the shared CA`);
    }
  }
});

test('what the edge refuses to present after its end, origins refuse from the same millisecond on', async () => {
  const { zones } = await createInstallation();
  for (const { managed, authority } of zones) {
    const bundle = [authority.root, authority.intermediate];
    const { notBefore, notAfter } = managed.leaf;
    assert.equal(admitted(managed, bundle, notAfter), true);
    assert.equal(admitted(managed, bundle, instant(notAfter + 1)), false);
    assert.equal(admitted(managed, bundle, notBefore), true);
    assert.equal(admitted(managed, bundle, instant(notBefore - 1)), false);
  }
});

function associationsAreSound(zones: readonly Zone[]): void {
  for (const { associations, certificates } of zones) {
    for (const { certificate } of associations.values()) {
      const named = certificates.get(certificate);
      assert.equal(named?.wish.kind, 'deploy');
      assert.equal(named.level, 'hostname');
    }
  }
}

function carriesNoIdentity(world: World, planned: PullPlan): void {
  const text = JSON.stringify(planned);
  const known = world.zones.flatMap(({ certificates }) => [...certificates.values()]);
  for (const { id, leaf } of known) assert.ok(!text.includes(id) && !text.includes(leaf.fingerprint), text);
  if (planned.kind !== 'plaintext' && planned.kind !== 'without') return;
  for (const target of planned.targets) {
    const { tls } = door(planned, target, planned.hostname, 'https');
    assert.equal(tls?.identity ?? null, null);
    assert.equal(tls === null, planned.kind === 'plaintext');
  }
}

const judged = new Map<string, boolean>();

/**
 * Whether an origin that trusts every certificate of the bundle admits. It must not matter whether it sees the chain
 * that came along (OpenSSL) or only the leaf (Node).
 */
function admitted(shown: Shown, bundle: readonly X509Facts[], now: Instant): boolean {
  const alone = asked({ ...shown, chain: [] }, bundle, now);
  assert.equal(asked(shown, bundle, now), alone);
  return alone;
}

/** OpenSSL believes self-signed certificates only; the others of a bundle merely lead to one. */
function admittedByOpenSsl({ leaf, chain }: Shown, bundle: readonly X509Facts[], now: Instant): boolean {
  const roots = bundle.filter(isRoot);
  const others = bundle.filter((certificate) => !roots.includes(certificate));
  return asked({ leaf, chain: [...chain, ...others] }, roots, now);
}

const locks = new Map<string, LockPolicy | PolicyProblem>();

/** Whether the guard and the middleware admit, that read the bundle from its file and see only the leaf. */
function admittedByLock({ leaf }: Shown, bundle: readonly X509Facts[], now: Instant): boolean {
  const key = [now, ...bundle.map(print)].join(' ');
  const policy = locks.get(key) ?? lockPolicy({ bundle: writeBundle(bundle) }, now);
  locks.set(key, policy);
  if (policy.kind === 'problem') return false;
  const der = writtenDer('CERTIFICATE', leaf.pem);
  return admit(peerOfCertificate(der, { policy, sni: null }, now), policy.admit, now).kind === 'admit';
}

function asked({ leaf, chain }: Shown, anchors: readonly X509Facts[], now: Instant): boolean {
  const key = [now, leaf.fingerprint, ...chain.map(print), 'under', ...anchors.map(print)].join(' ');
  const known = judged.get(key);
  if (known !== undefined) return known;
  const verified = verifyPath(leaf, { offered: chain, anchors, purpose: 'client' }, now);
  const path = verified.kind === 'verified' ? verified.path : null;
  const policy = {
    mode: 'enforce',
    anchors: new Set(anchors.map(print)),
    uris: null,
    pins: null,
    subjects: null,
    listed: false,
    own: null,
    names: null,
  } as const;
  const answer = admit({ leaf, path, standing: null, resumed: false, sni: null }, policy, now).kind === 'admit';
  judged.set(key, answer);
  return answer;
}

function isRoot({ subject, issuer }: X509Facts): boolean {
  return subject === issuer;
}

function print({ fingerprint }: X509Facts) {
  return fingerprint;
}
