import { PROBLEMS, type Problem, type ProblemCode } from '../domain/problems.ts';
import type { Message } from './messages.ts';

/** Where a list stands: `count` is the number of items on this page. */
export interface ResultInfo {
  readonly page: number;
  readonly per_page: number;
  readonly count: number;
  readonly total_count: number;
  readonly total_pages: number;
}

/** Where a list stands that goes on at a cursor; `null` where it has ended. */
export interface CursorInfo {
  readonly count: number;
  readonly per_page: number;
  readonly cursor: string | null;
}

/** One refusal as Cloudflare's clients read it. `pointer` is a JSON pointer into the body (RFC 6901). */
export interface ErrorEntry {
  readonly code: number;
  readonly message: string;
  readonly source?: { readonly pointer: string };
  readonly error_chain?: readonly { readonly code: number; readonly message: string }[];
}

/** What every answer of the API looks like, good or bad. */
export interface Envelope {
  readonly success: boolean;
  readonly errors: readonly ErrorEntry[];
  readonly messages: readonly Message[];
  readonly result: unknown;
  readonly result_info?: ResultInfo | CursorInfo;
}

// Cloudflare puts the particular cause of its two oldest errors into a chain, and clients match on that.
const CHAINS: Partial<Record<ProblemCode, ErrorEntry['error_chain']>> = {
  bad_authorization: [{ code: 6111, message: 'Invalid format for Authorization header' }],
  no_route: [{ code: 7000, message: 'No route for that URI' }],
};

/** The envelope of a call that succeeded. */
export function success(result: unknown, messages: readonly Message[], info?: ResultInfo | CursorInfo): Envelope {
  const envelope = { success: true, errors: [], messages, result };
  return info === undefined ? envelope : { ...envelope, result_info: info };
}

/** The envelope of a refusal, with one error for each problem. */
export function failure(problems: readonly Problem[]): Envelope {
  return { success: false, errors: problems.map(errorEntry), messages: [], result: null };
}

/** The HTTP status of a refusal: that of its first problem. */
export function statusOf(problems: readonly Problem[]): number {
  return PROBLEMS[problems[0]?.code ?? 'internal'].status;
}

/** What was wrong, in this case, and how to put it right: one line. */
export function problemMessage({ code, detail }: Problem): string {
  const { text, fix } = PROBLEMS[code];
  if (detail === '') return `${text}${/[.?]$/.test(text) ? '' : '.'} ${fix}`;
  return `${text.replace(/\.$/, '')}: ${detail}. ${fix}`;
}

function errorEntry(problem: Problem): ErrorEntry {
  const chain = CHAINS[problem.code];
  return {
    code: PROBLEMS[problem.code].code,
    message: problemMessage(problem),
    ...(problem.pointer === undefined ? {} : { source: { pointer: problem.pointer } }),
    ...(chain === undefined ? {} : { error_chain: chain }),
  };
}
