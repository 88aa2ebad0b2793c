import { dirname, isAbsolute, join } from 'node:path';
import {
  type CaddyEffective,
  type CaddyHost,
  type CaddyTree,
  caddyHosts,
  NOT_UNDERSTOOD,
} from '../../server/caddy/hosts.ts';
import { type Place, stopWhy } from '../../server/place.ts';
import type { Listener } from '../../server/virtual-host.ts';
import {
  type CaddyModel,
  type CaddyServer,
  type ClientAuth,
  modeOf,
  type Policy,
  type Route,
  type TrustSource,
} from './model.ts';
import { siteRoutes } from './site-routes.ts';

/** A Caddyfile as Caddy would take it. */
export function fromCaddyfile(given: CaddyTree): CaddyModel {
  const tree = withBraces(given);
  const hosts = caddyHosts(tree);
  const strict = strictIn(tree);
  const sockets = new Map(hosts.flatMap(({ listeners }) => listeners).map((one) => [`${one.host} ${one.port}`, one]));
  return {
    servers: [...sockets.values()].filter(({ family }) => family !== 'unix').map((one) => serverAt(one, hosts, strict)),
    unread: tree.stops.map((one) => ({ place: one.place, why: stopWhy(one) })),
  };
}

// A file for one site needs no braces: its first line is the address.
function withBraces(tree: CaddyTree): CaddyTree {
  const isOption = ({ words, inner }: CaddyEffective) => words.length === 0 && inner !== null;
  const rest = tree.effective.filter((line) => !isOption(line));
  const [first, ...lines] = rest;
  if (first === undefined || first.inner !== null || !/[.:]|^localhost/.test(first.words[0] ?? '')) return tree;
  return { ...tree, effective: [...tree.effective.filter(isOption), { ...first, inner: lines }] };
}

function strictIn({ effective }: CaddyTree): boolean | null {
  const options = effective
    .filter(({ words, inner }) => words.length === 0 && inner !== null)
    .flatMap(({ inner }) => inner ?? []);
  const servers = options.filter(({ words }) => words[0] === 'servers').flatMap(({ inner }) => inner ?? []);
  const line = servers.findLast(({ words }) => words[0] === 'strict_sni_host');
  return line === undefined ? null : line.words[1] !== 'insecure_off';
}

function serverAt(socket: Listener, hosts: readonly CaddyHost[], strict: boolean | null): CaddyServer {
  const isHere = (one: Listener) => one.host === socket.host && one.port === socket.port;
  const here = hosts.filter(({ listeners }) => listeners.some(isHere)).toSorted(bySpecificity);
  const tls = here.some(({ listeners }) => listeners.some((one) => isHere(one) && one.tls));
  const levels = here.map(({ block }) => block.inner ?? []);
  return {
    place: here[0]?.place ?? socket.place,
    listeners: [{ ...socket, tls }],
    tls,
    policies: tls ? here.map(policyOf) : [],
    routes: here.map(routeOf),
    errors: here.flatMap((host, index) => errorsOf(host, levels[index] ?? [])),
    strict,
  };
}

// Exact names before wildcards, and what is for every name last.
function bySpecificity(a: CaddyHost, b: CaddyHost): number {
  const weight = ({ names }: CaddyHost) => (names.length === 0 ? 2 : names.some((name) => name.includes('*')) ? 1 : 0);
  return weight(a) - weight(b);
}

function routeOf(host: CaddyHost): Route {
  const routes = siteRoutes(host.block.inner ?? []);
  const unclear = host.unclear === null ? [] : [{ kind: 'unclear' as const }];
  const named = host.names.length === 0 ? [] : [{ kind: 'host' as const, names: host.names }];
  const set = [...named, ...unclear];
  return {
    place: host.place,
    sets: set.length === 0 ? [] : [set],
    group: null,
    terminal: true,
    handlers: [{ kind: 'routes', routes }],
  };
}

function errorsOf(host: CaddyHost, level: readonly CaddyEffective[]): readonly Route[] {
  const blocks = level.filter(({ words }) => words[0] === 'handle_errors');
  return blocks.map(({ place, inner }) => ({
    ...routeOf(host),
    place,
    handlers: [{ kind: 'routes', routes: siteRoutes(inner ?? []) }],
  }));
}

function policyOf(host: CaddyHost): Policy {
  const tls = (host.block.inner ?? []).filter(({ words }) => words[0] === 'tls').flatMap(({ inner }) => inner ?? []);
  const auth = tls.filter(({ words }) => words[0] === 'client_auth');
  const protocols = tls.findLast(({ words }) => words[0] === 'protocols')?.words;
  return {
    names: host.names,
    auth:
      auth.length === 0
        ? null
        : authOf(
            auth.flatMap(({ inner }) => inner ?? []),
            auth[0]?.place ?? host.place,
          ),
    place: host.place,
    minimum: protocols?.[1] ?? null,
    maximum: protocols?.[2] ?? null,
    unclear: host.unclear !== null,
  };
}

function authOf(lines: readonly CaddyEffective[], place: Place): ClientAuth {
  const mode = lines.findLast(({ words }) => words[0] === 'mode')?.words[1] ?? null;
  const trusted = lines.flatMap(trustedIn);
  const leaves = lines.some(
    ({ words }) =>
      words[0]?.startsWith('trusted_leaf_cert') === true || (words[0] === 'verifier' && words[1] === 'leaf'),
  );
  return { place, mode: modeOf(mode, { trusted, leaves }), trusted, leaves };
}

function trustedIn({ words, inner, place }: CaddyEffective): readonly TrustSource[] {
  const [name, ...args] = words;
  if (name === NOT_UNDERSTOOD) return [{ kind: 'elsewhere', what: 'an import', place }];
  if (name === 'trusted_ca_cert') return [{ kind: 'inline', base64: args[0] ?? '', place }];
  if (name === 'trusted_ca_cert_file') return [fileAt(args[0] ?? '', place, true)];
  if (name !== 'trust_pool') return [];
  const [provider = '', ...files] = args;
  if (provider === 'file') {
    const more = (inner ?? []).filter((line) => line.words[0] === 'pem_file');
    return [
      ...files.map((path) => fileAt(path, place, false)),
      ...more.flatMap((line) => line.words.slice(1).map((path) => fileAt(path, line.place, false))),
    ];
  }
  if (provider !== 'inline') return [{ kind: 'elsewhere', what: `trust_pool ${provider}`, place }];
  if ((inner ?? []).some((line) => line.words[0] === NOT_UNDERSTOOD))
    return [{ kind: 'elsewhere', what: 'an import', place }];
  const ders = (inner ?? []).filter((line) => line.words[0] === 'trust_der');
  return ders.flatMap((line) =>
    line.words.slice(1).map((base64) => ({ kind: 'inline' as const, base64, place: line.place })),
  );
}

function fileAt(path: string, place: Place, firstOnly: boolean): TrustSource {
  if (path.includes('{')) return { kind: 'elsewhere', what: path, place };
  // Relative ones start where Caddy is started, mostly beside its file.
  return { kind: 'file', path: isAbsolute(path) ? path : join(dirname(place.file), path), place, firstOnly };
}
