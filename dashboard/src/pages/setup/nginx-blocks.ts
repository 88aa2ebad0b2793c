import { quoted } from '../../api/curl.ts';

/** How the server block of a site is known: by a name that it has, or by a file that it includes. */
export interface SoughtBlock {
  readonly hostname: string;
  readonly lines: string | null;
}

/** What is asked of the configuration that nginx would load, in awk; `words` are those of a directive, `n` how many. */
interface Asked {
  /** At the begin of a server block. */
  readonly begins: string;
  /** At a directive of a server block itself. */
  readonly within: string;
  /** At the end of one that is sought. */
  readonly ends: string;
  /** At a directive of http { } itself. */
  readonly http?: string;
}

/** A command that asks it, for a POSIX shell. Parts of the configuration that a server block includes are not followed. */
export function askNginx({ hostname, lines }: SoughtBlock, asked: Asked): readonly string[] {
  return [
    `nginx -T 2> /dev/null | awk -v name=${quoted(hostname)} -v file=${quoted(lines ?? '')} '`,
    ...NAMES,
    'function took(c) {',
    '  if (c == "{") {',
    '    kinds[++depth] = words[1]',
    `    if (n == 1 && words[1] == "server") { inside = depth; mine = 0; ${asked.begins} }`,
    '  } else if (c == "}") {',
    `    if (depth == inside) { if (mine) { ${asked.ends} } inside = 0 }`,
    '    depth--',
    '  } else if (depth == inside && inside) {',
    '    for (i = 2; i <= n; i++) {',
    '      if (words[1] == "server_name" && names(words[i])) mine = 1',
    '      if (words[1] == "include" && words[i] == file) mine = 1',
    '    }',
    `    ${asked.within}`,
    ...(asked.http === undefined ? [] : ['  } else if (depth == 1 && kinds[1] == "http") {', `    ${asked.http}`]),
    '  }',
    '  n = 0',
    '}',
    ...WORDS,
    "'",
  ];
}

const NAMES = [
  'function names(word) {',
  '  if (substr(word, 1, 2) != "*.") return word == name',
  '  return substr(name, length(name) - length(word) + 2) == substr(word, 2)',
  '}',
];

// Reads words as nginx does (its quotes, comments and variables): a server block may stand on one line.
const WORDS = [
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
