/** What Apache tells the application and its log of who came, and what it keeps callers from telling it. */

import type { Pin } from '../pin.ts';
import { markedSpellings, type VerifiedHeader } from '../verified-header.ts';
import type { Lines } from './lines.ts';

/** True for a pinned certificate: Apache has no fingerprint, but it can hash the certificate's PEM. */
export function pinned(pins: readonly Pin[]): string {
  return `sha1(%{SSL_CLIENT_CERT}) in { ${pins.map(({ pemSha1 }) => `'${pemSha1}'`).join(', ')} }`;
}

/** The verified header with this server's own verdict. */
export function verdictHeader(
  name: VerifiedHeader,
  { mode, pins }: { readonly mode: 'enforce' | 'watch'; readonly pins: readonly Pin[] },
): Lines {
  const verdict = (text: string, condition: string) => `RequestHeader set ${name} "${text}" "expr=${condition}"`;
  return [
    "# Always this server's own verdict: SUCCESS, NONE or FAILED:reason.",
    `RequestHeader set ${name} "%{SSL_CLIENT_VERIFY}s"`,
    ...(mode === 'enforce' ? [] : [verdict('FAILED:unknown authority', "%{SSL_CLIENT_VERIFY} == 'GENEROUS'")]),
    ...(mode === 'enforce' || pins.length === 0
      ? []
      : [verdict('FAILED:not a pinned certificate', `%{SSL_CLIENT_VERIFY} == 'SUCCESS' && !(${pinned(pins)})`)]),
  ];
}

/** The caller's own copies of a header go; `variable` is set for a request that has it in other spellings still. */
export function withoutCopies(name: VerifiedHeader, variable: string): Lines {
  const anyMark = name.replaceAll('-', '[^A-Za-z0-9]');
  return [
    "# The caller's own copies go first, in every spelling that an application folds into the same variable.",
    `RequestHeader unset ${name} early`,
    ...markedSpellings(name).map((spelling) => `RequestHeader unset ${quotedName(spelling)} early`),
    '# With other marks between the words the request is refused: Apache cannot remove a header by pattern. By name first,',
    '# because a pattern looks at the last field that fits alone, and takes an empty one for none.',
    ...(anyMark === name ? [] : [`SetEnvIfNoCase "^${anyMark}$" "." ${variable}`]),
    ...staysAlong([name]),
    '# CGI would take it for its proxy setting.',
    'RequestHeader unset Proxy early',
  ];
}

/** What the caller says of the connection to Apache, Apache applies to what it sends on (RFC 9110 §7.6.1). */
export function staysAlong(names: readonly string[]): Lines {
  return [
    '# Named in Connection, the own word would be dropped on the way to the application.',
    ...names.map((name) => String.raw`RequestHeader edit* Connection "(?i)\b${name}\b" "" early`),
  ];
}

/** Some marks mean something in a line of Apache's. */
function quotedName(name: string): string {
  return /^[A-Za-z0-9_.-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`\'`)}'`;
}

/** The line of a log for each request while nobody is refused. */
export function watchLogFormat(word: string): string {
  const format = [
    '%{%Y-%m-%dT%H:%M:%S%z}t verify=\\"%{SSL_CLIENT_VERIFY}x\\" from=%a sni=\\"%{SSL_TLS_SNI}x\\" host=\\"%{Host}i\\"',
    'request=\\"%r\\" subject=\\"%{SSL_CLIENT_S_DN}x\\" issuer=\\"%{SSL_CLIENT_I_DN}x\\" agent=\\"%{User-Agent}i\\"',
  ].join(' ');
  return `LogFormat "${format}" postern_watch_${word}`;
}
