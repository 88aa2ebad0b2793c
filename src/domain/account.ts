import type { AccountId, Instant } from './ids.ts';

/** What Cloudflare tells apart. Kept and echoed; here both may do the same. */
export const ACCOUNT_TYPES = ['standard', 'enterprise'] as const;

/** Who owns zones. Between zones of two accounts nothing is taken for granted. */
export interface Account {
  readonly id: AccountId;
  readonly name: string;
  readonly type: (typeof ACCOUNT_TYPES)[number];
  readonly createdAt: Instant;
}

/** An account as somebody wants it. */
export type AccountDraft = Pick<Account, 'name' | 'type'>;
