/** What the audit log calls things, in words: who reads it did not write the code. Grouped as they are chosen from. */
export const ACTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Zones: {
    create_zone: 'Created the zone',
    edit_zone: 'Paused or resumed the zone',
    delete_zone: 'Deleted the zone',
    set: 'Changed settings',
  },
  DNS: {
    create_record: 'Added a record',
    update_record: 'Changed a record',
    delete_record: 'Deleted a record',
    batch_records: 'Changed several records',
  },
  'Origin pulls': {
    add_certificate: 'Uploaded a client certificate',
    issue_certificate: 'Issued a client certificate',
    delete_certificate: 'Deleted a client certificate',
    request_certificate: 'Asked for a signing request',
    withdraw_certificate_request: 'Withdrew a signing request',
    answer_certificate_request: 'Answered a signing request',
    associate: 'Assigned certificates to hostnames',
    open_lock: 'Opened a lock for a while',
    close_lock: 'Closed a lock',
    settle_openings: 'Saw locks closed again',
    set_look_paths: 'Changed what looks ask for',
    pause_looks: 'Paused looks at locks',
    resume_looks: 'Resumed looks at locks',
    mint_probe_credentials: 'Got certificates to try locks',
    begin_setup: 'Began a set-up',
    update_setup: 'Changed a set-up',
    finish_setup: 'Finished a set-up',
    dismiss_setup: 'Gave up a set-up',
  },
  'Authority and rotation': {
    start_rotation: 'Started a rotation',
    move_rotation: 'Moved a rotation on',
    steer_rotation: 'Steered a rotation',
    renew_within_rotation: 'Renewed within a rotation',
    revoke_certificate: 'Revoked a certificate',
    revoke_intermediate: 'Revoked an intermediate CA',
    forget_revocations: 'Dropped ended revocations',
    forget_root_key: 'Let go of a root key',
    restore_root_key: 'Brought a root key back',
    renew_shared: 'Renewed the shared identity',
  },
  'Visitors and origins': {
    add_custom_certificate: 'Uploaded an edge certificate',
    replace_custom_certificate: 'Replaced an edge certificate',
    delete_custom_certificate: 'Deleted an edge certificate',
    prioritize_custom_certificates: 'Ordered edge certificates',
    require_visitors: 'Required visitor certificates',
    drop_visitor_authorities: 'Stopped requiring visitor certificates',
    add_origin_certificate: 'Issued an origin certificate',
    revoke_origin_certificate: 'Revoked an origin certificate',
    trust_ca: 'Trusted a CA of origins',
    distrust_ca: 'Stopped trusting a CA of origins',
    renew_visitor_ca: 'Renewed the visitor CA',
    renew_visitor_certificate: 'Renewed a visitor certificate',
  },
  Protection: {
    put_access_rule: 'Set an access rule',
    delete_access_rule: 'Deleted an access rule',
    put_rate_limit: 'Set a rate limit',
    delete_rate_limit: 'Deleted a rate limit',
  },
  'Access and installation': {
    sign_in: 'Signed in',
    sign_out: 'Signed out',
    end_sessions: 'Ended sessions of a token',
    create_token: 'Made a token',
    update_token: 'Changed a token',
    roll_token: 'Rolled a token',
    revoke_token: 'Revoked a token',
    create_account: 'Created an account',
    update_account: 'Changed an account',
    delete_account: 'Deleted an account',
    create_notice_channel: 'Added a notice channel',
    update_notice_channel: 'Changed a notice channel',
    delete_notice_channel: 'Deleted a notice channel',
    roll_notice_channel: 'Gave a channel another secret',
    update_edge_addresses: 'Changed the edge addresses',
    take_backup: 'Took a backup',
    restore_backup: 'Restored a backup',
    reseal_keys: 'Sealed all keys anew',
  },
};

const WORDS: Readonly<Record<string, string>> = Object.assign({}, ...Object.values(ACTIONS));

/** An action in words; one that this page does not know says its own name. */
export function actionText(action: string): string {
  const words = Object.hasOwn(WORDS, action) ? WORDS[action] : undefined;
  if (words !== undefined) return words;
  const text = action.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
