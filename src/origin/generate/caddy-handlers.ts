import type { Content } from '../upstream.ts';
import type { VerifiedHeader } from '../verified-header.ts';
import { type Lines, section } from './lines.ts';

/** What the name of a header may hold beside letters, digits and hyphens (RFC 9110 §5.6.2). */
const MARKS = "!#$%&'*+.^_`|~".split('');

/** Lines that set the verified header and remove every other spelling of it: of `reverse_proxy`, or of a site. */
export function verdictHeaders(
  name: VerifiedHeader,
  verdict: string,
  directive: 'header_up' | 'request_header' = 'header_up',
): Lines {
  const words = name.split('-');
  const fronts = words.slice(1).map((_word, index) => words.slice(0, index + 1).join('-'));
  return [
    "# The caller's own copies go, with any mark between the words that an application might fold: all that begin so.",
    ...fronts.flatMap((front) => MARKS.map((mark) => `${directive} "-${front}${mark}*"`)),
    "# Always this server's own verdict.",
    `${directive} ${name} ${verdict}`,
  ];
}

/** Requests handed on to an application. */
export function proxied(content: Exclude<Content, { kind: 'static' }>, headers: Lines): Lines {
  const address = content.kind === 'socket' ? `"unix/${content.path}"` : `${content.host}:${content.port}`;
  return [
    '# Only WebSocket may switch protocols; here all choices stand in one text, where a matcher of headers wants one of them.',
    ...section('@no_websocket {', ['not vars_regexp {http.request.header.Upgrade} (?i)^websocket$'], '}'),
    'request_header @no_websocket -Upgrade',
    ...section(
      `reverse_proxy ${address} {`,
      [
        ...headers,
        '# CGI would take it for its proxy setting.',
        'header_up -Proxy',
        "# What the edge says of the visitor is passed on as it comes, without this server's own addition.",
        'trusted_proxies 0.0.0.0/0 ::/0',
        'header_up X-Forwarded-For "^(.*), [^,]+$" "$1"',
        'flush_interval -1',
        ...section(
          'transport http {',
          [
            'dial_timeout 5s',
            'response_header_timeout 120s',
            '# Less than the 5 seconds after which Node closes an idle connection.',
            'keepalive 4s',
          ],
          '}',
        ),
      ],
      '}',
    ),
  ];
}

/** Files of a directory. */
export function served({ root }: Extract<Content, { kind: 'static' }>): Lines {
  return [
    `root * "${root}"`,
    ...section('@hidden {', ['path */.*', 'not path /.well-known/*'], '}'),
    'error @hidden 404',
    'file_server',
  ];
}
