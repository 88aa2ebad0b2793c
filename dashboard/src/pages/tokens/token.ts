import type { View } from '../../../../src/wire/answer-fields.ts';
import type { TOKEN, TOKEN_WITH_TEXT } from '../../../../src/wire/tokens.ts';
import { type AccountScope, accountsOf, scopeOf, UNSAID } from '../../parts/account-choice.tsx';

/** A token as `GET /postern/v1/tokens` has it. Its text is in no answer but the one that made it. */
export type Token = View<typeof TOKEN>;

/** The same when it was made or rolled: with its text, this once. */
export type TokenWithText = View<typeof TOKEN_WITH_TEXT>;

export const TOKENS = '/postern/v1/tokens';

export type Lasting = 'never' | '30' | '90' | '365' | 'at';

/** A token while somebody writes it: lists are text, an entry a line. */
export interface TokenDraft {
  readonly name: string;
  readonly permissions: readonly string[];
  readonly isForAllZones: boolean;
  readonly zones: string;
  readonly accounts: AccountScope;
  readonly addresses: string;
  readonly lasting: Lasting;
  readonly expiresOn: string;
}

export const NEW_TOKEN: TokenDraft = {
  name: '',
  permissions: [],
  isForAllZones: true,
  zones: '',
  accounts: UNSAID,
  addresses: '',
  lasting: '90',
  expiresOn: '',
};

/** In place of the bootstrap token: as much may be done with it, but not for ever, and it lies in no file. */
export const SUCCESSOR: TokenDraft = { ...NEW_TOKEN, name: 'operator', permissions: ['*'], lasting: '365' };

export function draftOf(token: Token): TokenDraft {
  return {
    name: token.name,
    permissions: token.permissions,
    isForAllZones: token.zones === 'all',
    zones: token.zones === 'all' ? '' : token.zones.join('\n'),
    accounts: scopeOf(token.accounts),
    addresses: token.addresses.join('\n'),
    lasting: token.expires_on === null ? 'never' : 'at',
    expiresOn: token.expires_on ?? '',
  };
}

const DAY = 86_400_000;

/** What the API takes. An end in so many days is one of today at midnight (UTC), so that the call can be shown. */
export function bodyOf(draft: TokenDraft, now: number): Readonly<Record<string, unknown>> {
  const entries = (text: string) => text.split(/[\s,]+/).filter((entry) => entry !== '');
  return {
    name: draft.name.trim(),
    permissions: draft.permissions,
    zones: draft.isForAllZones ? 'all' : entries(draft.zones),
    ...accountsOf(draft.accounts),
    addresses: entries(draft.addresses),
    expires_on: endOf(draft, now),
  };
}

function endOf({ lasting, expiresOn }: TokenDraft, now: number): string | null {
  if (lasting === 'never') return null;
  if (lasting === 'at') return expiresOn;
  const midnight = Math.floor(now / DAY) * DAY;
  return new Date(midnight + (Number(lasting) + 1) * DAY).toISOString();
}

/** Whether a token is meant by what somebody looks for. */
export function fits({ id, name, permissions }: Token, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  return [id, name, ...permissions].some((text) => text.toLowerCase().includes(wanted));
}

/** Where it is asked what a change of a token would end. */
export function impactPath({ id }: Pick<Token, 'id'>): string {
  return `${TOKENS}/${id}/impact`;
}
