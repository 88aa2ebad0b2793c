import type { Get, Got } from '../origin/sync/published.ts';
import type { ApiAccess } from './api.ts';
import { ask, textOf, unreachable } from './exchange.ts';

const WITHIN = 30_000;
const OK = 200;
const NOT_MODIFIED = 304;

/** Asks a control plane for what it publishes, without a token, within half a minute for each file. */
export function publicFiles({ base, trust }: Pick<ApiAccess, 'base' | 'trust'>): Get {
  return async (path, { etag, most }): Promise<Got> => {
    const signal = AbortSignal.timeout(WITHIN);
    try {
      const question = { method: 'GET', url: base + path, token: null, trust, unless: etag };
      const response = await ask(question, { signal });
      const { statusCode, headers } = response;
      if (statusCode === NOT_MODIFIED && etag !== null) {
        response.resume();
        return { kind: 'unchanged' };
      }
      if (statusCode !== OK) {
        response.destroy();
        return { kind: 'silent', because: `${base} answered HTTP ${statusCode} for ${path}` };
      }
      return { kind: 'text', text: await textOf(response, most), etag: headers.etag ?? null };
    } catch (error) {
      const because = signal.aborted ? 'it took longer than 30 seconds' : unreachable(error).because;
      return { kind: 'silent', because: `${base}: ${because}` };
    }
  };
}
