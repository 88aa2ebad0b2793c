/** What is told by the stream of events (`GET /postern/v1/events`), by name. */
export const LIVE_EVENTS = [
  'revision_committed',
  'rotation_moved',
  'bundle_changed',
  'lock_seen',
  'callers_reported',
  'notice',
  'account_changed',
  'edge_connected',
  'edge_gone',
  'edge_applied',
  'edge_rejected',
] as const;

export type LiveEventKind = (typeof LIVE_EVENTS)[number];
