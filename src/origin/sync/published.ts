import { zoneBundlePath, zoneListsPath, zoneManifestPath, zoneSignaturePath } from '../../wire/public-paths.ts';

/** What came of asking for a public file. */
export type Got =
  | { readonly kind: 'text'; readonly text: string; readonly etag: string | null }
  /** RFC 9110 §15.4.5: it is still what the entity tag names. */
  | { readonly kind: 'unchanged' }
  /** RFC 9110 §15.5.5: who answers has no such file. */
  | { readonly kind: 'not_there'; readonly because: string }
  /** Nobody answered, or not as a control plane does. */
  | { readonly kind: 'silent'; readonly because: string };

/** Asks a control plane for a public file, without a token: at most so many bytes, and none where the tag still fits. */
export type Get = (path: string, wish: { readonly etag: string | null; readonly most: number }) => Promise<Got>;

/** The entity tags of what an origin has; `null` where it wants a file whatever it is. */
export interface Tags {
  readonly manifest: string | null;
  readonly lists: string | null;
}

/** What a control plane says of a zone now. */
export type Fetched =
  | {
      readonly kind: 'fetched';
      /** `null`: as before. */
      readonly signed: SignedBundle | null;
      /** `null`: as before, or not asked for. */
      readonly lists: string | null;
      readonly tags: Tags;
    }
  | { readonly kind: 'unknown_zone'; readonly because: string }
  | { readonly kind: 'silent'; readonly because: string };

/** The three files that belong together. */
export interface SignedBundle {
  readonly bundle: string;
  readonly manifest: string;
  readonly signature: string;
}

// As large as the readers of each take; lists of 100,000 entries have 5 MB in PEM.
const MOST = { bundle: 262_144, manifest: 1_048_576, signature: 131_072, lists: 33_554_432 };

/** Fetches what an origin of a zone needs: the manifest first, and the rest only where that says something new. */
export async function fetchPublished(
  get: Get,
  zone: string,
  known: Tags & { readonly wantsLists: boolean },
): Promise<Fetched> {
  const manifest = await get(zoneManifestPath(zone), { etag: known.manifest, most: MOST.manifest });
  if (manifest.kind === 'silent') return manifest;
  if (manifest.kind === 'not_there') return { kind: 'unknown_zone', because: manifest.because };
  const isSame = manifest.kind === 'unchanged';
  const signed = isSame ? null : await rest(get, zone, manifest.text);
  if (signed !== null && 'kind' in signed) return signed;
  const tags = { manifest: isSame ? known.manifest : manifest.etag, lists: null };
  if (!known.wantsLists) return { kind: 'fetched', signed, lists: null, tags };
  // Another bundle wants other lists.
  const lists = await get(zoneListsPath(zone), { etag: isSame ? known.lists : null, most: MOST.lists });
  switch (lists.kind) {
    case 'silent':
      return lists;
    case 'not_there':
      return { kind: 'silent', because: lists.because };
    case 'unchanged':
      return { kind: 'fetched', signed, lists: null, tags: { ...tags, lists: known.lists } };
    case 'text':
      return { kind: 'fetched', signed, lists: lists.text, tags: { ...tags, lists: lists.etag } };
  }
}

async function rest(
  get: Get,
  zone: string,
  manifest: string,
): Promise<SignedBundle | Extract<Fetched, { kind: 'silent' }>> {
  const signature = await get(zoneSignaturePath(zone), { etag: null, most: MOST.signature });
  const bundle = await get(zoneBundlePath(zone), { etag: null, most: MOST.bundle });
  // The manifest was there: whoever has not the rest is no control plane that is well.
  for (const one of [signature, bundle])
    if (one.kind === 'silent' || one.kind === 'not_there') return { kind: 'silent', because: one.because };
  if (signature.kind !== 'text' || bundle.kind !== 'text') return { kind: 'silent', because: NOT_ASKED };
  return { bundle: bundle.text, manifest, signature: signature.text };
}

const NOT_ASKED = 'it answered 304 to a question without a tag';
