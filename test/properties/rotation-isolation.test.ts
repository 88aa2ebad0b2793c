import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { admit } from '../../src/domain/admit.ts';
import type { CertificateDraft } from '../../src/domain/certificate-changes.ts';
import { type Command, change } from '../../src/domain/change.ts';
import { compile } from '../../src/domain/compile.ts';
import {
  certificateId,
  hostname,
  type Instant,
  instant,
  recordId,
  revision,
  rotationId,
} from '../../src/domain/ids.ts';
import { shownTo } from '../../src/domain/plan.ts';
import { type Evidence, originKey, type Sight } from '../../src/domain/proof.ts';
import { DEFAULT_ORIGIN } from '../../src/domain/record.ts';
import { originFact, rotatedOrigins } from '../../src/domain/rotated-origins.ts';
import { isRunning, nextStep } from '../../src/domain/rotation.ts';
import type { RotationDraft } from '../../src/domain/rotation-changes.ts';
import { USUAL_PACE } from '../../src/domain/rotation-pace.ts';
import { zoneBundle } from '../../src/domain/trust.ts';
import { frozen, world } from '../../src/domain/zone.fixture.ts';
import type { Zone } from '../../src/domain/zone.ts';
import { verifyPath } from '../../src/pki/chain.ts';
import {
  createZoneAuthority,
  createZoneIntermediate,
  issueIdentity,
  type PullAuthority,
} from '../../src/pki/zone-authority.ts';
import { createInstallation, type Installation, NOW, type ZoneMaterial } from './installation.ts';

const HOST = 'properties.test';
const ROUNDS = 3;
const HOSTS = ['one', 'two', 'three'];
const HOUR = 3_600_000;

/** What happens next to one of the zones. */
type Happening =
  | {
      readonly kind: 'start';
      readonly what: RotationDraft['what'];
      readonly how: 'usual' | 'emergency' | 'revoke first';
    }
  /** A tick in which so many of the origins accept the new certificate, as the bits say. */
  | { readonly kind: 'tick'; readonly accepts: number; readonly refusesOld: boolean; readonly pulls: number }
  | { readonly kind: 'steer'; readonly wish: 'pause' | 'resume' | 'undo' | 'force' }
  | { readonly kind: 'time'; readonly hours: number };

const HAPPENING: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant('start' as const),
    what: fc.constantFrom('leaf' as const, 'intermediate' as const, 'root' as const),
    how: fc.constantFrom('usual' as const, 'usual' as const, 'emergency' as const, 'revoke first' as const),
  }),
  fc.record({
    kind: fc.constant('tick' as const),
    accepts: fc.integer({ min: 0, max: 7 }),
    refusesOld: fc.boolean(),
    pulls: fc.constantFrom(0, 0, 0, 100),
  }),
  fc.record({
    kind: fc.constant('tick' as const),
    accepts: fc.constant(7),
    refusesOld: fc.constant(true),
    pulls: fc.constant(0),
  }),
  fc.record({
    kind: fc.constant('steer' as const),
    wish: fc.constantFrom('pause' as const, 'resume' as const, 'undo' as const, 'force' as const),
  }),
  fc.record({ kind: fc.constant('time' as const), hours: fc.integer({ min: 1, max: 200 }) }),
);

/** Everything that rotations of a zone may bring, made before: one set for each round. */
type Supplies = readonly Supply[];

interface Supply {
  readonly authority: PullAuthority;
  readonly leaf: CertificateDraft;
  /** Another one of the same CA. */
  readonly spare: CertificateDraft;
}

/** A zone that is rotated again and again, with a clock. */
class Turning {
  zone: Zone;
  now: Instant = NOW;
  readonly #supplies: Supplies;
  #revision = 10;
  #started = 0;

