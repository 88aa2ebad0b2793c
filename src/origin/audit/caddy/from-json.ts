import { targetOf } from '../../server/caddy/hosts.ts';
import type { Place } from '../../server/place.ts';
import type { Listener } from '../../server/virtual-host.ts';
import { entries, items, type JsonNode, member, numberOf, parseJsonLines, textOf, textsOf } from './json-lines.ts';
import {
  type CaddyModel,
  type CaddyServer,
  type ClientAuth,
  type Handler,
  type HeaderOperation,
  hostsIn,
  type MatcherSet,
  modeOf,
  type Policy,
  type Route,
  type TrustSource,
} from './model.ts';
import { namedMatcher } from './named-matcher.ts';
import { answer } from './site-routes.ts';

/** A configuration in JSON, as `caddy adapt` writes it. */
export function fromJson(file: string, text: string): CaddyModel {
  const root = parseJsonLines(text);
  if (root === null) return { servers: [], unread: [{ place: { file, line: 1 }, why: 'the text is no JSON' }] };
  const http = member(root, 'apps', 'http');
  const ports = { http: numberOf(member(http, 'http_port')) ?? 80, https: numberOf(member(http, 'https_port')) ?? 443 };
  const servers = entries(member(http, 'servers')).map(([, node]) => serverOf(node, ports, file));
  return { servers, unread: [] };
}

interface Ports {
  readonly http: number;
  readonly https: number;
}

function serverOf(node: JsonNode, ports: Ports, file: string): CaddyServer {
  const place = { file, line: node.line };
  const routes = routesOf(member(node, 'routes'), file);
  const policies = items(member(node, 'tls_connection_policies')).map((one) => policyOf(one, file));
  const sockets = textsOf(member(node, 'listen')).flatMap((one) => socketsOf(one, place));
  const disabled = isTrue(member(node, 'automatic_https', 'disable'));
  const skipped = textsOf(member(node, 'automatic_https', 'skip'));
  const names = hostsIn(routes);
  // Names get certificates by themselves, except where the server listens for plain HTTP alone.
  const managed =
    !disabled && names.some((name) => !skipped.includes(name)) && sockets.some(({ port }) => port !== ports.http);
  const tls = policies.length > 0 || managed;
  const strict = member(node, 'strict_sni_host');
  return {
    place,
    listeners: sockets.map((one) => ({ ...one, tls: tls && one.port !== ports.http })),
    tls,
    policies,
    routes,
    errors: routesOf(member(node, 'errors', 'routes'), file),
    strict: strict === null ? null : isTrue(strict),
  };
}

function isTrue(node: JsonNode | null): boolean {
  return node?.kind === 'scalar' && node.value === true;
}

function socketsOf(text: string, place: Place): readonly Listener[] {
  if (text.startsWith('unix/') || text.startsWith('udp/')) return [];
  const found = /^(?:tcp[46]?\/)?(?:\[(?<six>[^\]]*)\]|(?<host>[^:]*)):(?<from>\d{1,5})(?:-(?<to>\d{1,5}))?$/.exec(
    text,
  )?.groups;
  if (found === undefined) return [];
  const named = found['six'] ?? found['host'] ?? '';
  const host = named === '' || named === '0.0.0.0' ? '*' : named;
  const family = host === '*' ? 'both' : host.includes(':') ? 6 : 4;
  const [from, to] = [Number(found['from']), Number(found['to'] ?? found['from'])];
  const ports = Array.from({ length: Math.min(Math.max(to - from + 1, 1), 100) }, (_, index) => from + index);
  return ports.map((port) => ({
    host,
    port,
    family,
    tls: false,
    isDefault: false,
    quic: false,
    proxied: false,
    place,
  }));
}

function policyOf(node: JsonNode, file: string): Policy {
  const auth = member(node, 'client_authentication');
  return {
    names: textsOf(member(node, 'match', 'sni')).map((name) => name.toLowerCase()),
    auth: auth === null || entries(auth).length === 0 ? null : authOf(auth, file),
    place: { file, line: node.line },
    minimum: textOf(member(node, 'protocol_min')),
    maximum: textOf(member(node, 'protocol_max')),
    unclear: false,
  };
}

function authOf(node: JsonNode, file: string): ClientAuth {
  const place = { file, line: node.line };
  const trusted: TrustSource[] = [
    ...inline(member(node, 'trusted_ca_certs'), file),
    ...files(member(node, 'trusted_ca_certs_pem_files'), file),
    ...pool(member(node, 'ca'), file),
  ];
  const verifiers = items(member(node, 'verifiers')).map((one) => textOf(member(one, 'verifier')));
  const leaves = items(member(node, 'trusted_leaf_certs')).length > 0 || verifiers.includes('leaf');
  return { place, mode: modeOf(textOf(member(node, 'mode')), { trusted, leaves }), trusted, leaves };
}

