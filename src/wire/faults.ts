import type { z } from 'zod';
import { type Problem, type ProblemCode, problem } from '../domain/problems.ts';
import { visible } from './visible.ts';

type Issue = z.core.$ZodIssue;

const MAX_FAULTS = 20;
const MAX_SHOWN = 60;

/** Which problem a part of the request makes: a record's body has an error code of its own. */
export interface FaultCodes {
  readonly body: ProblemCode;
}

/**
 * What a schema found wrong with `{params, query, body}`, one problem for each bad field: which field, what it was, what
 * is allowed.
 */
export function faults(issues: readonly Issue[], raw: unknown, codes: FaultCodes): readonly Problem[] {
  return issues
    .flatMap((issue) => specific(issue, raw))
    .slice(0, MAX_FAULTS)
    .map((issue) => fault(issue, raw, codes));
}

function fault(issue: Issue, raw: unknown, codes: FaultCodes): Problem {
  const { path } = issue;
  const message = expectation(issue);
  const [part, ...rest] = path;
  const value = valueAt(raw, path);
  if (part === 'query') return problem('bad_query', `${rest.join('.')} is ${shown(value)}, ${message}`);
  if (part !== 'body') return problem('no_route');
  const field = rest.length === 0 ? 'the body' : rest.join('.');
  const was = value === undefined ? 'is missing' : `is ${concealed(rest) ? 'not usable' : shown(value)}`;
  return problem(codes.body, `${field} ${was}, ${message}`, pointer(rest));
}

/** Schemas say what they want in `error`; where one does not, its type does. */
function expectation(issue: Issue): string {
  if (!issue.message.startsWith('Invalid input') || issue.code !== 'invalid_type') return issue.message;
  return `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
}

/** A union says only that nothing fitted. Where one of its forms was clearly meant, its own complaints say more. */
function specific(issue: Issue, raw: unknown): readonly Issue[] {
  if (issue.code === 'unrecognized_keys') return unknownFields(issue);
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.filter((form) => form.length > 0 && form.every(({ path }) => path.length > 0));
  const [best, ...others] = meant;
  if (best === undefined || others.length > 0) return [issue];
  return best.flatMap((inner) => specific({ ...inner, path: [...issue.path, ...inner.path] }, raw));
}

/** One fault for each field that a strict schema does not know. */
function unknownFields({ keys, path }: z.core.$ZodIssueUnrecognizedKeys): readonly Issue[] {
  return keys.map((key) => ({
    code: 'custom',
    path: [...path, key],
    message: 'must be left out: there is no such field',
  }));
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

// What was sent as a key, or in its place, is never repeated: answers end up in logs.
function concealed(path: readonly PropertyKey[]): boolean {
  return path.includes('private_key') || path.includes('certificate');
}

/** A value as it may stand in a message: short, on one line, and no secret. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = visible(JSON.stringify(value));
  if (/PRIVATE KEY/i.test(text)) return 'a private key';
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)`;
}

/** A JSON pointer (RFC 6901 §3) to a field of the body. */
function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The fields that were sent but are in no schema, as JSON pointers; `parsed` is what the schema kept. */
export function ignoredFields(raw: unknown, parsed: unknown): readonly string[] {
  return [...ignored(raw, parsed, [])].slice(0, MAX_FAULTS).map(pointer);
}

function* ignored(raw: unknown, parsed: unknown, path: readonly PropertyKey[]): Generator<readonly PropertyKey[]> {
  if (typeof raw !== 'object' || raw === null || typeof parsed !== 'object' || parsed === null) return;
  for (const key of Object.keys(raw)) {
    if (!Object.hasOwn(parsed, key)) yield [...path, key];
    else yield* ignored(Reflect.get(raw, key), Reflect.get(parsed, key), [...path, key]);
  }
}
