import type { Edge } from '../api/edge.ts';
import { SeverityBadge } from './severity.tsx';

/** How an edge is, in words. */
export function EdgeState({ edge }: { readonly edge: Edge }) {
  const { connected, rejected, lag } = edge;
  if (!connected) return <SeverityBadge severity="critical">Gone</SeverityBadge>;
  if (rejected !== null) return <SeverityBadge severity="critical">Rejects revision {rejected.revision}</SeverityBadge>;
  if (lag > 0)
    return <SeverityBadge severity="warning">{lag === 1 ? '1 revision' : `${lag} revisions`} behind</SeverityBadge>;
  return <SeverityBadge severity="good">Up to date</SeverityBadge>;
}