  constructor(material: ZoneMaterial, supplies: Supplies) {
    this.#supplies = supplies;
    const { id, account, name, authority, managed } = material;
    const made = change(null, { kind: 'create_zone', id, account, name, authority, managed }, this.#world());
    if (made.kind === 'problem' || made.zone === null) assert.fail(JSON.stringify(made));
    this.zone = made.zone;
    this.#want({ kind: 'set', settings: { zonePull: true } });
    for (const [index, label] of HOSTS.entries()) {
      const host = hostname(`${label}.${name}`) ?? assert.fail(label);
      const recordOf = recordId(`${index}`.repeat(32)) ?? assert.fail(label);
      const draft = {
        name: host,
        type: 'A',
        content: '192.0.2.1',
        ttl: 1,
        proxied: true,
        origin: DEFAULT_ORIGIN,
        originSent: null,
        comment: null,
      } as const;
      this.#want({ kind: 'create_record', id: recordOf, draft });
    }
  }

  happen(happening: Happening): void {
    if (happening.kind === 'time') this.now = instant(this.now + happening.hours * HOUR);
    else if (happening.kind === 'start') this.#start(happening);
    else if (happening.kind === 'tick') this.#tick(happening);
    else this.#steer(happening.wish);
  }

  #start({ what, how }: Extract<Happening, { kind: 'start' }>): void {
    const [from] = [...this.zone.certificates.values()].filter(({ wish }) => wish.kind === 'deploy');
    const supply = this.#supplies[this.#started];
    if (from === undefined || supply === undefined) return;
    const id = rotationId(`${this.#started}`.padStart(32, 'e')) ?? assert.fail('an id');
    // Only what is made here has another leaf of the same CA.
    const present = this.#supplies.find((_, index) => this.zone.authority.id === `pair ${index}`);
    const alone = what === 'leaf' && present !== undefined && !this.zone.certificates.has(present.spare.id);
    const { root, intermediate } = supply.authority;
    const pair = {
      id: `pair ${this.#started}`,
      root: root.certificate,
      intermediate: intermediate.certificate,
      rootKey: 'here',
    } as const;
    const draft: RotationDraft = {
      id,
      what: alone ? 'leaf' : what === 'leaf' ? 'root' : what,
      cause: how === 'usual' ? 'asked' : 'emergency',
      rehearsal: false,
      revokeFirst: how === 'revoke first',
      pace: USUAL_PACE,
      because: '',
      by: 'property',
      successors: [{ from: from.id, draft: alone ? present.spare : supply.leaf }],
      authority: alone ? null : pair,
    };
    if (this.#want({ kind: 'start_rotation', draft }) && !alone) this.#started++;
  }

  #tick({ accepts, refusesOld, pulls }: Extract<Happening, { kind: 'tick' }>): void {
    const { rotation } = this.zone;
    if (!isRunning(rotation)) return;
    const tasks = rotatedOrigins(compile(this.zone, null), rotation);
    const answered: Sight = { kind: 'answered', status: 200 };
    const refused: Sight = { kind: 'refused', how: 'page', alert: null };
    const fresh = new Map(
      tasks.map((task, index) => {
        const to = (accepts >> index) & 1 ? answered : refused;
        const sights = [{ ip: '192.0.2.1', from: refusesOld ? refused : answered, to, none: refused }];
        const evidence: Evidence = {
          at: this.now,
          edges: [{ edge: 'edge', seen: { origin: task, sights, fault: null } }],
        };
        return [originKey(task), evidence] as const;
      }),
    );
    const counted = new Map(tasks.map((task) => [originKey(task), { answered: 100 - pulls, refused: pulls }]));
    const seen = { edges: ['edge'], fresh, latest: fresh, pulls: counted };
    const origins = tasks.map((task) => originFact(this.zone, task, seen));
    const step = nextStep(rotation, { applied: revision(this.#revision), edges: 1, origins }, this.now);
    if (step.kind === 'wait') return;
    const move = { id: rotation.id, over: rotation.revision, step };
    assert.ok(this.#want({ kind: 'move_rotation', move }), 'a step that was named can be taken');
  }

  #steer(wish: Extract<Happening, { kind: 'steer' }>['wish']): void {
    const { rotation } = this.zone;
    if (rotation === null) return;
    const origins = rotatedOrigins(compile(this.zone, null), rotation);
    const about = { id: rotation.id, by: 'property', because: 'so' };
    this.#want({
      kind: 'steer_rotation',
      wish: { ...about, wish: wish === 'force' ? { kind: wish, origins } : { kind: wish } },
    });
  }

  #want(command: Command): boolean {
    const changed = change(this.zone, frozen(command), this.#world());
    if (changed.kind === 'problem') return false;
    this.zone = frozen(changed.zone ?? assert.fail('the zone stays'));
    this.#revision++;
    return true;
  }

  #world() {
    return world({ now: this.now, revision: revision(this.#revision + 1), applied: revision(this.#revision) });
  }
}

describe('whatever happens in rotations of two zones', () => {
  let installation: Installation;
  let supplies: readonly Supplies[];

  before(async () => {
    installation = await createInstallation();
    supplies = await Promise.all(
      [0, 2].map((index) => suppliesFor(installation.zones[index] ?? assert.fail('a zone'), index)),
    );
  });

  test('what an origin is shown its zone’s present bundle accepts, and the other zone’s never does', () => {
    let shown = 0;
    const step = fc.record({ which: fc.constantFrom(0, 1), happening: HAPPENING });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (history) => {
        const zones = [0, 2].map((index, at) => {
          const material = installation.zones[index] ?? assert.fail('a zone');
          return new Turning(material, supplies[at] ?? assert.fail('supplies'));
        });
        for (const { which, happening } of history) {
          zones[which]?.happen(happening);
          for (const [at, turning] of zones.entries())
            shown += judge(turning, zones[1 - at] ?? assert.fail('another zone'));
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(shown > 1_000, String(shown));
  });
});

/** Looks at what every origin of a zone is shown. Answers how many there were. */
function judge({ zone, now }: Turning, other: Turning): number {
  const { rules, hosts } = compile(zone, null);
  if (rules.zonePull.kind !== 'on' || rules.zonePull.identity === null) return 0;
  let shown = 0;
  for (const { targets } of hosts.values()) {
    for (const target of targets) {
      const { certificate } = shownTo(target, rules.zonePull.identity);
      const known = zone.certificates.get(certificate) ?? assert.fail('what is shown is in the zone');
      assert.equal(known.wish.kind, 'deploy', 'what is shown has its key at the edges');
      const at = instant(Math.min(now, known.leaf.notAfter));
      const accepted = (bundle: Zone) => {
        const anchors = zoneBundle(bundle).certificates;
        const path = verifyPath(known.leaf, { offered: known.chain, anchors, purpose: 'client' }, at);
        const peer = {
          leaf: known.leaf,
          path: path.kind === 'verified' ? path.path : null,
          standing: null,
          resumed: false,
          sni: null,
        };
        const policy = {
          mode: 'enforce',
          anchors: new Set(anchors.map(({ fingerprint }) => fingerprint)),
          uris: null,
          pins: null,
          subjects: null,
          listed: false,
          own: null,
          names: null,
        } as const;
        return admit(peer, policy, at).kind === 'admit';
      };
      assert.ok(accepted(zone), 'its own bundle accepts it');
      assert.ok(!accepted(other.zone), 'the other zone’s does not');
      shown++;
    }
  }
  return shown;
}

async function suppliesFor({ id, name, uri }: ZoneMaterial, index: number): Promise<Supplies> {
  const request = { installation: HOST, now: NOW, zone: id, zoneName: name };
  const draft = async (issuer: PullAuthority['intermediate'], tag: string): Promise<CertificateDraft> => {
    const { certificate, chain } = await issueIdentity(issuer, { uri, now: NOW, lifetime: 60 * 24 * HOUR });
    const known = certificateId(`${tag}${'0'.repeat(7)}-0000-4000-8000-${`${index}`.repeat(12)}`) ?? assert.fail(tag);
    return { id: known, level: 'zone', source: 'managed', leaf: certificate, chain, sent: certificate.pem };
  };
  const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
  return Promise.all(
    rounds.map(async (round) => {
      const made = await createZoneAuthority(request);
      // Also a second intermediate below a root is a pair like any other.
      const intermediate = round === 1 ? await createZoneIntermediate(made.root, request) : made.intermediate;
      const leaf = await draft(intermediate, `${round}`);
      return {
        authority: { root: made.root, intermediate },
        leaf,
        spare: await draft(intermediate, `${round + ROUNDS}`),
      };
    }),
  );
}
