import type { AccountId, ZoneId } from '../domain/ids.ts';
import type { Problem } from '../domain/problems.ts';

/** What a token may do: with which permissions, on which zones of which accounts, from where, and until when. */
export interface Rights {
  readonly permissions: readonly string[];
  readonly zones: 'all' | readonly ZoneId[];
  /** It sees a zone that is among its zones and in one of its accounts. */
  readonly accounts: 'all' | readonly AccountId[];
  /** CIDR notation; none stand for everywhere. */
  readonly addresses: readonly string[];
  readonly notBefore: number | null;
  readonly expiresAt: number | null;
}

/** A token as somebody wishes it to be. */
export interface TokenDraft extends Rights {
  readonly name: string;
  /** Makes it a legacy key, which counts only together with this e-mail address. */
  readonly email: string | null;
}

/** A token as it is stored: never the token itself, only its SHA-256. */
export interface StoredToken extends TokenDraft {
  readonly id: string;
  readonly hash: string;
  /** The first token of an installation, which lies in a file and should be exchanged for others. */
  readonly bootstrap: boolean;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly revokedAt: number | null;
}

/** Who manages tokens: never beyond its own rights. */
export interface Grantor {
  readonly token: StoredToken;
  readonly from: string;
}

/** A token that was made or made anew: `text` is shown this once. */
export interface Granted {
  readonly kind: 'granted';
  readonly token: StoredToken;
  readonly text: string;
}

/** A token that was changed or revoked. */
export interface TokenChanged {
  readonly kind: 'token_changed';
  readonly token: StoredToken;
}

/** When tokens are used. */
export interface TokenUseKeeping {
  /** A token has made a call. */
  readonly tokenUsed: (id: string) => void;
  /** When it made its last one; `null` where it made none. */
  readonly tokenUsedAt: (id: string) => number | null;
}

/** The tokens of an installation. Those beyond the rights of who asks are not found. */
export interface TokenKeeping {
  readonly tokenByHash: (hash: string) => StoredToken | null;
  /** What a token is called, also one that was revoked: for the audit log. */
  readonly tokenName: (id: string) => string | null;
  /** Those that are not revoked, in the order of their creation. */
  readonly listTokens: (by: Grantor) => readonly StoredToken[];
  readonly createToken: (draft: TokenDraft, by: Grantor) => Promise<Granted | Problem>;
  /** `edit` is asked in turn, so what it sees cannot change before what it answers is stored. */
  readonly updateToken: (
    id: string,
    edit: (token: StoredToken) => TokenDraft | Problem,
    by: Grantor,
  ) => Promise<TokenChanged | Problem>;
  /** Gives a token another text; the old one ends at once. */
  readonly rollToken: (id: string, by: Grantor) => Promise<Granted | Problem>;
  /** `refuses` is asked in turn, as `edit` is. */
  readonly revokeToken: (
    id: string,
    by: Grantor,
    refuses: (token: StoredToken) => Problem | null,
  ) => Promise<TokenChanged | Problem>;
}
