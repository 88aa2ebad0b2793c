import type { X509Facts } from '../../domain/certificate.ts';
import { type Fingerprint, fingerprint, type Instant } from '../../domain/ids.ts';
import { readBundle } from '../../pki/bundle.ts';
import { PkiError } from '../../pki/pki-error.ts';
import type { BundleManifest } from '../../wire/bundle-manifest.ts';
import { checkUpdate, UPDATE_FAULTS } from '../bundle-update.ts';
import { checkListUpdate, LIST_FAULTS, type ListOfCa, type ListUpdate } from '../lists-update.ts';
import type { SignedBundle } from './published.ts';

/** Why an origin keeps what it has: code → sentence, and what to do. */
export const SYNC_FAULTS = {
  ...UPDATE_FAULTS,
  ...LIST_FAULTS,
  nothing_trusted: {
    text: 'Nothing says whom this origin may believe',
    fix: "Learn the fingerprint of the zone's root by another way, and give it once: --trust sha256:….",
  },
  pin_not_found: {
    text: 'The bundle does not hold the root that was named',
    fix: 'Compare the fingerprint; after a rotation of the root it is another one.',
  },
  version_unknown: {
    text: 'Nobody knows which version is installed, and this bundle was signed before the installed file was written',
    fix: 'It may be an old one. Compare the fingerprint of the root by another way, and give it once: --trust sha256:….',
  },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

type SyncFault = keyof typeof SYNC_FAULTS;

/** What an origin has of a zone. */
export interface Known {
  readonly zone: string;
  /** The file as it is; `null` where there is none. */
  readonly bundle: string | null;
  /** When that was written. */
  readonly bundleWritten: Instant | null;
  /** The newest version that was ever installed; `null` where nobody knows. */
  readonly version: number | null;
  /** CAs that are known to have been trusted: for a file that was damaged. */
  readonly trusted: readonly Fingerprint[];
  /** What somebody says on the command line, for this run: these roots too. */
  readonly pins: readonly Fingerprint[];
}

/** A bundle that may be installed, or why not. */
export type Judged =
  | { readonly kind: 'good'; readonly manifest: BundleManifest; readonly cas: readonly X509Facts[] }
  | Refused;

interface Refused {
  readonly kind: 'fault';
  readonly code: SyncFault;
  readonly detail: string;
}

/** Whether what was fetched may take the place of what is there: from nothing but the files and what is believed already. */
export function judgeBundle(fetched: SignedBundle, known: Known, now: Instant): Judged {
  const present = known.bundle === null ? null : bundleCas(known.bundle);
  const trusted = believed(fetched.bundle, present, known);
  if (trusted.length === 0) {
    const nothing = known.pins.length === 0 && known.trusted.length === 0;
    return { kind: 'fault', code: nothing ? 'nothing_trusted' : 'pin_not_found', detail: '' };
  }
  const { zone, version } = known;
  const checked = checkUpdate({ ...fetched, trusted, zone, installed: version }, now);
  if (checked.kind === 'fault') return checked;
  const { manifest, certificates } = checked;
  const isNew = known.bundle !== fetched.bundle;
  if (version === null && isNew && known.pins.length === 0 && isOlderThanFile(manifest, known)) {
    return { kind: 'fault', code: 'version_unknown', detail: manifest.issued_on };
  }
  return { kind: 'good', manifest, cas: certificates };
}

/** Lists for a bundle that was judged good: all of its CAs', or a reason. */
export function judgeLists(
  lists: string,
  known: Pick<ListUpdate, 'cas' | 'installed' | 'published'>,
  now: Instant,
): { readonly kind: 'good'; readonly text: string; readonly lists: readonly ListOfCa[] } | Refused {
  return checkListUpdate({ lists, ...known }, now);
}

/** The CAs of a bundle's text; `null` where it is none. */
export function bundleCas(text: string): readonly X509Facts[] | null {
  try {
    return readBundle(text);
  } catch (error) {
    if (error instanceof PkiError) return null;
    throw error;
  }
}

/** `sha256:…` as people are given it, or the bare digest. */
export function readPin(text: string): Fingerprint | null {
  return fingerprint(text.replace(/^sha256:/i, ''));
}

// What is fetched is not believed because it says so: of it only what was named before, by its whole certificate.
function believed(fetched: string, present: readonly X509Facts[] | null, known: Known): readonly X509Facts[] {
  const named = present === null ? [...known.pins, ...known.trusted] : known.pins;
  const own = named.length === 0 ? [] : (bundleCas(fetched) ?? []).filter((ca) => named.includes(ca.fingerprint));
  return [...(present ?? []), ...own];
}

function isOlderThanFile({ issued_on }: BundleManifest, { bundleWritten }: Known): boolean {
  return bundleWritten !== null && Date.parse(issued_on) <= bundleWritten;
}
