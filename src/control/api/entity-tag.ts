import { createHash } from 'node:crypto';
import { type Problem, problem } from '../../domain/problems.ts';
import type { Answer } from './outcome.ts';

/** The strong entity tag of a resource (RFC 9110 §8.8.3): of what it says, so it is the same after a restart. */
export function entityTag(resource: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(resource)).digest('base64url').slice(0, 27)}"`;
}

/** An answer that says which state of the resource it is: for If-Match, and for If-None-Match (see `serve`). */
export function tagged<Result>(result: Result): Answer<Result> {
  return { kind: 'answer', result, headers: { etag: entityTag(result) } };
}

/**
 * Whether an If-Match field lets a change happen to a resource that now is as given (RFC 9110 §13.1.1): compared
 * strongly, so a weak tag never matches. No field lets everything happen.
 */
export function unmatched(field: string | undefined, resource: unknown): Problem | null {
  if (field === undefined || field.trim() === '*') return null;
  const present = entityTag(resource);
  if (field.split(',').some((tag) => tag.trim() === present)) return null;
  return problem('precondition_failed', `it is ${present} now, ${JSON.stringify(resource)}`);
}

/** Whether an If-None-Match field names this tag (RFC 9110 §13.1.2): a list or `*`, compared weakly. */
export function namesTag(field: string | undefined, etag: string): boolean {
  if (field === undefined) return false;
  return field.trim() === '*' || field.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
