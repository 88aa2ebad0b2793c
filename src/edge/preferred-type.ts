/** The kinds of document that the edge can answer with. Where a visitor likes two equally, the earlier. */
const TYPES = [
  { kind: 'text', type: 'text', accepts: (subtype: string) => subtype === 'plain' },
  { kind: 'json', type: 'application', accepts: (subtype: string) => subtype === 'json' || subtype.endsWith('+json') },
  { kind: 'html', type: 'text', accepts: (subtype: string) => subtype === 'html' },
] as const;

export type DocumentKind = (typeof TYPES)[number]['kind'];

/** One range of media types out of an Accept field. */
interface Range {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
}

// Browsers send about ten; whoever sends more than this gets an answer by the first of them.
const MOST_RANGES = 24;
const RANGE = /^([\w!#$%&'*+.^`|~-]{1,64})\/([\w!#$%&'*+.^`|~-]{1,64})$/;
const QUALITY = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * Which kind of document a visitor prefers (RFC 9110 §12.5.1): the most specific range that fits a kind tells its
 * quality. Among equals the one that is named more exactly counts, then the one named first. Text where nothing fits.
 */
export function preferredType(accept: string | undefined): DocumentKind {
  const ranges = (accept ?? '').split(',', MOST_RANGES).flatMap(range);
  const judged = TYPES.map((candidate) => ({ kind: candidate.kind, ...judge(ranges, candidate) }));
  const [best] = judged
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality || b.exactness - a.exactness || a.place - b.place);
  return best?.kind ?? 'text';
}

function range(text: string): readonly Range[] {
  const [media = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const [, type, subtype] = RANGE.exec(media) ?? [];
  if (type === undefined || subtype === undefined) return [];
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(QUALITY.exec(weight)?.[1] ?? 0);
  return [{ type, subtype, quality }];
}

interface Judgement {
  readonly quality: number;
  /** 3 for the type itself, 2 for `text/*`, 1 for anything. */
  readonly exactness: number;
  readonly place: number;
}

function judge(ranges: readonly Range[], candidate: (typeof TYPES)[number]): Judgement {
  let best: Judgement = { quality: 0, exactness: 0, place: 0 };
  for (const [place, { type, subtype, quality }] of ranges.entries()) {
    const exactness = exactnessOf(type, subtype, candidate);
    if (exactness > best.exactness) best = { quality, exactness, place };
  }
  return best;
}

function exactnessOf(type: string, subtype: string, candidate: (typeof TYPES)[number]): number {
  if (type === '*') return subtype === '*' ? 1 : 0;
  if (type !== candidate.type) return 0;
  if (subtype === '*') return 2;
  return candidate.accepts(subtype) ? 3 : 0;
}
