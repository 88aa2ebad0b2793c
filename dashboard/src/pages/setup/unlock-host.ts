import { quoted } from '../../api/curl.ts';
import { pasteBlock } from './paste-block.ts';
import { unknownNamesFile } from './unknown-names.ts';

interface Locked {
  readonly hostname: string;
  /** The file that the virtual host includes. */
  readonly lines: string;
  /** Files beside it, which nothing else reads. */
  readonly besides: readonly string[];
  /** Whom it believes: other locks may name the same file. */
  readonly bundles: readonly string[];
}

/**
 * One text to paste that takes a lock of copied lines out of nginx again: the line in each server block that includes them, what
 * refuses names that no site has, and the lines themselves. Where nginx does not take what is left, all is put back. A bundle goes
 * last, once nothing names it.
 */
export function unlockNginx({ hostname, lines, besides, bundles }: Locked): string {
  const files = [unknownNamesFile(hostname), lines, ...besides].map(quoted).join(' ');
  const line = `include "${lines}";`.replaceAll(/[.*[\]^$\\|]/g, String.raw`\$&`);
  return pasteBlock(
    [],
    [
      'kept=$(mktemp -d)',
      "IFS='\n'",
      'sites=',
      "for one in $(nginx -T 2> /dev/null | sed -n 's/^# configuration file \\(.*\\):$/\\1/p'); do",
      `  if grep -qF ${quoted(`include "${lines}";`)} "$one"; then sites="$sites$one$IFS"; fi`,
      'done',
      'put_back() {',
      '  n=0',
      '  for one in $sites; do n=$((n + 1)); cat "$kept/site-$n" > "$one"; done',
      `  for one in ${files}; do if [ -e "$kept$one" ]; then cp -p "$kept$one" "$one"; fi; done`,
      '  echo "Nothing was loaded, and every file is as it was before. Copies are in $kept."',
      '}',
      'n=0',
      'for one in $sites; do n=$((n + 1)); cp -p "$one" "$kept/site-$n"; done',
      // Whatever ends this from here on, a signal or a full disk, ends it with everything as it was.
      'trap put_back EXIT',
      'trap "exit 1" HUP INT TERM',
      'n=0',
      'for one in $sites; do',
      '  n=$((n + 1))',
      `  sed ${quoted(`\\|^[[:space:]]*${line}[[:space:]]*$|d; s|${line}||`)} "$kept/site-$n" > "$kept/without"`,
      '  cat "$kept/without" > "$one"',
      '  echo "taken out of $one"',
      'done',
      `for one in ${files}; do`,
      '  [ -e "$one" ] || continue',
      '  mkdir -p "$kept$(dirname "$one")"',
      '  mv "$one" "$kept$one"',
      '  echo "removed $one"',
      'done',
      'nginx -t',
      'trap - EXIT HUP INT TERM',
      'nginx -s reload',
      'rm -r "$kept"',
      ...leavesNoBundle(bundles),
      ...tellsCopies([unknownNamesFile(hostname), lines, ...besides, ...bundles]),
    ],
  );
}

// Another lock, or what keeps the file current, may name it still: then it is no file of this lock alone.
function leavesNoBundle(bundles: readonly string[]): readonly string[] {
  return bundles.flatMap((bundle) => {
    const path = quoted(bundle);
    return [
      `if [ ! -e ${path} ]; then :`,
      `elif { nginx -T 2> /dev/null; cat /etc/systemd/system/*.service 2> /dev/null; } | grep -F ${path} > /dev/null; then`,
      `  echo "left, for something names it: "${path}`,
      'else',
      `  rm ${path}`,
      `  echo "removed "${path}`,
      'fi',
    ];
  });
}

function tellsCopies(files: readonly string[]): readonly string[] {
  return [
    `for one in ${files.map(quoted).join(' ')}; do`,
    '  for copy in "$one".before-*; do if [ -e "$copy" ]; then echo "left, a copy of before: $copy"; fi; done',
    'done',
  ];
}
