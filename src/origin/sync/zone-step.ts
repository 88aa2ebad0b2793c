import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { X509Facts } from '../../domain/certificate.ts';
import { type Fingerprint, fingerprint, type Instant, instant, type ZoneId } from '../../domain/ids.ts';
import { bundleSha256 } from '../../pki/bundle.ts';
import { type CrlFacts, loadCrls } from '../../pki/crl-read.ts';
import { PkiError } from '../../pki/pki-error.ts';
import type { BundleManifest } from '../../wire/bundle-manifest.ts';
import { bundleVersion } from '../bundle-update.ts';
import { bundleCas, type Judged, judgeBundle, judgeLists, type Known } from './judge.ts';
import { type Fetched, fetchPublished, type Get } from './published.ts';
import { absent, type NewFile } from './replace.ts';
import { lastManifest, type ZoneState } from './state.ts';
import type { Trouble } from './troubles.ts';

/** A zone whose bundle an origin has in a file. */
export interface TargetZone {
  readonly id: ZoneId;
  /** As it is on record; `null` where only its manifest says it. */
  readonly name: string | null;
  readonly bundle: string;
  readonly crl: string | null;
  /** The CAs that were trusted at the installation. */
  readonly trusted: readonly Fingerprint[];
  readonly version: number | null;
  /** Roots that somebody named on the command line. */
  readonly pins: readonly Fingerprint[];
}

/** What an origin has of a zone, or shall have. */
export interface ZoneFiles {
  readonly bundle: string | null;
  readonly lists: string | null;
  /** That of the bundle, where it proves itself; an opening counts only with it. */
  readonly manifest: BundleManifest | null;
}

/** What a run finds out about a zone: what is there, what shall be there, and what is in the way. */
export interface ZoneStep {
  readonly zone: TargetZone;
  readonly before: ZoneFiles;
  /** The same as before where nothing is to be done. */
  readonly after: ZoneFiles;
  readonly files: readonly NewFile[];
  /** What the next run shall know; `null` for what it knows already. */
  readonly state: ZoneState | null;
  readonly trouble: Trouble | null;
}

interface Ground {
  readonly get: Get;
  readonly now: Instant;
}

/** Asks what a zone's bundle is now, and holds it against what is installed. Changes nothing. */
export async function lookAtZone(
  zone: TargetZone,
  state: ZoneState | undefined,
  { get, now }: Ground,
): Promise<ZoneStep> {
  const found = await readInstalled(zone);
  if ('code' in found) {
    const nothing = { bundle: null, lists: null, manifest: null };
    return { zone, before: nothing, after: nothing, files: [], state: null, trouble: found };
  }
  const before = { bundle: found.bundle, lists: found.lists, manifest: inForce(state, found.bundle, zone, now) };
  const unchanged = { zone, before, after: before, files: [], state: null };
  const known = knownOf(zone, state, found);
  // What is signed and what is fetched beside it may be of two moments: once more, then it is a fault.
  for (let attempt = 1; ; attempt += 1) {
    const fetched = await fetchPublished(
      get,
      zone.id,
      tagsFor(zone, before.manifest === null ? undefined : state, found),
    );
    if (fetched.kind === 'silent') return { ...unchanged, trouble: { code: 'outage', detail: fetched.because } };
    if (fetched.kind === 'unknown_zone')
      return { ...unchanged, trouble: { code: 'unknown_zone', detail: fetched.because } };
    const step = weigh(fetched, { zone, state, before, known, now });
    if (step.trouble === null || attempt === 2 || !isTornApart(step.trouble)) return step;
  }
}

function isTornApart({ code }: Trouble): boolean {
  return code === 'not_signed' || code === 'other_bundle' || code === 'list_missing' || code === 'list_foreign';
}

interface Weighed {
  readonly zone: TargetZone;
  readonly state: ZoneState | undefined;
  readonly before: ZoneFiles;
  readonly known: Known;
  readonly now: Instant;
}

