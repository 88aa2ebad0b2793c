import { quoted } from '../../api/curl.ts';

/** A file that a block writes. */
export interface PastedFile {
  readonly path: string;
  readonly text: string;
}

// What was there before is somebody's: a copy of it stays beside the file, where no pattern such as *.conf finds it.
const PUT = [
  'umask 022',
  'now=$(date +%Y%m%d-%H%M%S)',
  'put() {',
  '  if [ -L "$1" ]; then echo "$1 is a link: put the file that it leads to there, or choose another directory." >&2; exit 1; fi',
  '  mkdir -p "$(dirname "$1")"',
  // Nothing that somebody else laid there is written through, and what is there keeps its owner and mode.
  '  rm -f "$1.new"',
  '  if [ -e "$1" ]; then cp -p "$1" "$1.new"; else (set -C; : > "$1.new"); fi',
  '  cat > "$1.new"',
  '  if [ -e "$1" ] && ! cmp -s "$1" "$1.new"; then',
  '    cp -p "$1" "$1.before-$now"',
  '    echo "kept $1.before-$now"',
  '  fi',
  '  mv "$1.new" "$1"',
  '  echo "wrote $1"',
  '}',
];

// For what follows: has all its files be as they were before.
function takenBack(files: readonly PastedFile[]): readonly string[] {
  const paths = files.map(({ path }) => quoted(path)).join(' ');
  const absent = `absent=$(for one in ${paths}; do [ -e "$one" ] || printf '%s\\n' "$one"; done)`;
  const each = [
    `  for one in ${paths}; do`,
    '    if [ -e "$one.before-$now" ]; then mv "$one.before-$now" "$one"; fi',
    '    if printf "%s\\n" "$absent" | grep -qxF -e "$one"; then rm -f "$one"; fi',
    '  done',
  ];
  const [before, within] = files.length === 0 ? [[], []] : [[absent], each];
  return [...before, 'back() {', ...within, '  echo "Nothing was loaded, and every file is as it was before."', '}'];
}

// A file that cannot be written, or a signal, leaves none of the others.
const ALL_OR_NONE = ['trap back EXIT', 'trap "exit 1" HUP INT TERM'];
const DONE = 'trap - EXIT HUP INT TERM';

/**
 * One text to paste into a shell of root: writes the files with their directories, then does what is said, and stops at
 * the first thing that fails. A shell of its own reads it, whole: the one that it is pasted into expands nothing in it,
 * runs nothing before its end came, and stays open where something failed. `puts`: what is done then writes files as well.
 */
export function pasteBlock(
  files: readonly PastedFile[],
  then: readonly string[] = [],
  puts = files.length > 0,
): string {
  const all = [...files.map(({ text }) => text), ...then];
  const helpers = puts ? PUT : [];
  const writes = files.map((file) => written(file, all));
  const whole = puts && then.length > 0 ? [...takenBack(files), ...ALL_OR_NONE, ...writes, DONE] : writes;
  const body = [...helpers, ...whole, ...then];
  const end = delimiter('POSTERN_BLOCK', all);
  return [`sh -eu <<'${end}'`, ...body, end].join('\n');
}

function written({ path, text }: PastedFile, all: readonly string[]): string {
  const put = `put ${quoted(path)}`;
  // A here-document ends every line that it has (POSIX, XCU 2.7.4), and a tab that is typed completes a name.
  if (!text.endsWith('\n') || text.includes('\t')) return `printf %b ${quoted(escaped(text))} | ${put}`;
  const end = delimiter('POSTERN_FILE', all);
  return `${put} <<'${end}'\n${text}${end}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\t', String.raw`\t`);
}

/** A word that is in none of the texts. */
function delimiter(word: string, texts: readonly string[]): string {
  return texts.some((text) => text.includes(word)) ? delimiter(`${word}_`, texts) : word;
}
