import type { Place } from '../../server/place.ts';
import type { Listener } from '../../server/virtual-host.ts';

/** A configuration of Caddy, in either of its languages. */
export interface CaddyModel {
  readonly servers: readonly CaddyServer[];
  /** Places that were not understood, and why. */
  readonly unread: readonly { readonly place: Place; readonly why: string }[];
}

/** What listens at some sockets, and answers there. */
export interface CaddyServer {
  readonly place: Place;
  readonly listeners: readonly Listener[];
  readonly tls: boolean;
  /** In their order: the first that fits the name in the handshake. Behind them stands one that asks for nothing. */
  readonly policies: readonly Policy[];
  readonly routes: readonly Route[];
  /** What answers where a route ends in an error. */
  readonly errors: readonly Route[];
  /** A request for another name than that of the handshake is refused; null where Caddy decides. */
  readonly strict: boolean | null;
}

/** How handshakes for some names go; for every name where there are none. */
export interface Policy {
  readonly names: readonly string[];
  readonly auth: ClientAuth | null;
  readonly place: Place;
  /** `tls1.2` and so on; null where it is not said. */
  readonly minimum: string | null;
  readonly maximum: string | null;
  /** A part of it was not understood. */
  readonly unclear: boolean;
}

const MODES = ['request', 'require', 'verify_if_given', 'require_and_verify'] as const;

export type Mode = (typeof MODES)[number];

/** The mode that is written, or what Caddy does where none is. */
export function modeOf(written: string | null, { trusted, leaves }: Pick<ClientAuth, 'trusted' | 'leaves'>): Mode {
  const implied = trusted.length > 0 || leaves ? 'require_and_verify' : 'require';
  return MODES.find((mode) => mode === written) ?? implied;
}

/** `client_auth`. */
export interface ClientAuth {
  readonly place: Place;
  readonly mode: Mode;
  readonly trusted: readonly TrustSource[];
  /** Only certificates that are listed pass. */
  readonly leaves: boolean;
}

/** Where authorities come from. */
export type TrustSource =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly place: Place;
      /** Read where the Caddyfile is: its first certificate alone, and a missing one is an error. */
      readonly firstOnly: boolean;
    }
  | { readonly kind: 'inline'; readonly base64: string; readonly place: Place }
  | { readonly kind: 'elsewhere'; readonly what: string; readonly place: Place };

/** A route: matchers in sets of which one must fit, and what is done then. */
export interface Route {
  readonly place: Place;
  readonly sets: readonly MatcherSet[];
  /** Of the routes of a group, the first that fits is taken. */
  readonly group: string | null;
  readonly terminal: boolean;
  readonly handlers: readonly Handler[];
}

/** Matchers that must all fit. */
export type MatcherSet = readonly Matcher[];

export type Matcher =
  | { readonly kind: 'host'; readonly names: readonly string[] }
  | { readonly kind: 'path'; readonly paths: readonly string[] }
  | { readonly kind: 'expression'; readonly text: string }
  | { readonly kind: 'not'; readonly sets: readonly MatcherSet[] }
  | { readonly kind: 'address'; readonly networks: readonly string[] }
  /** Header fields, arguments, method: the caller's choice. */
  | { readonly kind: 'fields' }
  | { readonly kind: 'scheme'; readonly scheme: string }
  /** Files on the disk: they may be there. */
  | { readonly kind: 'files' }
  | { readonly kind: 'unclear' };

export type Handler =
  | { readonly kind: 'routes'; readonly routes: readonly Route[] }
  | {
      readonly kind: 'content';
      readonly reaches: readonly string[];
      readonly place: Place;
      /** What is done to the request before it is handed on. */
      readonly headers: readonly HeaderOperation[];
    }
  | { readonly kind: 'headers'; readonly operations: readonly HeaderOperation[] }
  | { readonly kind: 'redirect' }
  | { readonly kind: 'refusal'; readonly status: number; readonly isError: boolean; readonly place: Place }
  | { readonly kind: 'root'; readonly path: string }
  | { readonly kind: 'other' };

/** What is done to a field of a request: `request_header`, `header_up`. */
export interface HeaderOperation {
  readonly action: 'set' | 'add' | 'delete' | 'replace';
  /** As it is written; to delete, `*` at either end stands for anything. */
  readonly field: string;
  readonly value: string;
  readonly place: Place;
}

/** Every route, with those inside of others. */
export function* everyRoute(routes: readonly Route[]): Iterable<Route> {
  for (const route of routes) {
    yield route;
    for (const handler of route.handlers) if (handler.kind === 'routes') yield* everyRoute(handler.routes);
  }
}

/** Names that routes are for, or those inside of them. */
export function hostsIn(routes: readonly Route[]): readonly string[] {
  return [...everyRoute(routes)].flatMap(({ sets }) =>
    sets.flat().flatMap((one) => (one.kind === 'host' ? one.names : [])),
  );
}

/** Names that some route of a server is for. */
export function namesOf({ routes, policies }: CaddyServer): readonly string[] {
  return [...new Set([...hostsIn(routes), ...policies.flatMap(({ names }) => names)])].filter(
    (name) => !name.includes('{'),
  );
}

/** Every expression in sets of matchers, also in those that are turned around. */
export function expressionsIn(sets: Route['sets']): readonly string[] {
  return sets.flat().flatMap((one) => {
    if (one.kind === 'expression') return [one.text];
    return one.kind === 'not' ? expressionsIn(one.sets) : [];
  });
}
