/** What is told of a problem, whatever the case: see `PROBLEMS`. */
export interface ProblemRow {
  readonly code: number;
  readonly status: number;
  readonly text: string;
  readonly fix: string;
}

/** Problems with a request itself, whatever it is about: how it was sent, and by whom. */
export const REQUEST_PROBLEMS = {
  bad_body: { code: 6007, status: 400, text: 'The body of the request is not valid', fix: 'Mend the field named.' },
  bad_request: {
    code: 6000,
    status: 400,
    text: 'The request is not valid HTTP',
    fix: 'Send HTTP/1.1 with one Host field.',
  },
  too_slow: {
    code: 6010,
    status: 408,
    text: 'The request did not arrive in time',
    fix: 'Send the header fields within 10 seconds and all of the request within 30.',
  },
  fields_too_large: {
    code: 6011,
    status: 431,
    text: 'The header fields are too large',
    fix: 'Send at most 16 KiB of header fields.',
  },
  bad_query: { code: 6008, status: 400, text: 'A query parameter is not valid', fix: 'Mend the parameter named.' },
  bad_json: {
    code: 6006,
    status: 400,
    text: 'The body is not JSON',
    fix: 'Send one JSON object (or, for bulk settings, an array).',
  },
  body_too_large: { code: 6009, status: 413, text: 'The body is too large', fix: 'Send at most 1 MiB.' },
  bad_authorization: {
    code: 6003,
    status: 400,
    text: 'Invalid request headers',
    fix: 'Send "Authorization: Bearer <token>".',
  },
  no_route: {
    code: 7003,
    status: 404,
    text: 'Could not route to this path, perhaps your object identifier is invalid?',
    fix: 'Check the path and the ids in it; a zone id is 32 hexadecimal digits.',
  },
  no_dashboard: {
    code: 10520,
    status: 404,
    text: 'The dashboard has not been built.',
    fix: 'Run "npm run build:dashboard" in the clone and start Postern again; the API needs nothing of it.',
  },
  method_not_allowed: {
    code: 7001,
    status: 405,
    text: 'Method not allowed for that route',
    fix: 'See the allow header for the methods of this path.',
  },
  unauthenticated: {
    code: 10000,
    status: 401,
    text: 'Authentication error',
    fix: 'Send a valid token; the first one is in the bootstrap-token file of the data directory.',
  },
  forbidden: {
    code: 9109,
    status: 403,
    text: 'Unauthorized to access requested resource',
    fix: 'Use a token that is allowed what is named.',
  },
  beyond_own_rights: {
    code: 9110,
    status: 403,
    text: 'A token cannot grant or manage more than it has itself',
    fix: 'Leave out what is named, or use a token that has it.',
  },
  precondition_failed: {
    code: 10412,
    status: 412,
    text: 'Somebody changed it in the meantime',
    fix: 'Look at what it is now, and send the change again with that ETag in If-Match.',
  },
  too_many_listeners: {
    code: 10431,
    status: 429,
    text: 'Too many listen to events',
    fix: 'End a stream of events that nobody needs.',
  },
  backup_under_way: {
    code: 10432,
    status: 429,
    text: 'Somebody is taking a backup',
    fix: 'Wait until it has ended: one at a time is taken.',
  },
  rate_limited: {
    code: 10430,
    status: 429,
    text: 'Too many requests',
    fix: 'Wait for the time in the retry-after header; ratelimit says what is left.',
  },
  invalid_token: {
    code: 1000,
    status: 401,
    text: 'Invalid API Token',
    fix: 'Send a token that is neither revoked nor expired, whole.',
  },
  missing_token: {
    code: 1001,
    status: 401,
    text: 'Missing API Token',
    fix: 'Send "Authorization: Bearer <token>".',
  },
  token_not_found: { code: 1003, status: 404, text: 'No such token', fix: 'List the tokens for the ids that exist.' },
  session_not_found: {
    code: 10436,
    status: 404,
    text: 'No such session of this token',
    fix: 'List the sessions of the token: one that has ended is not among them.',
  },
  too_many_tokens: {
    code: 1008,
    status: 400,
    text: 'There are as many tokens as this installation takes',
    fix: 'Revoke those that nobody uses, or raise the limit (postern up --limit tokens=N).',
  },
  bad_cookie: {
    code: 10433,
    status: 400,
    text: 'The cookies do not say which session is meant',
    fix: 'Delete the cookies of this host in the browser, then sign in again.',
  },
  bad_sign_in_code: {
    code: 10437,
    status: 401,
    text: 'This address signs in no more',
    fix: 'It works once, for ten minutes. Start "postern up" again for another, or sign in with a token.',
  },
  cross_site: {
    code: 10434,
    status: 403,
    text: 'The request does not come from a page of this Postern',
    fix: "Use Postern's own pages, at the address that they were loaded from; programs send a token and no cookie.",
  },
  csrf_secret_wrong: {
    code: 10435,
    status: 403,
    text: 'A change by cookie needs the secret of its session in X-Postern-CSRF',
    fix: 'Send the "csrf" of GET /postern/v1/session; programs send a token and no cookie.',
  },
  bad_host: {
    code: 10403,
    status: 421,
    text: 'This listener does not answer for that Host',
    fix: 'Use the address that the control plane listens on, or name the host with --api-host.',
  },
  too_many_failures: {
    code: 10429,
    status: 429,
    text: 'Too many failed sign-ins from this address',
    fix: 'Wait for the time in the retry-after header.',
  },
  internal: { code: 10500, status: 500, text: 'Internal error', fix: 'Look for the request id in the log.' },
  unavailable: {
    code: 10503,
    status: 503,
    text: 'The change could not be stored',
    fix: 'Nothing was changed. Look at the log for the cause (disk full, read-only), then try again.',
  },
  backup_failed: {
    code: 10504,
    status: 503,
    text: 'The backup could not be taken',
    fix: 'Look at the log for the cause: the data directory needs room for a copy of the store.',
  },
} as const satisfies Record<string, ProblemRow>;
