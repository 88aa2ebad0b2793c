import type { Get, Got } from '../origin/sync/published.ts';
import type { ApiAccess } from './api.ts';
import { ask, textOf, unreachable } from './exchange.ts';

const WITHIN = 30_000;
const OK = 200;
const NOT_MODIFIED = 304;
const NOT_FOUND = 404;

/**
 * Asks a control plane for what it publishes, without a token, within half a minute for each file. One that cannot be reached
 * is not asked again: many locks would wait half a minute each.
 */
export function publicFiles({ base, trust }: Pick<ApiAccess, 'base' | 'trust'>): Get {
  let gone: string | null = null;
  return async (path, { etag, most }): Promise<Got> => {
    if (gone !== null) return { kind: 'silent', because: gone };
    const signal = AbortSignal.timeout(WITHIN);
    try {
      const response = await ask({ method: 'GET', url: base + path, token: null, trust, unless: etag }, { signal });
      const { statusCode, headers } = response;
      if (statusCode === OK) return { kind: 'text', text: await textOf(response, most), etag: headers.etag ?? null };
      response.destroy();
      if (statusCode === NOT_MODIFIED && etag !== null) return { kind: 'unchanged' };
      const kind = statusCode === NOT_FOUND ? 'not_there' : 'silent';
      return { kind, because: `${base} answered HTTP ${statusCode} for ${path}` };
    } catch (error) {
      gone = `${base}: ${signal.aborted ? 'it took longer than 30 seconds' : unreachable(error).because}`;
      return { kind: 'silent', because: gone };
    }
  };
}
