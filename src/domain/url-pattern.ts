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

/** Matches with `*` for any run of characters, by going back to the last star only: linear for each star. */
function glob(pattern: string, text: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let mark = 0;
  while (at < text.length) {
    if (pattern[from] === '*') {
      star = from++;
      mark = at;
    } else if (pattern[from] === text[at]) {
      from++;
      at++;
    } else if (star !== -1) {
      from = star + 1;
      at = ++mark;
    } else return false;
  }
  while (pattern[from] === '*') from++;
  return from === pattern.length;
}
