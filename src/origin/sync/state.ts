import { type BundleManifest, readManifest } from '../../wire/bundle-manifest.ts';
import { isJsonObject, jsonObject } from '../../wire/json-object.ts';
import type { Tags } from './published.ts';

/** What a run leaves for the next, beside the lock record or the bundle. Nothing in it is secret. */
export interface SyncState {
  readonly format: 'postern-sync';
  readonly zones: readonly ZoneState[];
  /** A configuration that was written with open locks; `null` where all are shut. */
  readonly opened: OpenedConfiguration | null;
}

/** What was written so that locks are open. */
export interface OpenedConfiguration {
  readonly sha256: string;
  readonly hostnames: readonly { readonly hostname: string; readonly zone: string }[];
}

/** What is known of a zone's bundle in force. Manifest and signature are kept as they came: they prove themselves again. */
export interface ZoneState {
  readonly zone: string;
  readonly manifest: string;
  readonly signature: string;
  readonly tags: Tags;
  /** Of the file of lists that was installed; `null` without one. */
  readonly listsSha256: string | null;
  /** Fingerprints of the CAs whose lists the control plane gave. */
  readonly listed: readonly string[];
}

export const NO_STATE: SyncState = { format: 'postern-sync', zones: [], opened: null };

const MOST_ZONES = 1_000;

/** The text of a state. */
export function stateText(state: SyncState): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

/** A state as it was written; `null` for anything else. */
export function readState(text: string): SyncState | null {
  const value = jsonObject(text);
  if (value === null || value['format'] !== 'postern-sync') return null;
  const { zones, opened } = value;
  if (!Array.isArray(zones) || zones.length > MOST_ZONES || !zones.every(isZoneState)) return null;
  if (opened !== null && !isOpened(opened)) return null;
  return { format: 'postern-sync', zones, opened };
}

/** What a zone's manifest said; `null` where nothing is known. */
export function lastManifest(state: ZoneState | undefined): BundleManifest | null {
  return state === undefined ? null : readManifest(state.manifest);
}

/** The state with one zone's part in place of what was there. */
export function withZone(state: SyncState, zone: ZoneState): SyncState {
  return { ...state, zones: [...state.zones.filter((one) => one.zone !== zone.zone), zone] };
}

function isZoneState(value: unknown): value is ZoneState {
  if (!isJsonObject(value)) return false;
  const { zone, manifest, signature, tags, listsSha256, listed } = value;
  if (!Array.isArray(listed) || !listed.every((one) => typeof one === 'string')) return false;
  const texts = [zone, manifest, signature].every((one) => typeof one === 'string');
  return (
    texts &&
    isTextOrNull(listsSha256) &&
    isJsonObject(tags) &&
    ['manifest', 'lists'].every((tag) => isTextOrNull(tags[tag]))
  );
}

function isOpened(value: unknown): value is OpenedConfiguration {
  if (!isJsonObject(value)) return false;
  const { sha256, hostnames } = value;
  const isName = (one: unknown) =>
    isJsonObject(one) && typeof one['hostname'] === 'string' && typeof one['zone'] === 'string';
  return typeof sha256 === 'string' && Array.isArray(hostnames) && hostnames.every(isName);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
