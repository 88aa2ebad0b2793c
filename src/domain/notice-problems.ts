import type { ProblemRow } from './request-problems.ts';

/** Problems with channels for notices. */
export const NOTICE_PROBLEMS = {
  channel_not_found: {
    code: 10490,
    status: 404,
    text: 'No such channel for notices',
    fix: 'List /postern/v1/notice_channels for the ids that exist.',
  },
  too_many_channels: {
    code: 10491,
    status: 400,
    text: 'There are as many channels for notices as this installation takes',
    fix: 'Delete those that nobody needs, or raise the limit (postern up --limit notice_channels=N).',
  },
  webhook_refused: {
    code: 10492,
    status: 400,
    text: 'Postern does not send notices to this address',
    fix: 'Name an https:// URL without user and password. Private addresses, and http:// to them, need a token with origins:private.',
  },
  no_mail_server: {
    code: 10493,
    status: 400,
    text: 'This Postern has no mail server',
    fix: 'Name one with postern up --smtp, or use a webhook.',
  },
  tested_just_now: {
    code: 10494,
    status: 429,
    text: 'This channel was tested within the last minute',
    fix: 'Look at its deliveries, and wait a minute.',
  },
} as const satisfies Record<string, ProblemRow>;
