import { askNginx } from './nginx-blocks.ts';
import { quoted } from '../../api/curl.ts';

/**
 * A server block without an access_log of its own would write the log of those who are watched alone: has the file of the lock
 * name the usual one as well, which http { } or nginx itself has. For `sh -eu`; the file holds no other log while it enforces.
 */
export function keepUsualLog(hostname: string, lines: string): readonly string[] {
  return [
    '# The log that the site has without the lock, read from what nginx would load: the lines name it as well.',
    'usual() {',
    ...askNginx(
      { hostname, lines },
      {
        begins: 'own = 0',
        within: 'if (words[1] == "access_log") own = 1',
        ends: 'if (!own) bare = 1',
        http: HTTP,
      },
    ).map((line, index, { length }) => (index === length - 1 ? `${END}\n${line}` : line)),
    '}',
    `log=$(nginx -V 2>&1 | sed -n 's/.*--http-log-path=\\([^ ]*\\).*/\\1/p')`,
    `log=$(usual | sed "s|^built in$|access_log \${log:-/usr/local/nginx/logs/access.log};|")`,
    `if [ -n "$log" ] && ! grep -qxF -e "$log" ${quoted(lines)}; then`,
    `  { printf "%s\\n" "$log"; cat ${quoted(lines)}; } > ${quoted(`${lines}.new`)}`,
    `  mv ${quoted(`${lines}.new`)} ${quoted(lines)}`,
    'fi',
  ];
}

const HTTP =
  'if (words[1] == "access_log") { said = 1; if (words[2] != "off") { all = words[1]; for (i = 2; i <= n; i++) all = all " \\"" words[i] "\\""; outer = outer all ";\\n" } }';
const END = 'END { if (bare) { if (said) printf "%s", outer; else print "built in" } }';
