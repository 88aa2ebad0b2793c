import type { OriginRequirement } from '../requirement.ts';
import type { Site } from '../site.ts';
import { type Lines, paragraphs, section } from './lines.ts';

/** A site among the others of its server. */
export interface Placed {
  readonly site: Site;
  readonly requirement: OriginRequirement;
  readonly id: string;
  readonly word: string;
}

/** Maps and formats of one site, for `http { … }`. */
export function variables({ site: { trust, mode, content, via }, id, word }: Placed): Lines {
  const pins =
    trust.kind === 'zone'
      ? []
      : section(
          `map $ssl_client_fingerprint $postern_pinned_${id} {`,
          ['default 0;', ...trust.pins.map(({ derSha1, derSha256 }) => `${derSha1} 1; # sha256 ${derSha256}`)],
          '}',
        );
  return paragraphs(
    trust.kind === 'shared'
      ? ['# The pinned certificates, by the SHA-1 fingerprint: nginx knows no other.', ...pins]
      : [],
    trust.kind === 'shared' && mode === 'watch' ? pinnedVerdict(id) : [],
    via !== null && mode === 'watch' && content.kind !== 'static' ? viaOfVerified(trust.kind, id) : [],
    content.kind === 'static' ? [] : forwardingVariables(id),
    mode === 'watch' ? watchLogFormat(word) : [],
  );
}

function pinnedVerdict(id: string): Lines {
  return section(
    `map "$ssl_client_verify:$postern_pinned_${id}" $postern_verified_${id} {`,
    ['default $ssl_client_verify;', '"SUCCESS:0" "FAILED:not a pinned certificate";'],
    '}',
  );
}

function viaOfVerified(kind: Site['trust']['kind'], id: string): Lines {
  const verdict = kind === 'shared' ? `$postern_verified_${id}` : '$ssl_client_verify';
  return section(`map ${verdict} $postern_via_${id} {`, ['default "";', 'SUCCESS edge;'], '}');
}

/** What forwarding needs to keep the connection's and the URL's own. */
export function forwardingVariables(id: string): Lines {
  return [
    '# Only WebSocket may switch protocols: h2c would carry requests past the header rules below.',
    ...section(`map $http_upgrade $postern_upgrade_${id} {`, ['default "";', '"websocket" websocket;'], '}'),
    ...section(`map $http_upgrade $postern_connection_${id} {`, ['default "";', '"websocket" upgrade;'], '}'),
    "# The port of the visitor's URL goes on with the name that chose this server, not with what else Host may say.",
    ...section(`map $http_host $postern_port_${id} {`, ['default "";', '"~(:[0-9]+)$" $1;'], '}'),
  ];
}

/** The line of a log for each request while nobody is refused. */
export function watchLogFormat(word: string): Lines {
  return [
    `log_format postern_watch_${word} '$time_iso8601 verify="$ssl_client_verify" from=$remote_addr '`,
    `  'sni="$ssl_server_name" host="$host" request="$request" subject="$ssl_client_s_dn" issuer="$ssl_client_i_dn" '`,
    `  'agent="$http_user_agent"';`,
  ];
}