function weigh(fetched: Extract<Fetched, { kind: 'fetched' }>, weighed: Weighed): ZoneStep {
  const { zone, state, before, known, now } = weighed;
  const refused = (trouble: Trouble) => ({ zone, before, after: before, files: [], state: null, trouble });
  const { signed, lists: listed, tags } = fetched;
  const judged: Judged | null = signed === null ? null : judgeBundle(signed, known, now);
  if (judged?.kind === 'fault') return refused(judged);
  const cas = judged?.cas ?? casOf(before);
  const lists =
    listed === null ? null : judgeLists(listed, { cas, installed: before.lists, published: state?.listed ?? [] }, now);
  if (lists?.kind === 'fault') return refused(lists);
  const after: ZoneFiles = {
    bundle: signed?.bundle ?? before.bundle,
    lists: lists?.text ?? before.lists,
    manifest: judged?.manifest ?? before.manifest,
  };
  const manifest = signed ?? state;
  const next =
    manifest === undefined
      ? null
      : {
          zone: zone.id,
          manifest: manifest.manifest,
          signature: manifest.signature,
          tags,
          listed: lists?.lists.map(({ ca }) => ca.fingerprint) ?? state?.listed ?? [],
          listsSha256: after.lists === null || zone.crl === null ? null : sha256(after.lists),
        };
  return { zone, before, after, files: filesOf(zone, before, after), state: next, trouble: null };
}

function filesOf(zone: TargetZone, before: ZoneFiles, after: ZoneFiles): readonly NewFile[] {
  const bundle =
    after.bundle === null || after.bundle === before.bundle ? [] : [{ path: zone.bundle, text: after.bundle }];
  const lists =
    zone.crl === null || after.lists === null || after.lists === before.lists
      ? []
      : [{ path: zone.crl, text: after.lists }];
  return [...bundle, ...lists];
}

interface Found {
  readonly bundle: string | null;
  readonly written: Instant | null;
  readonly lists: string | null;
  readonly version: number | null;
}

async function readInstalled({ bundle, crl }: TargetZone): Promise<Found | Trouble> {
  try {
    const text = await readFile(bundle, 'utf8').catch(absent);
    const written = text === null ? null : instant((await stat(bundle)).mtimeMs);
    const lists = crl === null ? null : await readFile(crl, 'utf8').catch(absent);
    // What `postern ca bundle --out` left.
    const said = text === null ? null : await readFile(`${bundle}.json`, 'utf8').catch(absent);
    const version = text === null || said === null ? null : bundleVersion(said, text);
    return { bundle: text, written, lists, version };
  } catch (error) {
    return { code: 'unreadable', detail: error instanceof Error ? error.message : String(error) };
  }
}

function knownOf(zone: TargetZone, state: ZoneState | undefined, found: Found): Known {
  const last = lastManifest(state);
  const versions = [last?.version, zone.version, found.version].filter((one) => one !== undefined && one !== null);
  const trusted = (last?.certificates ?? []).flatMap(({ sha256: print }) => fingerprint(print) ?? []);
  return {
    zone: zone.id,
    bundle: found.bundle,
    bundleWritten: found.written,
    version: versions.length === 0 ? null : Math.max(...versions),
    trusted: last === null ? zone.trusted : trusted,
    pins: zone.pins,
  };
}

// A tag is only worth something while the files are those that came with it.
function tagsFor({ crl }: TargetZone, state: ZoneState | undefined, found: Found) {
  const isKept =
    state !== undefined && found.bundle !== null && bundleSha256(found.bundle) === lastManifest(state)?.sha256;
  const keepsLists = isKept && found.lists !== null && sha256(found.lists) === state.listsSha256;
  return {
    manifest: isKept ? state.tags.manifest : null,
    lists: keepsLists ? state.tags.lists : null,
    wantsLists: crl !== null,
  };
}

/** The manifest of what is installed, judged anew from the files alone. */
function inForce(
  state: ZoneState | undefined,
  bundle: string | null,
  { id }: TargetZone,
  now: Instant,
): BundleManifest | null {
  if (state === undefined || bundle === null) return null;
  const known = { zone: id, bundle, bundleWritten: null, version: null, trusted: [], pins: [] };
  const judged = judgeBundle({ bundle, manifest: state.manifest, signature: state.signature }, known, now);
  return judged.kind === 'good' ? judged.manifest : null;
}

function casOf({ bundle }: ZoneFiles): readonly X509Facts[] {
  return bundle === null ? [] : (bundleCas(bundle) ?? []);
}

/** The lists of a file, as far as they can be read. */
export function listsOf({ lists }: ZoneFiles): readonly CrlFacts[] {
  if (lists === null) return [];
  try {
    return loadCrls(lists);
  } catch (error) {
    if (error instanceof PkiError) return [];
    throw error;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