function pool(node: JsonNode | null, file: string): readonly TrustSource[] {
  const provider = textOf(member(node, 'provider'));
  if (node === null || provider === null) return [];
  if (provider === 'inline') return inline(member(node, 'trusted_ca_certs'), file);
  if (provider === 'file') return files(member(node, 'pem_files'), file);
  return [{ kind: 'elsewhere', what: provider, place: { file, line: node.line } }];
}

function inline(node: JsonNode | null, file: string): readonly TrustSource[] {
  return items(node).map((one) => ({ kind: 'inline', base64: textOf(one) ?? '', place: { file, line: one.line } }));
}

function files(node: JsonNode | null, file: string): readonly TrustSource[] {
  return items(node).map((one) => {
    const place = { file, line: one.line };
    const path = textOf(one) ?? '';
    return path.includes('{')
      ? { kind: 'elsewhere', what: path, place }
      : { kind: 'file', path, place, firstOnly: false };
  });
}

/** The routes of an array. */
function routesOf(node: JsonNode | null, file: string): readonly Route[] {
  return items(node).map((one) => ({
    place: { file, line: one.line },
    sets: items(member(one, 'match')).map(setOf),
    group: textOf(member(one, 'group')),
    terminal: isTrue(member(one, 'terminal')),
    handlers: items(member(one, 'handle')).map((handler) => handlerOf(handler, file)),
  }));
}

function setOf(node: JsonNode): MatcherSet {
  return entries(node).map(([name, value]) =>
    namedMatcher(name, { words: wordsOf(value), sets: () => items(value).map(setOf) }),
  );
}

// A list of texts, one text alone, or either of them as a member.
function wordsOf(node: JsonNode): readonly string[] {
  const alone = textOf(node) ?? textOf(member(node, 'expr'));
  return alone === null ? [...textsOf(node), ...textsOf(member(node, 'ranges'))] : [alone];
}

function handlerOf(node: JsonNode, file: string): Handler {
  const place = { file, line: node.line };
  switch (textOf(member(node, 'handler')) ?? '') {
    case 'subroute':
      return { kind: 'routes', routes: routesOf(member(node, 'routes'), file) };
    case 'reverse_proxy':
      return {
        kind: 'content',
        reaches: targetsOf(node),
        place,
        headers: operationsIn(member(node, 'headers', 'request'), file),
      };
    case 'headers':
      return { kind: 'headers', operations: operationsIn(member(node, 'request'), file) };
    case 'file_server':
      return { kind: 'content', reaches: [`files:${textOf(member(node, 'root')) ?? ''}`], place, headers: [] };
    case 'vars': {
      const root = textOf(member(node, 'root'));
      return root === null ? { kind: 'other' } : { kind: 'root', path: root };
    }
    case 'error':
      return { kind: 'refusal', status: numberOf(member(node, 'status_code')) ?? 500, isError: true, place };
    case 'static_response': {
      const isRedirect = member(node, 'headers', 'Location') !== null;
      if (isRedirect) return { kind: 'redirect' };
      if (isTrue(member(node, 'abort'))) return { kind: 'refusal', status: 0, isError: false, place };
      return answer(numberOf(member(node, 'status_code')) ?? 200, textOf(member(node, 'body')) ?? '', place);
    }
    default:
      return { kind: 'other' };
  }
}

function operationsIn(node: JsonNode | null, file: string): readonly HeaderOperation[] {
  const placed = ({ line }: JsonNode) => ({ file, line });
  const written = (['set', 'add', 'replace'] as const).flatMap((action) =>
    entries(member(node, action)).map(([field, value]) => ({
      action,
      field,
      value: textsOf(value).join(' '),
      place: placed(value),
    })),
  );
  const gone = items(member(node, 'delete')).map((one) => ({
    action: 'delete' as const,
    field: textOf(one) ?? '',
    value: '',
    place: placed(one),
  }));
  return [...written, ...gone];
}

function targetsOf(node: JsonNode): readonly string[] {
  const dials = items(member(node, 'upstreams')).flatMap((one) => targetOf(textOf(member(one, 'dial')) ?? '') ?? []);
  const dynamic = member(node, 'dynamic_upstreams') === null ? [] : ['variable:dynamic'];
  const fastcgi = textOf(member(node, 'transport', 'protocol')) === 'fastcgi';
  // One process serves many sites: which, is said by the directory, here where the walk has met it.
  return [...dials.map((one) => (fastcgi ? `${one} ` : one)), ...dynamic];
}
