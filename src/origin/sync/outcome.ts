import type { Fingerprint, Instant, ZoneId } from '../../domain/ids.ts';
import { bundleSha256 } from '../../pki/bundle.ts';
import { isListOf } from '../../pki/crl-read.ts';
import type { OriginReport } from '../../wire/origin-report.ts';
import { visible } from '../../wire/visible.ts';
import { bundleCas } from './judge.ts';
import { isUndetermined, isWrongUse, type Trouble, troubleText } from './troubles.ts';
import { listsOf, type TargetZone, type ZoneFiles } from './zone-step.ts';

/** What a run came to for one lock. */
export interface LockOutcome {
  readonly lock: string;
  readonly server: string;
  readonly zones: readonly ZoneOutcome[];
  readonly hostnames: readonly HostnameMode[];
  /** Files that were replaced, or under --dry-run would be. */
  readonly files: readonly string[];
  /** What is wrong with the lock as a whole. */
  readonly trouble: Trouble | null;
  /** When an opening ends, and the lock shuts. */
  readonly shutsAt: Instant | null;
}

export interface ZoneOutcome {
  readonly zone: ZoneId;
  readonly name: string | null;
  /** Of the bundle in force; `null` where it does not prove itself. */
  readonly version: number | null;
  readonly sha256: string | null;
  readonly lists: readonly { readonly issuer: Fingerprint; readonly number: string | null }[];
  readonly trouble: Trouble | null;
  /** What comes to an end soon, in words. */
  readonly endings: readonly string[];
}

export interface HostnameMode {
  readonly hostname: string;
  /** Id of the zone. */
  readonly zone: string;
  readonly mode: 'enforce' | 'watch';
}

const DAY = 86_400_000;
/** They are signed anew with 15 days left. */
const MANIFEST_SOON = 7 * DAY;
/** They are signed anew with three and a half days left. */
const LIST_SOON = 2 * DAY;

/** What the zone is called, as far as anybody here knows. */
export function nameOf({ name }: TargetZone, { manifest }: ZoneFiles): string | null {
  return manifest?.zone_name ?? name;
}

/** What is in force of a zone, for people and for the report. */
export function zoneOutcome(zone: TargetZone, files: ZoneFiles, trouble: Trouble | null, now: Instant): ZoneOutcome {
  const cas = files.bundle === null ? [] : (bundleCas(files.bundle) ?? []);
  const found = listsOf(files);
  const lists = cas.flatMap((ca) => {
    const own = found.find((list) => isListOf(list, ca));
    return own === undefined ? [] : [{ issuer: ca.fingerprint, number: own.number?.toString() ?? null }];
  });
  return {
    zone: zone.id,
    name: nameOf(zone, files),
    version: files.manifest?.version ?? null,
    sha256: files.bundle === null ? null : bundleSha256(files.bundle),
    lists,
    trouble,
    endings: endingsOf(files, now),
  };
}

function endingsOf(files: ZoneFiles, now: Instant): readonly string[] {
  const { manifest } = files;
  const signed =
    manifest !== null && Date.parse(manifest.expires_on) - now < MANIFEST_SOON
      ? [`What is said of the bundle holds until ${manifest.expires_on}: nothing newer was got from the control plane.`]
      : [];
  const lists = listsOf(files).flatMap(({ nextUpdate }) =>
    nextUpdate !== null && nextUpdate - now < LIST_SOON
      ? [`A revocation list ends ${new Date(nextUpdate).toISOString()}; from then on the server refuses everybody.`]
      : [],
  );
  return [...signed, ...new Set(lists)];
}

/** How the outcome of several locks is said in one word: what was found wrong outranks what could not be found out. */
export function verdict(outcomes: readonly LockOutcome[]): 'in_step' | 'not_in_step' | 'wrong_use' | 'undetermined' {
  const troubles = outcomes.flatMap(troublesOf);
  if (troubles.some((trouble) => !isUndetermined(trouble) && !isWrongUse(trouble))) return 'not_in_step';
  if (troubles.some(isWrongUse)) return 'wrong_use';
  return troubles.length > 0 ? 'undetermined' : 'in_step';
}

/** All that is wrong with a lock. */
export function troublesOf({ trouble, zones }: LockOutcome): readonly Trouble[] {
  return [trouble, ...zones.map((zone) => zone.trouble)].filter((one) => one !== null);
}

/** What the control plane is told of a lock and one of its zones. */
export function reportOf(outcome: LockOutcome, zone: ZoneOutcome, host: string): OriginReport {
  const trouble = zone.trouble ?? outcome.trouble;
  return {
    host,
    lock: outcome.lock,
    server: outcome.server,
    bundle: zone.sha256 === null ? null : { version: zone.version, sha256: zone.sha256 },
    lists: zone.lists,
    hostnames: outcome.hostnames
      .filter((one) => one.zone === zone.zone)
      .map(({ hostname, mode }) => ({ hostname, mode })),
    fault: trouble === null ? null : { code: trouble.code, text: visible(troubleText(trouble)).slice(0, MOST_TEXT) },
  };
}

/** As long as the API takes. */
const MOST_TEXT = 1_000;
