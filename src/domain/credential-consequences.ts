import type { ConsequenceRow } from './consequence-row.ts';

/** What a change of tokens, or of ways out for notices, may mean. */
export const CREDENTIAL_CONSEQUENCES = {
  token_refused: {
    severity: 'stop',
    text: 'Whatever uses the token is refused from then on, and its open event streams end',
    fix: 'Give whatever uses it another token first.',
  },
  token_is_own: {
    severity: 'stop',
    text: 'It is the token that you ask with',
    fix: 'Have another one at hand that may do what you need.',
  },
  token_last_manager: {
    severity: 'stop',
    text: 'No other token that it may see can manage tokens',
    fix: 'Make another token with tokens:edit first.',
  },
  sessions_end: {
    severity: 'warning',
    text: 'Who signed in to the dashboard with it is signed out',
    fix: 'Tell them, if they are in the middle of something.',
  },
  token_may_less: {
    severity: 'stop',
    text: 'Calls with the token that need what it loses are refused',
    fix: 'See in the audit log what it does.',
  },
  token_may_more: {
    severity: 'warning',
    text: 'Whoever has the token may do more than before',
    fix: 'Rather make another token for what is new.',
  },
  notices_unheard: {
    severity: 'stop',
    text: 'No other channel takes all of these notices: some are not sent to anybody any more',
    fix: 'Have another channel take them first.',
  },
  notices_heard_elsewhere: {
    severity: 'note',
    text: 'Another channel takes the same notices',
    fix: 'Nothing to do.',
  },
  notices_lost: {
    severity: 'warning',
    text: 'What waits in the channel to be delivered is lost',
    fix: 'Wait until it is delivered, or read it in the list of notices.',
  },
  channel_leads_elsewhere: {
    severity: 'warning',
    text: 'Notices are sent to another place than before',
    fix: 'Send a test there afterwards.',
  },
  channel_secret_ends: {
    severity: 'stop',
    text: 'Notices are signed with another secret: who checks them by the present one refuses them',
    fix: 'Have the receiver take both secrets while they change.',
  },
  nothing_lost: {
    severity: 'note',
    text: 'Nothing that works now would stop working',
    fix: 'Nothing to do.',
  },
} as const satisfies Record<string, ConsequenceRow>;
