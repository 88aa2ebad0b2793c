import { readFileSync, statSync } from 'node:fs';
import type { X509Facts } from '../../domain/certificate.ts';
import type { Hostname, Instant } from '../../domain/ids.ts';
import type { BundleManifest } from '../../wire/bundle-manifest.ts';
import { checkUpdate, UPDATE_FAULTS, type UpdateFault } from '../bundle-update.ts';
import { signedOpenings } from '../signed-openings.ts';

/** Until when names are open, as a signed manifest says; or why nobody is told that any is. */
export type Openings =
  | { readonly kind: 'openings'; readonly until: ReadonlyMap<Hostname, Instant>; readonly version: number | null }
  | { readonly kind: 'fault'; readonly because: string };

/** No manifest, no openings. */
export const NONE_OPEN: Openings = { kind: 'openings', until: new Map(), version: null };

/** Where the files lie. */
export interface OpeningFiles {
  readonly bundle: string;
  readonly manifest: string;
  readonly signature: string;
}

const MOST_BYTES = 1024 * 1024;

/** What is believed already. */
interface Believed {
  readonly trusted: readonly X509Facts[];
  /** The newest version that was read; an older one may open what was shut since. */
  readonly version: number | null;
}

/**
 * What a manifest opens, if it is signed by somebody whom these CAs vouch for, has not expired and is about this very bundle.
 * Whatever is wrong with it, it then opens nothing.
 */
export function readOpenings(files: OpeningFiles, { trusted, version }: Believed, now: Instant): Openings {
  try {
    const [bundle, manifest, signature] = [files.bundle, files.manifest, files.signature].map(textOf);
    const update = { bundle: bundle ?? '', manifest: manifest ?? '', signature: signature ?? '' };
    const checked = checkUpdate({ ...update, trusted, zone: null, installed: version }, now);
    if (checked.kind === 'fault') return fault(checked);
    return { kind: 'openings', until: untilOf(checked.manifest), version: checked.manifest.version };
  } catch (error) {
    return { kind: 'fault', because: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
}

function untilOf(manifest: BundleManifest): ReadonlyMap<Hostname, Instant> {
  return new Map(signedOpenings(manifest).map(({ hostname, until }) => [hostname, until]));
}

function fault({ code, detail }: { readonly code: UpdateFault; readonly detail: string }): Openings {
  return { kind: 'fault', because: `${UPDATE_FAULTS[code].text}${detail === '' ? '' : ` (${detail})`}` };
}

function textOf(path: string): string {
  if (statSync(path).size > MOST_BYTES) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
  return readFileSync(path, 'utf8');
}
