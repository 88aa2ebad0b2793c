import type { Route } from '../route.ts';

const VERBS = { POST: 'create', PUT: 'replace', PATCH: 'edit', DELETE: 'delete' } as const;

/**
 * A name for a call that programs can use as a function's, from its method and path alone: `listZoneDnsRecords`,
 * `editZoneDnsRecord`. What Postern adds begins with `Postern` after the verb.
 */
export function operationId({ method, path, returns: { shape } }: Pick<Route, 'method' | 'path' | 'returns'>): string {
  const reads = shape.kind === 'list' || shape.kind === 'page' || shape.kind === 'cursor' ? 'list' : 'get';
  const verb = method === 'GET' ? reads : VERBS[method];
  const segments = path.replace('/client/v4/', '/').replace('/postern/v1/', '/postern/').split('/').filter(Boolean);
  const last = segments.length - 1;
  const words = segments.flatMap((segment, index) => {
    if (segment.startsWith(':')) return [];
    // One of many is meant where an id follows, and where one is made.
    const single = segments[index + 1]?.startsWith(':') === true || (method === 'POST' && index === last);
    return [single ? segment.replace(/s$/, '') : segment];
  });
  return verb + words.map(capitals).join('');
}

function capitals(segment: string): string {
  return segment
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
