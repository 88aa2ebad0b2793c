import { z } from 'zod';
import { PROBLEMS, type Problem, type ProblemCode } from '../domain/problems.ts';
import type { View } from './answer-fields.ts';
import type { Message } from './messages.ts';

const COUNT = z.int().meta({ description: 'Items on this page.', examples: [1] });

export const RESULT_INFO = z
  .strictObject({
    page: z.int().meta({ description: 'From 1.', examples: [1] }),
    per_page: z.int().meta({ examples: [20] }),
    count: COUNT,
    total_count: z.int().meta({ examples: [1] }),
    total_pages: z.int().meta({ examples: [1] }),
  })
  .meta({ id: 'ResultInfo', description: 'Where a list stands that goes by pages. A page past the end is empty.' });

/** Where a list stands: `count` is the number of items on this page. */
export type ResultInfo = View<typeof RESULT_INFO>;

export const CURSOR_INFO = z
  .strictObject({
    count: COUNT,
    per_page: z.int().meta({ examples: [100] }),
    cursor: z
      .string()
      .nullable()
      .meta({ description: 'Leads to the next page; null at the end.', examples: ['41.0'] }),
  })
  .meta({ id: 'CursorInfo', description: 'Where a list stands that goes on at a cursor.' });

/** Where a list stands that goes on at a cursor; `null` where it has ended. */
export type CursorInfo = View<typeof CURSOR_INFO>;

const CHAIN_LINK = z.strictObject({ code: z.int(), message: z.string() });

export const ERROR_ENTRY = z.strictObject({
  code: z.int().meta({ description: 'What clients match on.' }),
  message: z.string().meta({ description: 'What was wrong, and how to put it right.' }),
  source: z
    .strictObject({ pointer: z.string().meta({ description: 'Into the body (RFC 6901).', examples: ['/name'] }) })
    .optional()
    .meta({ description: 'Which field is to blame, where one is.' }),
  error_chain: z.array(CHAIN_LINK).optional(),
});

/** One refusal as Cloudflare's clients read it. `pointer` is a JSON pointer into the body (RFC 6901). */
export type ErrorEntry = View<typeof ERROR_ENTRY>;

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
  zone_not_found: [{ code: 7000, message: 'No route for that URI' }],
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
