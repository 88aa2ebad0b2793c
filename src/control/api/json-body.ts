import type { FastifyInstance } from 'fastify';
import { type Problem, problem } from '../../domain/problems.ts';
import { errorFields } from '../log.ts';

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
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    const text = utf8(body);
    if (text === null) return done(new BadBody('it is not UTF-8'));
    if (text.trim() === '') return done(null, undefined);
    return parse(request, text, (error, value) => {
      if (error === null) done(null, value);
      else done(new BadBody(safeReason(errorFields(error).error)));
    });
  });
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
  if (words.includes('prototype property')) return 'it has a key that is never allowed (__proto__ or constructor)';
  const place = /position \d+(?: \(line \d+ column \d+\))?/.exec(words)?.[0];
  return place === undefined ? 'it ends too early, or is something else' : `at ${place}`;
}
