import type { Fields } from '../http1/fields.ts';
import { claimsCertificate, claimsVisitor } from '../http1/identity-fields.ts';
import { direction, foldedName, type SentOn, trailersSentOn, withLengthOnlyWhereAllowed } from '../http1/sent-on.ts';

/** Fields that the edge writes itself, or that stay on this hop whatever Connection says. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'trailer']);

/** Fields by which an origin speaks to the proxy in front of it: nginx and others would act on them. */
const FOR_THE_EDGE = /^x-accel-/;

/** Fields of an answer that the edge writes itself. */
const OWN_ANSWER_FIELDS: ReadonlySet<string> = new Set(['trailer', 'cf-ray']);

/** The fields of a visitor's request that go on to the origin. */
export const sentToOrigin: (fields: Fields) => SentOn = direction(staysHere);

const answered = direction((name) => OWN_ANSWER_FIELDS.has(name) || FOR_THE_EDGE.test(foldedName(name)));

/** The fields of an origin's answer with this status, or of its trailers, that go on to the visitor. */
export function sentToVisitor(fields: Fields, status: number | 'trailers'): SentOn {
  const sent = answered(fields);
  return status === 'trailers' ? sent : withLengthOnlyWhereAllowed(sent, status);
}

/** The trailers of a request that go on to the origin. */
export function requestTrailers(trailers: Fields): Fields {
  return trailersSentOn(trailers, staysHere);
}

// By the folded name: `Content_Length` frames nothing here, but an application may read it as if it did.
function staysHere(name: string): boolean {
  const folded = foldedName(name);
  return OWN_FIELDS.has(folded) || claimsVisitor(folded) || claimsCertificate(folded);
}
