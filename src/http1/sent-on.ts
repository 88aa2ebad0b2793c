import type { Fields } from './fields.ts';
import { hopByHop } from './hop-by-hop.ts';

/** The fields of a message as they arrived, and which of them go on. Whoever sends them writes them as its protocol has it. */
export interface SentOn {
  readonly fields: Fields;
  /** Takes a lower-case name. */
  readonly keeps: (name: string) => boolean;
}

// Names are the sender's to invent: the memory must not grow with them.
const MAX_REMEMBERED = 2_000;

/**
 * What goes on in one direction. `stays` says which fields end here, by their lower-case names alone, and its answers are
 * remembered: the same few names come with every message. What ends with this hop anyway does not go on either.
 */
export function direction(stays: (name: string) => boolean): (fields: Fields) => SentOn {
  const remembered = new Map<string, boolean>();
  const ends = (name: string): boolean => {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const decided = stays(name);
    if (remembered.size < MAX_REMEMBERED) remembered.set(name, decided);
    return decided;
  };
  return (fields) => {
    const bound = hopByHop(fields);
    return { fields, keeps: (name) => !ends(name) && !bound.has(name) };
  };
}

/** The trailers that go on: what a field may not claim or carry on, a trailer may not either. */
export function trailersSentOn(trailers: Fields, stays: (name: string) => boolean): Fields {
  const bound = hopByHop(trailers);
  const keeps = trailers.names.map((name) => !stays(name) && !bound.has(name));
  if (!keeps.includes(false)) return trailers;
  const pick = (texts: readonly string[]) => texts.filter((_, index) => keeps[index]);
  return { names: pick(trailers.names), rawNames: pick(trailers.rawNames), values: pick(trailers.values) };
}

/** A field's name as CGI-like applications see it: case gone, and every other mark the same as a hyphen. */
export function foldedName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

/**
 * A length stands in an answer only where there may be a body (RFC 9110 §8.6): these have none and may name none. Who
 * believes one waits for what is the next answer.
 */
export function withLengthOnlyWhereAllowed(sent: SentOn, status: number): SentOn {
  if (status >= 200 && status !== 204) return sent;
  return { fields: sent.fields, keeps: (name) => name !== 'content-length' && sent.keeps(name) };
}
