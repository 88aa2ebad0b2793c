import { createHash } from 'node:crypto';
import { type Instant, instant } from '../domain/ids.ts';
import { isOpen } from '../domain/opening.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { zoneBundle } from '../domain/trust.ts';
import type { Zone } from '../domain/zone.ts';
import { bundleSha256 } from '../pki/bundle.ts';
import { writeDetached } from '../pki/cms.ts';
import { writePem } from '../pki/pem.ts';
import { type BundleManifest, type ManifestCertificate, manifestText, manifestTime } from '../wire/bundle-manifest.ts';
import type { ControlState } from './control-state.ts';
import { errorFields } from './log.ts';
import type { Store } from './store.ts';
import type { InTurn } from './turns.ts';
import { aheadFor, zoneSigner } from './zone-signer.ts';

const DAY = 86_400_000;
/** So long what is said of a bundle counts. */
export const MANIFEST_LASTS = 30 * DAY;

/** A manifest with its signature. */
export interface SignedManifest {
  readonly text: string;
  /** PEM. */
  readonly signature: string;
  readonly sha256: string;
}

interface Stored extends SignedManifest {
  readonly version: number;
  /** What it says, as a digest: where that is the same, nothing is signed anew. */
  readonly core: string;
  readonly expiresAt: Instant;
}

type Core = Pick<BundleManifest, 'sha256' | 'certificates' | 'openings'>;

/**
 * The manifests of zones' bundles: made when somebody asks and the present one says something else, or has less than half
 * of its time left. The key that signs lives for one signature; its certificate hangs below the root that origins have.
 */
export class BundleManifests {
  readonly #state: ControlState;
  readonly #inTurn: InTurn;
  readonly #bundle: (zone: Zone) => string;
  readonly #known = new WeakMap<Zone, Stored>();

  constructor(state: ControlState, inTurn: InTurn, bundle: (zone: Zone) => string) {
    this.#state = state;
    this.#inTurn = inTurn;
    this.#bundle = bundle;
  }

  /** The manifest of the bundle that a zone has now. */
  async of(zone: Zone): Promise<SignedManifest | Problem> {
    const known = this.#known.get(zone);
    // What is open for a while comes to its end without a change of the zone.
    if (known !== undefined && zone.openings.size === 0 && !isDue(known, zone, this.#state.clock())) return known;
    return this.#inTurn(() => this.#renewed(zone));
  }

  async #renewed(asked: Zone): Promise<SignedManifest | Problem> {
    const { store, clock, closed, log, zones } = this.#state;
    const zone = closed ? undefined : zones.index.get(asked.id);
    if (zone === undefined) return problem('zone_not_found');
    const now = clock();
    const content = coreOf(zone, this.#bundle(zone), now);
    const core = createHash('sha256').update(JSON.stringify(content)).digest('hex');
    const present = this.#known.get(zone) ?? (await read(store, zone.id));
    const same = present?.core === core;
    if (present !== null && same && !isDue(present, zone, now)) return this.#keep(zone, present);
    try {
      const signed = await this.#sign(zone, { content, core, version: versionAfter(present, same, now) });
      await write(store, zone.id, signed);
      return this.#keep(zone, signed);
    } catch (error) {
      log('bundle_not_signed', { zone: zone.id, ...errorFields(error) });
      return present !== null && same && now < present.expiresAt ? present : problem('bundle_unsigned', zone.name);
    }
  }

  async #sign(
    zone: Zone,
    { content, core, version }: { readonly content: Core; readonly core: string; readonly version: number },
  ): Promise<Stored> {
    const now = this.#state.clock();
    const signer = await zoneSigner(this.#state, zone, now);
    const expiresAt = longestFor(zone, now);
    const issued = { issued_on: manifestTime(now), expires_on: manifestTime(expiresAt) };
    const named = { format: 'postern-bundle', zone: zone.id, zone_name: zone.name } as const;
    const text = manifestText({
      ...named,
      version,
      sha256: content.sha256,
      ...issued,
      certificates: content.certificates,
      openings: content.openings,
    });
    const signature = writePem('CMS', writeDetached(Buffer.from(text, 'utf8'), signer));
    const sha256 = createHash('sha256').update(text).digest('hex');
    return { text, signature, sha256, version, core, expiresAt };
  }

  #keep(zone: Zone, stored: Stored): Stored {
    this.#known.set(zone, stored);
    return stored;
  }
}

function coreOf(zone: Zone, text: string, now: Instant): Core {
  const { retiring } = zone.authority;
  const { rotation } = zone;
  const leaves = rotation?.phase.kind === 'retiring' ? manifestTime(rotation.phase.until) : null;
  const leaving = new Set(
    [retiring?.root, retiring?.intermediate]
      .filter((facts) => facts !== undefined)
      .map(({ fingerprint }) => fingerprint)
      .filter((one) => one !== zone.authority.root.fingerprint),
  );
  const certificates = zoneBundle(zone).certificates.map(
    ({ fingerprint, subject, notAfter }): ManifestCertificate => ({
      sha256: fingerprint,
      subject,
      expires_on: manifestTime(notAfter),
      leaves_on: leaving.has(fingerprint) ? leaves : null,
    }),
  );
  const openings = [...zone.openings.values()]
    .filter((opening) => isOpen(opening, now))
    .map(({ hostname, until }) => ({ hostname, until: manifestTime(until) }));
  return { sha256: bundleSha256(text), certificates, openings };
}

/** The latest moment until which a manifest may count that is signed now: nobody believes a signer after its end. */
function longestFor(zone: Zone, now: Instant): Instant {
  return instant(Math.min(now + MANIFEST_LASTS, aheadFor(zone, now)?.notAfter ?? Number.POSITIVE_INFINITY));
}

function isDue({ expiresAt }: Pick<Stored, 'expiresAt'>, zone: Zone, now: Instant): boolean {
  const left = expiresAt - now;
  // More than the whole: the clock was ahead when it was signed. Near the end of its signer another one gains nothing.
  return left > MANIFEST_LASTS || (left < MANIFEST_LASTS / 2 && expiresAt < longestFor(zone, now));
}

// At least the time in seconds, so that it grows on after an older backup was restored.
function versionAfter(present: Stored | null, same: boolean, now: Instant): number {
  if (present !== null && same) return present.version;
  return Math.max((present?.version ?? 0) + 1, Math.floor(now / 1_000));
}

async function read(store: Store, zone: string): Promise<Stored | null> {
  const row = await store.selectFrom('bundle_manifests').selectAll().where('zone', '=', zone).executeTakeFirst();
  if (row === undefined) return null;
  const sha256 = createHash('sha256').update(row.manifest).digest('hex');
  const { version, core, manifest: text } = row;
  return {
    text,
    sha256,
    version,
    core,
    signature: row.signature,
    expiresAt: instant(row.expires_at),
  };
}

async function write(store: Store, zone: string, { text, signature, version, core, expiresAt }: Stored): Promise<void> {
  const row = { version, core, manifest: text, signature, expires_at: expiresAt };
  await store
    .insertInto('bundle_manifests')
    .values({ zone, ...row })
    .onConflict((conflict) => conflict.column('zone').doUpdateSet(row))
    .execute();
}
