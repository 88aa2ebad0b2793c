import type { Admission } from '../../domain/admit.ts';
import { isOwnLook, type WatchLine } from '../watch/watch-line.ts';
import type { Caller } from './caller.ts';

/** A request, as far as it tells who came. */
export interface WatchedRequest {
  readonly host: string;
  /** `GET /path`; empty where only bytes are passed on. */
  readonly request: string;
  readonly agent: string;
}

/** What a log of those who are watched would say; `null` where the site refuses who may not come in. */
export function watchedLine(
  caller: Caller,
  admission: Exclude<Admission, { kind: 'deny' }>,
  { host, request, agent }: WatchedRequest,
  now: number,
): WatchLine | null {
  if (caller.site.policy.admit.mode !== 'watch') return null;
  const kind = admission.kind === 'admit' ? 'accepted' : caller.leaf === null ? 'without' : 'foreign';
  return {
    at: now,
    kind: isOwnLook(agent, request) ? 'looks' : kind,
    host,
    sni: caller.name,
    address: caller.address,
    ofLock: true,
  };
}
