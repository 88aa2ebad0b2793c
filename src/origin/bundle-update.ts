import type { X509Facts } from '../domain/certificate.ts';
import type { Instant } from '../domain/ids.ts';
import { bundleSha256, readBundle } from '../pki/bundle.ts';
import { isSignedBy } from '../pki/chain.ts';
import { PkiError } from '../pki/pki-error.ts';
import { type ZoneSignature, zoneSignature } from '../pki/zone-signature.ts';
import { type BundleManifest, readManifest } from '../wire/bundle-manifest.ts';

/** Why a bundle is not installed: code → sentence, and what to do. */
export const UPDATE_FAULTS = {
  manifest_unreadable: { text: 'What is said of the bundle cannot be read', fix: 'Fetch it again.' },
  signature_unreadable: { text: 'The signature cannot be read', fix: 'Fetch it again.' },
  not_signed: {
    text: 'The signature is not of this text',
    fix: 'Fetch both again: one of them may have been replaced meanwhile.',
  },
  signer_unknown: {
    text: 'Nobody whom this origin believes vouches for the signer',
    fix: 'Compare the fingerprint of the new root by another way, then install it with --trust sha256:….',
  },
  ca_unknown: {
    text: 'Who signs while the key of the root is away may not bring in a CA that this origin does not know',
    fix: 'Have the root sign it (postern ca root import), or compare the SHA-256 of the bundle by another way and install it with --trust sha256:….',
  },
  expired: {
    text: 'What is said of the bundle has expired',
    fix: 'Fetch it again; somebody may be handing out an old one.',
  },
  not_yet: {
    text: 'What is said of the bundle is from a time that is still to come',
    fix: 'Set the clock of this machine, or that of the control plane.',
  },
  other_zone: { text: 'The bundle is that of another zone', fix: 'Fetch that of your zone.' },
  older: {
    text: 'The bundle is older than the one installed',
    fix: 'Fetch it again; somebody may be handing out an old one.',
  },
  other_bundle: { text: 'The bundle is not the one that was signed', fix: 'Fetch all three files again.' },
  bundle_unreadable: { text: 'The bundle cannot be read', fix: 'Fetch it again.' },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

export type UpdateFault = keyof typeof UPDATE_FAULTS;

/** A bundle as it was fetched, and what the origin knows. */
export interface BundleUpdate {
  readonly bundle: string;
  readonly manifest: string;
  /** PEM. */
  readonly signature: string;
  /** The CAs that the origin believes now: those of the bundle that it has installed. */
  readonly trusted: readonly X509Facts[];
  /** Id of the zone; `null` where that of the manifest is taken. */
  readonly zone: string | null;
  /** Version of the bundle that is installed; `null` where nobody knows. */
  readonly installed: number | null;
}

/** A bundle that may be installed, or why not. */
export type CheckedUpdate =
  | { readonly kind: 'good'; readonly manifest: BundleManifest; readonly certificates: readonly X509Facts[] }
  | { readonly kind: 'fault'; readonly code: UpdateFault; readonly detail: string };

/** Whether an origin may install a bundle: without asking anybody, from nothing but the files and what it believes already. */
export function checkUpdate(update: BundleUpdate, now: Instant): CheckedUpdate {
  const manifest = readManifest(update.manifest);
  if (manifest === null) return fault('manifest_unreadable');
  const signed = signedBy(update, manifest, now);
  if (signed.kind === 'fault') return signed;
  return stale(update, manifest, now) ?? opened(update, manifest, signed);
}

/** The version of a bundle by the manifest kept beside it; `null` where that is of another one. */
export function bundleVersion(manifest: string, bundle: string): number | null {
  const said = readManifest(manifest);
  return said !== null && said.sha256 === bundleSha256(bundle) ? said.version : null;
}

type Fault = Extract<CheckedUpdate, { kind: 'fault' }>;

function signedBy(
  { manifest: text, signature, trusted }: BundleUpdate,
  manifest: BundleManifest,
  now: Instant,
): ZoneSignature | Fault {
  const signed = zoneSignature({ text, signature, trusted }, now);
  if (signed.kind === 'fault') return fault(FAULTS[signed.code], signed.detail);
  // Zones may have a root in common that somebody brought: a signer speaks for its own zone alone.
  return signed.zone === manifest.zone ? signed : fault('signer_unknown', 'it signs for another zone');
}

const FAULTS = {
  unreadable: 'signature_unreadable',
  of_other_text: 'not_signed',
  not_yet_valid: 'not_yet',
  unknown_signer: 'signer_unknown',
} as const;

/** So much may the clock of an origin run behind. */
const CLOCKS_APART = 3_600_000;

function stale({ zone, installed }: BundleUpdate, manifest: BundleManifest, now: Instant): CheckedUpdate | null {
  if (now < Date.parse(manifest.issued_on) - CLOCKS_APART) return fault('not_yet', manifest.issued_on);
  if (now > Date.parse(manifest.expires_on)) return fault('expired', manifest.expires_on);
  if (zone !== null && manifest.zone !== zone) return fault('other_zone', manifest.zone_name);
  if (installed !== null && manifest.version < installed)
    return fault('older', `${manifest.version} after ${installed}`);
  return null;
}

function opened({ bundle, trusted }: BundleUpdate, manifest: BundleManifest, { ahead }: ZoneSignature): CheckedUpdate {
  if (bundleSha256(bundle) !== manifest.sha256) return fault('other_bundle');
  try {
    const certificates = readBundle(bundle);
    const foreign = ahead ? certificates.find((one) => !isKnown(one, trusted)) : undefined;
    return foreign === undefined ? { kind: 'good', manifest, certificates } : fault('ca_unknown', foreign.subject);
  } catch (error) {
    if (error instanceof PkiError) return fault('bundle_unreadable', error.message);
    throw error;
  }
}

// The key of such a signer lies about for months. Whoever takes it must not be able to make origins believe a CA of theirs.
function isKnown(one: X509Facts, trusted: readonly X509Facts[]): boolean {
  const roots = trusted.filter(({ subject, issuer }) => subject === issuer);
  return (
    trusted.some(({ fingerprint }) => fingerprint === one.fingerprint) || roots.some((root) => isSignedBy(one, root))
  );
}

function fault(code: UpdateFault, detail = ''): Fault {
  return { kind: 'fault', code, detail };
}
