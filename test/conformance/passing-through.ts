import { type Case, get, passed, refused } from './case.ts';

/** A field that is the origin's to judge: it arrives as it was sent. */
function carried(id: string, ...lines: readonly string[]): Case {
  const has = lines.map((line) => `${line.slice(0, line.indexOf(':')).toLowerCase()}${line.slice(line.indexOf(':'))}`);
  return passed(id, get(...lines), { has });
}

const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';
const FUTURE = 'Fri, 01 Jan 2199 00:00:00 GMT';

/** Conditional requests: an edge without a cache hands them on and hands the verdict back. */
export const CAPABILITIES: readonly Case[] = [
  carried('CAP-ETAG-304', 'If-None-Match: "e"'),
  carried('CAP-LAST-MODIFIED-304', `If-Modified-Since: ${DATE}`),
  carried('CAP-ETAG-IN-304', 'If-None-Match: "e"'),
  carried('CAP-INM-PRECEDENCE', 'If-None-Match: "f"', `If-Modified-Since: ${DATE}`),
  carried('CAP-INM-WILDCARD', 'If-None-Match: *'),
  carried('CAP-IMS-FUTURE', `If-Modified-Since: ${FUTURE}`),
  carried('CAP-IMS-INVALID', 'If-Modified-Since: yesterday or so'),
  carried('CAP-INM-UNQUOTED', 'If-None-Match: e'),
  carried('CAP-ETAG-WEAK', 'If-None-Match: W/"e"'),
];

/** Cookies, which are the application's; only bytes that no field may hold are refused. */
export const COOKIES: readonly Case[] = [
  carried('COOK-ECHO', 'Cookie: a=b'),
  refused('COOK-OVERSIZED', get(`Cookie: a=${'b'.repeat(65_536)}`), 431),
  carried('COOK-EMPTY', 'Cookie: '.trimEnd()),
  refused('COOK-NUL', get('Cookie: a=b\0c')),
  refused('COOK-CONTROL-CHARS', get('Cookie: a=\x01\x02\x03')),
  carried('COOK-MANY-PAIRS', `Cookie: ${Array.from({ length: 1_000 }, (_, index) => `k${index}=v`).join('; ')}`),
  carried('COOK-MALFORMED', 'Cookie: ===;;;'),
  carried('COOK-MULTI-HEADER', 'Cookie: a=b', 'Cookie: c=d'),
  carried('COOK-PARSED-BASIC', 'Cookie: foo=bar'),
  carried('COOK-PARSED-MULTI', 'Cookie: a=1; b=2; c=3'),
  carried('COOK-PARSED-EMPTY-VAL', 'Cookie: foo='),
  carried('COOK-PARSED-SPECIAL', 'Cookie: a=hello world; b=x=y'),
];
