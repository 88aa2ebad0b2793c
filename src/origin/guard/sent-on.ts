import type { Fields } from '../../http1/fields.ts';
import { claimsCertificate, claimsVisitor } from '../../http1/identity-fields.ts';
import { direction, foldedName, type SentOn, trailersSentOn, withLengthOnlyWhereAllowed } from '../../http1/sent-on.ts';
import type { VerifiedHeader } from '../verified-header.ts';

/** Fields that the guard writes itself, or that stay on this hop whatever Connection says. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'trailer']);

/** What goes on to an application, by whether the edge has sent it. */
export interface Identifying {
  readonly header: VerifiedHeader;
  /** The edge is believed in what it says of visitors, and in nothing else. */
  readonly fromEdge: Passing;
  readonly fromOthers: Passing;
}

/** What goes on of the fields, and of the trailers, of a request. */
export interface Passing {
  readonly fields: (fields: Fields) => SentOn;
  readonly trailers: (trailers: Fields) => Fields;
}

/** The rules where the application is told by this header what was verified. */
export function identifying(header: VerifiedHeader): Identifying {
  const told = foldedName(header);
  const claims = (folded: string): boolean => OWN_FIELDS.has(folded) || folded === told || claimsCertificate(folded);
  return {
    header,
    // An edge spells its fields as they are known; of another spelling it did not strip the visitor's copies, perhaps.
    fromEdge: passing((name, folded) => claims(folded) || (name !== folded && claimsVisitor(folded))),
    fromOthers: passing((_name, folded) => claims(folded) || claimsVisitor(folded)),
  };
}

// By the folded name: `Client_Cert` is another field here, but an application may read it as if it were not.
function passing(stays: (name: string, folded: string) => boolean): Passing {
  const ends = (name: string): boolean => stays(name, foldedName(name));
  return { fields: direction(ends), trailers: (trailers) => trailersSentOn(trailers, ends) };
}

const answered = direction((name) => name === 'trailer');

/** The fields of an application's answer with this status that go back. */
export function sentBack(fields: Fields, status: number): SentOn {
  return withLengthOnlyWhereAllowed(answered(fields), status);
}
