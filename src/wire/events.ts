/** How much an event matters: `error` is a fault of the program or its machine, `warn` something that was turned away. */
export type EventLevel = 'debug' | 'info' | 'warn' | 'error';

/** Every event that the program logs, and its level. */
export const EVENTS = {
  ready: 'info',
  draining: 'info',
  ended: 'info',
  undo_failed: 'warn',
  listening_not_written: 'warn',
  installation_created: 'info',
  keys_resealed: 'info',

  api_certificate: 'info',
  api_certificate_doubtful: 'warn',
  api_certificate_ending: 'warn',
  api_certificate_refused: 'warn',
  api_request: 'debug',
  api_sign_in_failed: 'warn',
  api_error: 'error',
  create_token: 'info',
  update_token: 'info',
  roll_token: 'info',
  revoke_token: 'info',
  token_not_stored: 'error',
  create_account: 'info',
  update_account: 'info',
  delete_account: 'info',
  account_not_stored: 'error',
  commit_failed: 'error',
  take_backup: 'info',
  backup_failed: 'error',
  backup_cut_off: 'warn',

  identity_renewed: 'info',
  shared_identity_renewed: 'info',
  visitor_certificate_renewed: 'info',
  renewal_failed: 'warn',
  certificate_ending: 'warn',
  visitor_authority_ending: 'warn',
  key_missing: 'warn',
  key_unreadable: 'warn',
  revocation_list_failed: 'warn',
  revocation_round_failed: 'warn',
  ocsp_failed: 'warn',

  worker_started: 'info',
  worker_ended: 'info',
  worker_lost: 'error',
  worker_hung: 'error',
  reloading: 'info',
  reloaded: 'info',
  reload_failed: 'error',
  visitors_turned_away: 'error',
  log_lost: 'warn',

  edge_connected: 'info',
  edge_carrier_failed: 'warn',
  edge_disconnected: 'warn',
  local_edge_lost: 'warn',
  edge_rejected: 'warn',
  revision_rejected: 'warn',
  snapshot_failed: 'error',

  request: 'info',
  visitor_not_admitted: 'warn',
  visitor_limited: 'warn',
  visitor_limit_simulated: 'info',
  pull_failed: 'warn',
  pull_refused: 'warn',
  pull_repeated: 'info',
  request_refused: 'warn',
  origin_ejected: 'warn',
  origin_back: 'info',
  origin_wants_http1: 'info',
  visitor_cut: 'warn',
  visitor_certificate_unusable: 'warn',
  visitor_tls_too_old: 'warn',
  edge_fault: 'error',
} as const satisfies Readonly<Record<string, EventLevel>>;

/** The level of an event. One that is not in the table is not to be missed: `warn`. */
export function eventLevel(event: string): EventLevel {
  const levels: Readonly<Record<string, EventLevel>> = EVENTS;
  return (Object.hasOwn(levels, event) ? levels[event] : undefined) ?? 'warn';
}
