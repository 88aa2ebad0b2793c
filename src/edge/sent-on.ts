import type { Fields } from '../http1/fields.ts';
import { hopByHop } from '../http1/hop-by-hop.ts';
import { claimsIdentity, foldedName } from '../http1/identity-claims.ts';

/** Fields that the edge writes itself, or that stay on this hop whatever Connection says. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'trailer']);

/** Fields by which an origin speaks to the proxy in front of it: nginx and others would act on them. */
const FOR_THE_EDGE = /^x-accel-/;

/** Fields of an answer that the edge writes itself. */
const OWN_ANSWER_FIELDS: ReadonlySet<string> = new Set(['trailer', 'cf-ray']);

/** The fields of a message as they arrived, and which of them go on. Whoever sends them writes them as its protocol has it. */
export interface SentOn {
  readonly fields: Fields;
  /** Takes a lower-case name. */
  readonly keeps: (name: string) => boolean;
}

/** The fields of a visitor's request that go on to the origin. */
export function sentToOrigin(fields: Fields): SentOn {
  return sentOn(fields, REQUEST);
}

/** The fields of an origin's answer with this status, or of its trailers, that go on to the visitor. */
export function sentToVisitor(fields: Fields, status: number | 'trailers'): SentOn {
  const sent = sentOn(fields, RESPONSE);
  // RFC 9110 §8.6: these have no body and may name no length. Who believes one waits for what is the next answer.
  if (status === 'trailers' || (status >= 200 && status !== 204)) return sent;
  return { fields, keeps: (name) => name !== 'content-length' && sent.keeps(name) };
}

/** The trailers of a request that go on to the origin: what a field may not claim or carry on, a trailer may not either. */
export function requestTrailers(trailers: Fields): Fields {
  const bound = hopByHop(trailers);
  const keeps = trailers.names.map((name) => !staysHere(name) && !bound.has(name));
  if (!keeps.includes(false)) return trailers;
  const pick = (texts: readonly string[]) => texts.filter((_, index) => keeps[index]);
  return { names: pick(trailers.names), rawNames: pick(trailers.rawNames), values: pick(trailers.values) };
}

/** What is decided by the name of a field alone, remembered: the same few names come with every request. */
interface Direction {
  readonly stays: (name: string) => boolean;
  readonly remembered: Map<string, boolean>;
}

const REQUEST: Direction = { stays: staysHere, remembered: new Map() };
const RESPONSE: Direction = {
  stays: (name) => OWN_ANSWER_FIELDS.has(name) || FOR_THE_EDGE.test(foldedName(name)),
  remembered: new Map(),
};

// By the folded name: `Content_Length` frames nothing here, but an application may read it as if it did.
function staysHere(name: string): boolean {
  const folded = foldedName(name);
  return OWN_FIELDS.has(folded) || claimsIdentity(folded);
}

// Names are the sender's to invent: the memory must not grow with them.
const MAX_REMEMBERED = 2_000;

function sentOn(fields: Fields, direction: Direction): SentOn {
  const bound = hopByHop(fields);
  return { fields, keeps: (name) => !stays(direction, name) && !bound.has(name) };
}

function stays({ stays: decide, remembered }: Direction, name: string): boolean {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const decided = decide(name);
  if (remembered.size < MAX_REMEMBERED) remembered.set(name, decided);
  return decided;
}
