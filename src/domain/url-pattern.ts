/** Which requests a rule is about: a host and a path, in both of which `*` stands for anything. */
export interface UrlPattern {
  readonly host: string;
  readonly path: string;
}

// Each star may cost one more pass over the text.
const MOST_STARS = 8;

/**
 * Reads `host/path`, as Cloudflare writes it (`*.example.test/login*`; `*` alone is everything; a scheme before it says
 * nothing). `null` where it is none, or names a query: rules look at paths alone.
 */
export function urlPattern(text: string): UrlPattern | null {
  const plain = text.replace(/^(?:https?|\*):\/\//i, '');
  if (plain === '*') return { host: '*', path: '*' };
  const slash = plain.indexOf('/');
  const host = (slash === -1 ? plain : plain.slice(0, slash)).toLowerCase();
  const path = slash === -1 ? '*' : plain.slice(slash);
  if (!/^[a-z0-9_*-]+(?:\.[a-z0-9_*-]+)*$/.test(host) || /[\s?#\\]/.test(path)) return null;
  if (plain.split('*').length - 1 > MOST_STARS) return null;
  return { host, path: path.includes('*') ? foldedPath(path, 'pattern') : comparablePath(path) };
}

/** Whether a request is one that the pattern is about. `path` as `comparablePath` has it. */
export function matchesUrl(
  { host, path }: UrlPattern,
  requested: { readonly host: string; readonly path: string },
): boolean {
  return glob(host, requested.host) && glob(path, requested.path);
}

/**
 * A path as rules compare it: what an application may take for the same is the same here. Escapes are read once, case,
 * doubled and final slashes do not matter, dot segments are walked; the query is no part of it.
 */
export function comparablePath(target: string): string {
  const query = target.indexOf('?');
  return foldedPath(query === -1 ? target : target.slice(0, query), 'path');
}

function foldedPath(path: string, what: 'path' | 'pattern'): string {
  const plain = (what === 'path' ? unescaped(path) : path).replaceAll('\\', '/').toLowerCase();
  const walked: string[] = [];
  for (const segment of plain.split('/')) {
    if (segment === '..') walked.pop();
    else if (segment !== '' && segment !== '.') walked.push(segment);
  }
  return `/${walked.join('/')}`;
}

function unescaped(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/**
 * Matches with `*` for any run of characters: what stands between two stars is looked for where the piece before it ends,
 * first place first. A walk by characters would take the pattern's length for each of them, with all visitors waiting.
 */
function glob(pattern: string, text: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return first === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - at >= last.length && text.endsWith(last);
}
