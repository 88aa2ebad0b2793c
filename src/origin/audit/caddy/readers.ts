import { type CaddyServer, everyRoute, hostsIn, namesOf, type Route } from './model.ts';

/** A server with its names, and which of them may read what. */
export interface CaddyLayout {
  readonly names: readonly string[];
  readonly readers: ReadonlyMap<string, readonly string[]>;
}

/** Lays a server out once, so that who reads the same is found without asking for every name. */
export function layoutOf(server: CaddyServer): CaddyLayout {
  const readers = new Map<string, string[]>();
  for (const route of server.routes) {
    const names = hostsIn([route]);
    for (const read of readsOf(route)) readers.set(read, [...(readers.get(read) ?? []), ...names]);
  }
  return { names: namesOf(server), readers };
}

function readsOf(route: Route): ReadonlySet<string> {
  const handlers = [...everyRoute([route])].flatMap((one) => one.handlers);
  const roots = ['', ...handlers.flatMap((one) => (one.kind === 'root' ? [one.path] : []))];
  const reaches = handlers.flatMap((one) => (one.kind === 'content' ? one.reaches : []));
  return new Set(
    reaches.flatMap((one) => (one === 'files:' || one.endsWith(' ') ? roots.map((root) => `${one}${root}`) : [one])),
  );
}

/** Names under which some of this may be read. */
export function readersOf({ readers }: CaddyLayout, content: ReadonlySet<string>): readonly string[] {
  return [...new Set([...content].flatMap((one) => readers.get(one) ?? []))];
}
