import type { Place } from '../../server/place.ts';
import type { CaddyCaller } from './caller.ts';
import { setsHold } from './matcher.ts';
import type { CaddyServer, Handler, HeaderOperation, Route } from './model.ts';

/** How a request ends on one way. */
export interface CaddyOutcome {
  readonly kind: 'content' | 'redirect' | 'refused';
  readonly reaches: readonly string[];
  readonly sure: boolean;
  readonly place: Place;
  /** Through the routes for errors. */
  readonly through: Place | null;
  /** What was done to the request on the way. */
  readonly headers: readonly HeaderOperation[];
}

interface State {
  readonly sure: boolean;
  /** Groups of which a route was taken. */
  readonly groups: ReadonlySet<string>;
  readonly root: string;
  readonly headers: readonly HeaderOperation[];
}

type End =
  | { readonly kind: 'on'; readonly state: State }
  | ({ readonly kind: 'end'; readonly isError: boolean } & {
      readonly outcome: CaddyOutcome;
    });

interface Scene {
  readonly caller: CaddyCaller;
  readonly asks: boolean;
}

const MAX_WAYS = 256;
const MAX_DEPTH = 40;

/** Every way in which a request may end. What no route answers is an empty page. */
export function walk(server: CaddyServer, scene: Scene): readonly CaddyOutcome[] {
  const start: State = { sure: true, groups: new Set(), root: '', headers: [] };
  return along(server.routes, scene, start, 0).flatMap((end) => {
    if (end.kind === 'on') return [nothing(server.place, end.state)];
    if (!end.isError || server.errors.length === 0) return [end.outcome];
    const { place, sure, headers } = end.outcome;
    return along(server.errors, scene, { ...start, sure, headers }, 0).map((after) =>
      after.kind === 'on' ? end.outcome : { ...after.outcome, through: place },
    );
  });
}

function nothing(place: Place, { sure, headers }: State): CaddyOutcome {
  return { kind: 'refused', reaches: [], sure, place, through: null, headers };
}

function along(routes: readonly Route[], scene: Scene, start: State, depth: number): readonly End[] {
  if (depth > MAX_DEPTH) return [{ kind: 'on', state: { ...start, sure: false } }];
  // A group is of these routes alone.
  let ends: readonly End[] = [{ kind: 'on', state: { ...start, groups: new Set() } }];
  for (const route of routes) {
    ends = ends.flatMap((end) => (end.kind === 'on' ? through(route, scene, end.state, depth) : [end]));
    if (ends.length > MAX_WAYS) ends = ends.slice(0, MAX_WAYS).map(unsure);
  }
  return ends.map((end) => (end.kind === 'on' ? { kind: 'on', state: { ...end.state, groups: start.groups } } : end));
}

function unsure(end: End): End {
  if (end.kind === 'on') return { kind: 'on', state: { ...end.state, sure: false } };
  return { ...end, outcome: { ...end.outcome, sure: false } };
}

function through(route: Route, scene: Scene, state: State, depth: number): readonly End[] {
  if (route.group !== null && state.groups.has(route.group)) return [{ kind: 'on', state }];
  const holds = setsHold(route.sets, scene.caller, scene.asks);
  const taken = holds === 'unclear' ? { ...state, sure: false } : state;
  const groups = route.group === null ? taken.groups : new Set([...taken.groups, route.group]);
  const inside = holds === 'no' ? [] : handled(route.handlers, scene, { ...taken, groups }, depth);
  const ended = route.terminal ? inside.map((end) => (end.kind === 'on' ? finished(route, end.state) : end)) : inside;
  return [...ended, ...(holds === 'yes' ? [] : [{ kind: 'on' as const, state: taken }])];
}

function finished({ place }: Route, state: State): End {
  return { kind: 'end', isError: false, outcome: nothing(place, state) };
}

function handled(handlers: readonly Handler[], scene: Scene, start: State, depth: number): readonly End[] {
  let ends: readonly End[] = [{ kind: 'on', state: start }];
  for (const handler of handlers) {
    ends = ends.flatMap((end) => (end.kind === 'on' ? byHandler(handler, scene, end.state, depth) : [end]));
  }
  return ends;
}

function byHandler(handler: Handler, scene: Scene, state: State, depth: number): readonly End[] {
  const { sure, headers } = state;
  const end = (
    outcome: Pick<CaddyOutcome, 'kind' | 'reaches' | 'place'> & Partial<CaddyOutcome>,
    isError = false,
  ): readonly End[] => [{ kind: 'end', isError, outcome: { headers, ...outcome, sure, through: null } }];
  switch (handler.kind) {
    case 'routes':
      return along(handler.routes, scene, state, depth + 1);
    case 'content':
      return end({
        kind: 'content',
        reaches: handler.reaches.map((one) => underRoot(one, state)),
        place: handler.place,
        headers: [...headers, ...handler.headers],
      });
    case 'headers':
      return [{ kind: 'on', state: { ...state, headers: [...headers, ...handler.operations] } }];
    case 'redirect':
      return end({ kind: 'redirect', reaches: [], place: { file: '', line: 0 } });
    case 'refusal':
      return end({ kind: 'refused', reaches: [], place: handler.place }, handler.isError);
    case 'root':
      return [{ kind: 'on', state: { ...state, root: handler.path } }];
    case 'other':
      return [{ kind: 'on', state }];
  }
}

// Where files are, and which site a FastCGI process serves, is said by the root that was met on the way.
function underRoot(reached: string, { root }: State): string {
  return reached === 'files:' || reached.endsWith(' ') ? `${reached}${root}` : reached;
}
