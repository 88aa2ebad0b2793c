import { refusingListen, refusingServer } from '../../../../src/domain/nginx-refusing-server.ts';
import { quoted } from '../../api/curl.ts';
import { askNginx, type SoughtBlock } from './nginx-blocks.ts';
import { pasteBlock } from './paste-block.ts';
import { RELOAD_NGINX } from './reload-nginx.ts';

/** The file that refuses them; one for each site, for each has sockets of its own. */
export function unknownNamesFile(hostname: string): string {
  return `/etc/nginx/conf.d/unknown-names-${hostname.replace('*.', 'any.')}.conf`;
}

/**
 * Has nginx refuse names that no site has, on the sockets of a site, for `sh -eu` in which `put` writes files. The server
 * says itself how the site listens. Whatever it does not take is taken out again: what it loads is never worse for it.
 */
export function refuseUnknownNames({ hostname, lines }: SoughtBlock): readonly string[] {
  return [
    `unknown=${quoted(unknownNamesFile(hostname))}`,
    'listens() {',
    ...askNginx(
      { hostname, lines },
      {
        begins: 'count = 0',
        within: 'if (words[1] == "listen") for (i = 3; i <= n; i++) if (words[i] == "ssl") sockets[++count] = words[2]',
        ends: `for (i = 1; i <= count; i++) if (!seen[sockets[i]]++) print "${BEFORE}" sockets[i] "${BEHIND}"`,
      },
    ),
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
    '    case $why in *"duplicate default server"*)',
    '      echo "To have them refused, take default_server out of the listen line named above, and paste this again."',
    '    esac',
    '    nginx -t || { back; exit 1; }',
    '  fi',
    'fi',
  ];
}

/** One text to paste that does it, and has nginx load it. */
export function unknownNamesBlock(hostname: string): string {
  return pasteBlock([], ['nginx -t', ...refuseUnknownNames({ hostname, lines: null }), ...RELOAD_NGINX], true);
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
