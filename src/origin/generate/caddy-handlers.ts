import { IDENTITY_SHAPES } from '../../http1/identity-fields.ts';
import type { OriginRequirement } from '../requirement.ts';
import type { Site } from '../site.ts';
import type { Content } from '../upstream.ts';
import type { VerifiedHeader } from '../verified-header.ts';
import { VIA_HEADER } from '../via-header.ts';
import { type Lines, section } from './lines.ts';

/** What the name of a header may hold beside letters, digits and hyphens (RFC 9110 §5.6.2). */
const MARKS = "!#$%&'*+.^_`|~".split('');

type Application = Exclude<Content, { kind: 'static' }>;

/** What a locked site does with whom it lets in: paragraphs. `verdict` is a text or a placeholder. */
export function lockedHandlers({ content, via, mode, trust, verifiedHeader }: Site, verdict: string): readonly Lines[] {
  if (content.kind === 'static') return [served(content)];
  if (via === 'own') {
    // Every field that could be a copy has gone before.
    const own = [`header_up ${verifiedHeader} ${verdict}`, `header_up ${VIA_HEADER} own`];
    return [withoutForgeries(), proxied(content, own, 'own')];
  }
  const said = verdictHeaders(verifiedHeader, verdict, { others: via === null ? [] : [VIA_HEADER] });
  if (via === null) return [proxied(content, said)];
  if (mode === 'enforce') return [proxied(content, [...said, `header_up ${VIA_HEADER} edge`])];
  // Caddy watches without verifying: only a pin tells that it was the edge.
  if (trust.kind === 'zone') return [proxied(content, [...said, `header_up -${VIA_HEADER}`])];
  return [viaWhere(verdict), proxied(content, said)];
}

/** The verified header where nobody is asked for a certificate. */
export function nothingVerified({ sites }: OriginRequirement): Lines {
  const names = [...new Set(sites.map(({ verifiedHeader }) => verifiedHeader))];
  const told = sites.some(({ via }) => via !== null);
  return [
    ...names.flatMap((name) => verdictHeaders(name, 'NONE')),
    ...(told ? [...withoutCopies([VIA_HEADER]), `header_up -${VIA_HEADER}`] : []),
  ];
}

/** In which block the lines stand: of `reverse_proxy`, or of a site. */
type HeaderDirective = 'header_up' | 'request_header';

/** Lines that set the verified header and remove every other spelling of it, and of others. */
export function verdictHeaders(
  name: VerifiedHeader,
  verdict: string,
  { others = [], directive = 'header_up' }: VerdictOptions = {},
): Lines {
  return [
    ...withoutCopies([name, ...others], directive),
    "# Always this server's own verdict.",
    `${directive} ${name} ${verdict}`,
  ];
}

interface VerdictOptions {
  /** Whose spellings go as well. */
  readonly others?: readonly VerifiedHeader[];
  readonly directive?: HeaderDirective;
}

function withoutCopies(names: readonly VerifiedHeader[], directive: HeaderDirective = 'header_up'): Lines {
  const fronts = names.flatMap((name) => {
    const words = name.split('-');
    return words.slice(1).map((_word, index) => words.slice(0, index + 1).join('-'));
  });
  return [
    "# The caller's own copies go, with any mark between the words that an application might fold: all that begin so.",
    ...[...new Set(fronts)].flatMap((front) => MARKS.map((mark) => `${directive} "-${front}${mark}*"`)),
  ];
}

// Two matchers that exclude each other, since Caddy sorts what has none behind what has one.
function viaWhere(verdict: string): Lines {
  return [
    `@verified expression \`${verdict} == "SUCCESS"\``,
    `@not_verified not expression \`${verdict} == "SUCCESS"\``,
    `request_header @verified ${VIA_HEADER} edge`,
    `request_header @not_verified -${VIA_HEADER}`,
  ];
}

function withoutForgeries(): Lines {
  const { names, prefixes, suffixes } = IDENTITY_SHAPES;
  const known = [...names].filter((name) => !prefixes.some((prefix) => name.startsWith(prefix)));
  return [
    '# Only the edge speaks for visitors: of these callers the server says itself where they come from.',
    '# A mark that is no hyphen folds into the same variable as one: such fields go altogether.',
    ...MARKS.map((mark) => `request_header "-*${mark}*"`),
    ...prefixes.map((prefix) => `request_header -${prefix}*`),
    ...suffixes.map((suffix) => `request_header -*${suffix}`),
    ...known.map((name) => `request_header -${name}`),
  ];
}

/** Requests handed on to an application. */
export function proxied(content: Application, headers: Lines, via: Site['via'] = null): Lines {
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
        ...(via === 'own' ? [] : edgeBelieved()),
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

function edgeBelieved(): Lines {
  return [
    "# What the edge says of the visitor is passed on as it comes, without this server's own addition.",
    'trusted_proxies 0.0.0.0/0 ::/0',
    'header_up X-Forwarded-For "^(.*), [^,]+$" "$1"',
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
