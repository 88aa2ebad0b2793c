import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readBundle } from '../pki/bundle.ts';
import type { HostnameTrust } from '../wire/hostname-trust.ts';
import { EXIT, Failure } from './failure.ts';

/** Where a trust bundle is or shall be. */
export interface BundlePlace {
  readonly path: string;
  /** What the file holds, or shall hold. */
  readonly text: string;
  readonly isNew: boolean;
}

interface PlaceFlags {
  readonly bundle?: string;
  readonly out?: string;
}

/** Where the server will read each bundle, by `bundleKey`. */
export function bundlePlaces(flags: PlaceFlags, trusts: readonly HostnameTrust[]): ReadonlyMap<string, BundlePlace> {
  const byKey = new Map(trusts.map((trust) => [bundleKey(trust), trust]));
  if (flags.bundle !== undefined && byKey.size > 1)
    throw new Failure(
      `--bundle names one file, but ${byKey.size} bundles are needed.`,
      'Leave it out: they are written beside --out, each with the name of its zone.',
    );
  return new Map([...byKey].map(([key, trust]) => [key, bundlePlace(flags, trust)]));
}

/** Hostnames with the same key share a bundle. */
export function bundleKey({ zone, kind }: HostnameTrust): string {
  return kind === 'shared' ? 'shared' : `zone ${zone}`;
}

/** What the file of a bundle is called where nobody says. */
export function bundleFile({ zone, kind }: Pick<HostnameTrust, 'zone' | 'kind'>): string {
  return kind === 'shared' ? 'postern-shared-bundle.pem' : `postern-${zone}-bundle.pem`;
}

// One that is there is checked: a file that would lock wrongly is refused.
function bundlePlace(flags: PlaceFlags, { zone, text, kind }: HostnameTrust): BundlePlace {
  const path = resolve(
    flags.bundle ?? join(flags.out === undefined ? '.' : dirname(flags.out), bundleFile({ zone, kind })),
  );
  if (!existsSync(path)) return { path, text, isNew: true };
  const found = checkedBundle(path);
  const missing = readBundle(text).filter(({ fingerprint }) => !found.known.has(fingerprint));
  if (missing.length > 0) {
    throw new Failure(
      `${path} does not hold ${missing.length} of the CAs that the edge's certificate needs, so the lock would keep the edge out.`,
      `Delete ${basename(path)} to have it written anew, or name another file with --bundle.`,
      EXIT.notGood,
    );
  }
  return { path, text: found.text, isNew: false };
}

function checkedBundle(path: string): { readonly text: string; readonly known: ReadonlySet<string> } {
  try {
    const text = readFileSync(path, 'utf8');
    return { text, known: new Set(readBundle(text).map(({ fingerprint }) => fingerprint)) };
  } catch (error) {
    throw new Failure(
      `${path} is not a usable trust bundle: ${(error as Error).message}.`,
      'Delete it to have it written anew, or name another file with --bundle.',
      EXIT.notGood,
    );
  }
}
