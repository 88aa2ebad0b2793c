import { randomBytes } from 'node:crypto';
import { type Instant, instant } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { isProblem } from '../wire/commands.ts';
import { sameText } from './authenticate.ts';
import type { StoredToken } from './token.ts';
import { tokenHash } from './tokens.ts';

/** What the address holds that signs in by itself: told once, to whoever started Postern. */
export interface Invitation {
  /** 256 random bits in base64url. */
  readonly code: string;
  readonly expiresAt: Instant;
}

/** Long enough to find the browser; short enough that what stays on a screen opens nothing. */
const LASTS = 600_000;

interface Issued {
  readonly hash: string;
  /** Of the token that it stands for, as it was then: a token that is rolled since has another one. */
  readonly tokenHash: string;
  readonly expiresAt: Instant;
  readonly used: boolean;
}

/** Whose token has a hash, or why it does not count here and now. */
type Admit = (tokenHash: string) => StoredToken | Problem;

/**
 * The one code of this start, by which whoever sits at the terminal signs in to a browser in place of a token. It is good
 * once and for ten minutes; only its SHA-256 is kept, in memory alone. No call of the API makes one: a stranger who could
 * have one made could lead somebody else's browser into the stranger's session.
 */
export class SignInCode {
  readonly #clock: () => Instant;
  #issued: Issued | null = null;

  constructor(clock: () => Instant) {
    this.#clock = clock;
  }

  /** Makes the code for a token, in place of the one before. */
  issue(forToken: string): Invitation {
    const code = randomBytes(32).toString('base64url');
    const expiresAt = instant(this.#clock() + LASTS);
    this.#issued = { hash: tokenHash(code), tokenHash: forToken, expiresAt, used: false };
    return { code, expiresAt };
  }

  /** Whom a code signs in. It is used up by that, and by nothing less: not where its token does not count. */
  take(code: string, admit: Admit): StoredToken | Problem {
    const issued = this.#issued;
    if (issued === null || !sameText(issued.hash, tokenHash(code))) return problem('bad_sign_in_code', UNKNOWN);
    if (issued.used) return problem('bad_sign_in_code', 'it was used already');
    if (this.#clock() >= issued.expiresAt) return problem('bad_sign_in_code', 'its ten minutes are over');
    const token = admit(issued.tokenHash);
    if (!isProblem(token)) this.#issued = { ...issued, used: true };
    return token;
  }
}

const UNKNOWN = 'it is not the one that this start of Postern printed';
