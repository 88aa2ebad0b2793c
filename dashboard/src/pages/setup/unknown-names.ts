import { refusingListen, refusingServer } from '../../../../src/domain/nginx-refusing-server.ts';
import { quoted } from '../../api/curl.ts';
import { newestErrors } from './error-log.ts';
import { pasteBlock } from './paste-block.ts';

/** Which site the names are refused beside. */
interface Beside {
  readonly hostname: string;
  /** The file that its server block includes; `null` where the block is known by its name alone. */
  readonly lines: string | null;
}

/** The file that refuses them; one for each site, for each has sockets of its own. */
export function unknownNamesFile(hostname: string): string {
  return `/etc/nginx/conf.d/unknown-names-${hostname.replace('*.', 'any.')}.conf`;
}

/**
 * Has nginx refuse names that no site has, on the sockets of a site, for `sh -eu` in which `put` writes files. The server
 * says itself how the site listens. Whatever it does not take is taken out again: what it loads is never worse for it.
 */
export function refuseUnknownNames({ hostname, lines }: Beside): readonly string[] {
  return [
    `unknown=${quoted(unknownNamesFile(hostname))}`,
    'listens() {',
    `  nginx -T 2> /dev/null | awk -v name=${quoted(hostname)} -v file=${quoted(lines ?? '')} \\`,
    `    -v before=${quoted(BEFORE)} -v behind=${quoted(BEHIND)} '`,
    ...AWK,
    "  '",
    '}',
    'found=$(listens)',
    'if [ -z "$found" ]; then',
    `  echo ${quoted(`No "listen … ssl" of ${hostname} was found: names that no site has are left as they are.`)}`,
    'else',
    ...written(),
    '  if ! why=$(nginx -t 2>&1); then',
    '    rm "$unknown"',
    '    if [ -e "$unknown.before-$now" ]; then mv "$unknown.before-$now" "$unknown"; fi',
    '    printf "%s\\n" "$why" | grep emerg || true',
    '    echo "Taken out again: $unknown. Names that no site has are left as they are."',
    '    nginx -t || { back; exit 1; }',
    '  fi',
    'fi',
  ];
}

/** One text to paste that does it, and has nginx load it. */
export function unknownNamesBlock(hostname: string): string {
  const errors = newestErrors('nginx', 3) ?? 'true';
  const then = ['nginx -t', ...refuseUnknownNames({ hostname, lines: null }), 'nginx -s reload', 'sleep 1', `${errors} || true`];
  return pasteBlock([], then, true);
}

const LISTENS = '@LISTENS@';

function written(): readonly string[] {
  const lines = refusingServer([LISTENS]).map((line) =>
    line === LISTENS ? '    printf "%s\\n" "$found"' : `    echo ${quoted(line)}`,
  );
  return ['  {', ...lines, '  } | put "$unknown"'];
}

const SOCKET = '@SOCKET@';
const [BEFORE = '', BEHIND = ''] = refusingListen(SOCKET).split(SOCKET);

// Reads words as nginx does (its quotes, comments and variables): a server block may stand on one line.
const AWK = [
  'function names(word) {',
  '  if (substr(word, 1, 2) != "*.") return word == name',
  '  return substr(name, length(name) - length(word) + 2) == substr(word, 2)',
  '}',
  'function took(c) {',
  '  if (c == "{") {',
  '    depth++',
  '    if (n == 1 && words[1] == "server") { inside = depth; mine = 0; count = 0 }',
  '  } else if (c == "}") {',
  '    if (depth == inside) {',
  '      if (mine) for (i = 1; i <= count; i++) if (!seen[sockets[i]]++) print before sockets[i] behind',
  '      inside = 0',
  '    }',
  '    depth--',
  '  } else if (depth == inside) {',
  '    for (i = 2; i <= n; i++) {',
  '      if (words[1] == "server_name" && names(words[i])) mine = 1',
  '      if (words[1] == "include" && words[i] == file) mine = 1',
  '      if (words[1] == "listen" && words[i] == "ssl") sockets[++count] = words[2]',
  '    }',
  '  }',
  '  n = 0',
  '}',
  'function ended() { if (has) words[++n] = word; word = ""; has = 0 }',
  'BEGIN { inside = 0; depth = 0; quote = "" }',
  '{',
  '  line = $0 "\\n"',
  '  for (at = 1; at <= length(line); at++) {',
  '    c = substr(line, at, 1)',
  '    if (c == "\\\\") { word = word c substr(line, ++at, 1); has = 1 }',
  '    else if (quote != "") { if (c == quote) quote = ""; else word = word c }',
  '    else if (!has && (c == "\\"" || c == "\\047")) { quote = c; has = 1 }',
  '    else if (!has && c == "#") break',
  '    else if (c ~ /[ \\t\\r\\n]/) ended()',
  '    else if (c == "{" && word ~ /\\$$/) { word = word c; brace = 1 }',
  '    else if (c == "}" && brace) { word = word c; brace = 0 }',
  '    else if (c ~ /[;{}]/) { ended(); took(c) }',
  '    else { word = word c; has = 1 }',
  '  }',
  '}',
];
