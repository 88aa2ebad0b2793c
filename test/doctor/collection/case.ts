import type { Verdict } from '../../../src/domain/verdict.ts';
import type { Behaviour } from './applications.ts';
import type { AuthorityName, Caller } from './people.ts';

/** Whose configurations are in the collection. */
export type Server = 'nginx' | 'apache' | 'haproxy' | 'caddy' | 'lighttpd' | 'stunnel' | 'node';

/** With what the doctor comes to a case. */
export interface AtHand {
  readonly identity?: Caller;
  /** The identity's certificate alone, without its key. */
  readonly keyless?: true;
  readonly authority?: AuthorityName;
  readonly foreign?: readonly Caller[];
  /** The revocation list of the edge's authority: beside its key, a revoked certificate can be made. */
  readonly revoked?: true;
  readonly header?: string;
  readonly otherNames?: readonly string[];
  readonly path?: string;
  /** Further doors: the port of a placeholder, over IPv4 or IPv6. */
  readonly also?: readonly (readonly [port: 'TLS' | 'HTTP' | 'OTHER' | 'APP', address?: '::1'])[];
}

/** What is held of a diagnosis. */
export interface Expected {
  /** Several where what is seen allows of each. */
  readonly verdict: Verdict | readonly Verdict[];
  /** Entries of the catalogue that the findings must stand for. */
  readonly refs?: readonly string[];
  /** Entries that they may stand for beside. A finding that is at least of high severity and fits none is a false one. */
  readonly also?: readonly string[];
  /** Entries that no finding may stand for, however light. */
  readonly without?: readonly string[];
  /** What must be said not to have been seen. */
  readonly notChecked?: readonly RegExp[];
}

/** One real server with one configuration, and what the doctor must say of it. */
export interface Case {
  /** What is wrong, or what holds. */
  readonly name: string;
  /** The part that matters; the server's frame is put around it. Placeholders are written `@NAME@`. */
  readonly text: string;
  readonly hand?: AtHand;
  /** What the doctor says after knocking; null where the server does not start. */
  readonly live: Expected | null;
  /** What it says of the text; null where it reads none of this server. */
  readonly written: Expected | null;
  readonly application?: Behaviour;
  /** What still runs, where the text was changed and nobody had it read anew: the difference must be found. */
  readonly running?: string;
  /** Another program of the server than the one that is found first. */
  readonly program?: string;
  /** Why it cannot be held on this machine. */
  readonly skip?: string;
  /** Files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

const IDENTITY: AtHand = { identity: 'tenant-a' };

/** The edge's own identity, and a second customer's. */
export const TENANTS: AtHand = { ...IDENTITY, foreign: ['tenant-b'] };

/** The right identity and another name of the same server, which may stay open. */
export const NEIGHBOUR_NAME: AtHand = { ...IDENTITY, otherNames: ['b.test'] };

/** Nothing but the name. */
export const NOTHING: AtHand = {};

export { IDENTITY };

/** Everybody is let in, or somebody who must not be. */
export function open(...refs: readonly string[]): Expected {
  return { verdict: 'open', refs };
}

/** Nobody is let in who should not be; what is named is noted all the same. */
export function locked(...refs: readonly string[]): Expected {
  return { verdict: 'locked', refs };
}

/** The edge itself is kept out. */
export function broken(...refs: readonly string[]): Expected {
  return { verdict: 'broken', refs };
}

/** It cannot be told. */
export function unknown(...refs: readonly string[]): Expected {
  return { verdict: 'unknown', refs };
}
