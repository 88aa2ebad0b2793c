declare const brand: unique symbol;

/** The request header that tells the application what was verified: a token of letters, digits and hyphens. */
export type VerifiedHeader = string & { readonly [brand]: 'VerifiedHeader' };

/**
 * Unless asked for another. `X-` and `-Verified`, because edges and proxies strip that shape from visitors' requests,
 * and no vendor's name but ours, because Cloudflare sends no such header of its own.
 */
export const DEFAULT_VERIFIED_HEADER = 'X-Postern-Verified';

// Each hyphen doubles the spellings that must be removed; the guide's name has four.
const NAME = /^[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+){0,5}$/;
const MAX_NAME = 64;
// Setting one of these to SUCCESS would break the request or hide what the edge says of the visitor.
const TAKEN =
  /^(?:accept.*|authorization|cache-control|cdn-loop|cf-.*|connection|content-.*|cookie|date|expect|forwarded|from|host|if-.*|keep-alive|origin|pragma|proxy.*|range|referer|sec-.*|te|trailer|transfer-encoding|true-client-ip|upgrade|user-agent|via|x-forwarded-.*|x-real-ip)$/i;

/** The header's name, or `null` when it is not one that an application can rely on. */
export function verifiedHeader(text: string): VerifiedHeader | null {
  return text.length <= MAX_NAME && NAME.test(text) && !TAKEN.test(text) ? (text as VerifiedHeader) : null;
}

/**
 * Every other spelling that CGI, WSGI, Rack and PHP fold into the same variable as `name` (RFC 3875 §4.1.18: hyphens
 * become underscores): all mixtures of hyphen and underscore. Case does not matter to nginx and Apache.
 */
export function foldedSpellings(name: string): readonly string[] {
  const [first = '', ...rest] = name.split('-');
  const spellings = rest.reduce<readonly string[]>(
    (sofar, word) => sofar.flatMap((start) => [`${start}-${word}`, `${start}_${word}`]),
    [first],
  );
  return spellings.filter((spelling) => spelling !== name);
}

// What RFC 9110 §5.6.2 allows in a name besides letters and digits.
const MARKS = ['-', '_', '!', '#', '$', '%', '&', "'", '*', '+', '.', '^', '`', '|', '~'];
// From so many hyphens on, the spellings with every mark would be thousands.
const MANY = 3;

/** Whether `markedSpellings` has every spelling of the name. */
export function isShort(name: string): boolean {
  return name.split('-').length <= MANY;
}

/**
 * The same with every mark that a name may hold, for servers that remove by exact name only. Of names with many hyphens just
 * the mixtures of hyphen and underscore, and one mark throughout.
 */
export function markedSpellings(name: string): readonly string[] {
  const [first = '', ...rest] = name.split('-');
  const mixed = isShort(name)
    ? rest.reduce<readonly string[]>(
        (sofar, word) => sofar.flatMap((start) => MARKS.map((mark) => `${start}${mark}${word}`)),
        [first],
      )
    : [...foldedSpellings(name), ...MARKS.map((mark) => name.replaceAll('-', mark))];
  return [...new Set(mixed)].filter((spelling) => spelling !== name);
}
