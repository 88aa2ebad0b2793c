import { type Problem, problem } from '../domain/problems.ts';
import { writeAuditEvent } from './audit-events.ts';
import { errorFields } from './log.ts';
import type { Granted, Grantor, StoredToken, TokenChanged, TokenDraft, TokenKeeping } from './token.ts';
import type { RegistryParts } from './registry-parts.ts';
import { deleteOutlived } from './session-rows.ts';
import { beyond } from './token-grant.ts';
import { newToken, newTokenText, tokenHash, writeToken } from './tokens.ts';

interface TokenParts extends RegistryParts {
  /** Told of each token that is not what it was, after the store has it. */
  readonly changed: (token: StoredToken) => void;
}

interface Step {
  readonly command: string;
  readonly before: StoredToken | null;
  readonly after: StoredToken;
}

/** What happens to a token; `own` is that of who asks. */
type Change<T> = (token: StoredToken, own: StoredToken) => Promise<T | Problem>;

/** The tokens in memory and in the store. Every change is checked against the rights of who makes it, in turn. */
export class TokenRegistry implements TokenKeeping {
  readonly #parts: TokenParts;
  readonly #byId = new Map<string, StoredToken>();
  readonly #byHash = new Map<string, StoredToken>();

  constructor(parts: TokenParts, tokens: readonly StoredToken[]) {
    this.#parts = parts;
    for (const token of tokens) this.#keep(token);
  }

  readonly tokenByHash = (hash: string): StoredToken | null => this.#byHash.get(hash) ?? null;

  readonly tokenName = (id: string): string | null => this.#byId.get(id)?.name ?? null;

  readonly listTokens = ({ token: own }: Grantor): readonly StoredToken[] =>
    [...this.#byId.values()].filter((token) => token.revokedAt === null && isInReach(own, token));

  readonly createToken = (draft: TokenDraft, by: Grantor): Promise<Granted | Problem> =>
    this.#parts.inTurn(async () => {
      if (this.#count() >= this.#parts.limit) return problem('too_many_tokens', `${this.#parts.limit} are allowed`);
      const own = this.#present(by);
      const refused = own === null ? problem('unauthenticated') : beyond(own, draft);
      if (refused !== null) return refused;
      const { text, stored } = newToken(draft, this.#parts.clock());
      const step = { command: 'create_token', before: null, after: stored };
      return (await this.#store(step, by)) ?? { kind: 'granted', token: stored, text };
    });

  readonly updateToken = (
    id: string,
    edit: (token: StoredToken) => TokenDraft | Problem,
    by: Grantor,
  ): Promise<TokenChanged | Problem> =>
    this.#change(id, by, async (before, own) => {
      const draft = edit(before);
      if ('kind' in draft) return draft;
      const refused = beyond(own, draft);
      if (refused !== null) return refused;
      const after = { ...before, ...draft, modifiedAt: this.#parts.clock() };
      return (
        (await this.#store({ command: 'update_token', before, after }, by)) ?? { kind: 'token_changed', token: after }
      );
    });

  readonly rollToken = (id: string, by: Grantor): Promise<Granted | Problem> =>
    this.#change(id, by, async (before) => {
      const text = newTokenText();
      const after = { ...before, hash: tokenHash(text), modifiedAt: this.#parts.clock() };
      return (
        (await this.#store({ command: 'roll_token', before, after }, by)) ?? { kind: 'granted', token: after, text }
      );
    });

  readonly revokeToken = (
    id: string,
    by: Grantor,
    refuses: (token: StoredToken) => Problem | null,
  ): Promise<TokenChanged | Problem> =>
    this.#change(id, by, async (before) => {
      const refused = refuses(before);
      if (refused !== null) return refused;
      const now = this.#parts.clock();
      const after = { ...before, revokedAt: now, modifiedAt: now };
      return (
        (await this.#store({ command: 'revoke_token', before, after }, by)) ?? { kind: 'token_changed', token: after }
      );
    });

  #change<T>(id: string, by: Grantor, step: Change<T>): Promise<T | Problem> {
    return this.#parts.inTurn(async () => {
      const own = this.#present(by);
      if (own === null) return problem('unauthenticated');
      const token = this.#byId.get(id);
      const found = token !== undefined && token.revokedAt === null && isInReach(own, token);
      return found ? step(token, own) : problem('token_not_found');
    });
  }

  // Of all accounts: a limit that each token had for itself would be none.
  #count(): number {
    return [...this.#byId.values()].filter(({ revokedAt }) => revokedAt === null).length;
  }

  // Between sign-in and turn, the token of who asks may have been revoked or narrowed.
  #present({ token }: Grantor): StoredToken | null {
    const present = this.#byHash.get(token.hash);
    return present?.revokedAt === null ? present : null;
  }

  async #store({ command, before, after }: Step, { token, from }: Grantor): Promise<Problem | null> {
    const { store, clock, log, revision, changed } = this.#parts;
    const event = {
      at: clock(),
      actor: { token: token.id, from },
      zone: null,
      account: null,
      command,
      before: before === null ? {} : auditFields(before),
      after: after.revokedAt === null ? auditFields(after) : { id: after.id },
    };
    try {
      await store.transaction().execute(async (transaction) => {
        await writeToken(transaction, after);
        await deleteOutlived(transaction, after);
        await writeAuditEvent(transaction, revision(), event);
      });
    } catch (error) {
      log('token_not_stored', { command, token: after.id, ...errorFields(error) });
      return problem('unavailable');
    }
    if (before !== null) this.#byHash.delete(before.hash);
    this.#keep(after);
    log(command, { token: after.id, by: token.id });
    changed(after);
    return null;
  }

  #keep(token: StoredToken): void {
    this.#byId.set(token.id, token);
    this.#byHash.set(token.hash, token);
  }
}

/** Whoever could have made a token may manage it; everybody may manage their own. */
function isInReach(own: StoredToken, token: StoredToken): boolean {
  return own.id === token.id || beyond(own, token) === null;
}

function auditFields(token: StoredToken): Record<string, unknown> {
  const { id, name, email, permissions, zones, accounts, addresses, notBefore, expiresAt } = token;
  return { id, name, email, permissions, zones, accounts, addresses, not_before: notBefore, expires_on: expiresAt };
}
