import type { FastifyInstance } from 'fastify';
import { type Problem, problem } from '../../domain/problems.ts';

/** Carries a problem from the place where a body is read to the error handler. */
export class BadBody extends Error {
  readonly problem: Problem;

  constructor(detail: string) {
    super(detail);
    this.name = 'BadBody';
    this.problem = problem('bad_json', detail);
  }
}

/**
 * Takes every body as JSON in UTF-8 (RFC 8259 §8.1), whatever content type it names: one parser and one schema for each
 * call leave no type by which a check could be evaded. An empty body is no body, as clients send with DELETE.
 * Keys that would reach an object's prototype are refused.
 */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    const read = readJson(body);
    if (read instanceof BadBody) done(read);
    else done(null, read.value);
  });
}

function readJson(body: string | Buffer): { readonly value: unknown } | BadBody {
  const text = utf8(body);
  if (text === null) return new BadBody('it is not UTF-8');
  if (text.trim() === '') return { value: undefined };
  try {
    const value: unknown = JSON.parse(text);
    return reachesPrototype(value)
      ? new BadBody('it has a key that is never allowed (__proto__, or prototype in constructor)')
      : { value };
  } catch (error) {
    return new BadBody(safeReason(error instanceof Error ? error.message : ''));
  }
}

// Without recursion: nesting can be as deep as a body is long.
function reachesPrototype(value: unknown): boolean {
  const waiting = [value];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (typeof item !== 'object' || item === null) continue;
    if (Object.hasOwn(item, '__proto__')) return true;
    for (const [key, inner] of Object.entries(item)) {
      if (typeof inner !== 'object' || inner === null) continue;
      if (key === 'constructor' && Object.hasOwn(inner, 'prototype')) return true;
      waiting.push(inner);
    }
  }
  return false;
}

function utf8(body: string | Buffer): string | null {
  if (typeof body === 'string') return body;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
}

// The parser's own words may quote the body, and the body may hold a key.
function safeReason(words: string): string {
  const place = /position \d+(?: \(line \d+ column \d+\))?/.exec(words)?.[0];
  return place === undefined ? 'it ends too early, or is something else' : `at ${place}`;
}
