import type { Instant } from '../domain/ids.ts';
import { isJsonObject, jsonObject } from './json-object.ts';

/** What is said of a bundle, beside it: signed, so that an origin can believe the next one as it believes this one. */
export interface BundleManifest {
  readonly format: 'postern-bundle';
  /** Id of the zone. */
  readonly zone: string;
  readonly zone_name: string;
  /** Grows with each bundle of the zone that was published. */
  readonly version: number;
  /** Of the bundle's file. */
  readonly sha256: string;
  readonly issued_on: string;
  /** From then on nobody should install this bundle any more: somebody may be replaying it. */
  readonly expires_on: string;
  readonly certificates: readonly ManifestCertificate[];
  /** Hostnames whose locks somebody wants open for a while: watch there, and refuse nobody. */
  readonly openings: readonly ManifestOpening[];
}

/** A lock that is to be open until then. */
interface ManifestOpening {
  readonly hostname: string;
  readonly until: string;
}

/** One CA of a bundle. */
export interface ManifestCertificate {
  readonly sha256: string;
  readonly subject: string;
  readonly expires_on: string;
  /** When it leaves the bundle, because a rotation ends; `null` where nothing is known of that. */
  readonly leaves_on: string | null;
}

const HEX = /^[0-9a-f]{64}$/;
const ID = /^[0-9a-f]{32}$/;

/** A manifest as it came over the wire; `null` for anything else. */
export function readManifest(text: string): BundleManifest | null {
  const value = jsonObject(text);
  if (value === null || value['format'] !== 'postern-bundle') return null;
  const { zone, zone_name, version, sha256, issued_on, expires_on, certificates, openings } = value;
  if (typeof zone !== 'string' || !ID.test(zone) || typeof zone_name !== 'string') return null;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) return null;
  if (typeof sha256 !== 'string' || !HEX.test(sha256) || !isTime(issued_on) || !isTime(expires_on)) return null;
  if (!Array.isArray(certificates) || !certificates.every(isCertificate)) return null;
  if (!Array.isArray(openings) || !openings.every(isOpening)) return null;
  return { format: 'postern-bundle', zone, zone_name, version, sha256, issued_on, expires_on, certificates, openings };
}

/** The text of a manifest: what is signed is these very bytes. */
export function manifestText(manifest: BundleManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** A time as manifests have it. */
export function manifestTime(at: Instant): string {
  return new Date(at).toISOString();
}

function isCertificate(value: unknown): value is ManifestCertificate {
  if (!isJsonObject(value)) return false;
  const { sha256, subject, expires_on, leaves_on } = value;
  const named = typeof sha256 === 'string' && HEX.test(sha256) && typeof subject === 'string';
  return named && isTime(expires_on) && (leaves_on === null || isTime(leaves_on));
}

function isOpening(value: unknown): value is ManifestOpening {
  return isJsonObject(value) && typeof value['hostname'] === 'string' && isTime(value['until']);
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && value.length < 40 && !Number.isNaN(Date.parse(value));
}
