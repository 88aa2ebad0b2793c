import { type Consequence, type ConsequenceCode, consequence } from '../domain/consequence.ts';
import { allows } from './api/permissions.ts';
import type { Rights, StoredToken } from './token.ts';
import { beyond } from './token-grant.ts';

/** What somebody is about to do to a token. */
export type TokenAct =
  | { readonly kind: 'revoke' }
  /** Another text takes the place of the present one. */
  | { readonly kind: 'roll' }
  | { readonly kind: 'change'; readonly rights: Rights };

/** What is known of a token besides what it may do. */
export interface TokenUse {
  /** Whether it is the one that is asked with. */
  readonly isOwn: boolean;
  /** Those that may be managed as well. */
  readonly others: readonly StoredToken[];
  /** Sign-ins that go on. */
  readonly sessions: number;
  /** Changes that it made in the last hour, up to `MOST_CHANGES`. */
  readonly changes: number;
}

/** More than that nobody has to count. */
export const MOST_CHANGES = 100;

/** What would follow for whoever uses a token. */
export function tokenImpact(token: StoredToken, act: TokenAct, use: TokenUse): readonly Consequence[] {
  return act.kind === 'change' ? ofChange(token, act.rights, use) : ofEnd(token, act.kind, use);
}

const told = (code: ConsequenceCode, detail = ''): Consequence => consequence(code, [], { traffic: null, detail });

function ofEnd(token: StoredToken, kind: 'revoke' | 'roll', use: TokenUse): readonly Consequence[] {
  const until = kind === 'roll' ? ['Until it has the new text.'] : [];
  return [
    told('token_refused', [...until, changesWords(use.changes)].join(' ')),
    ...(kind === 'revoke' ? lost(token, use) : []),
    ...(use.sessions === 0 ? [] : [told('sessions_end', sessionsWords(use.sessions))]),
  ];
}

/** What nobody could do any more. */
function lost(token: StoredToken, { isOwn, others }: TokenUse): readonly Consequence[] {
  return [
    ...(isOwn ? [told('token_is_own')] : []),
    // Who asks with another one manages tokens with that.
    ...(isOwn && manages(token) && !others.some((one) => one.id !== token.id && manages(one))
      ? [told('token_last_manager')]
      : []),
  ];
}

function ofChange(token: StoredToken, rights: Rights, use: TokenUse): readonly Consequence[] {
  const found: Consequence[] = [];
  if (beyond(rights, token) !== null || beginsLater(token, rights)) {
    found.push(told('token_may_less', [...losses(token, rights), changesWords(use.changes)].join(' ')));
    if (manages(token) && !manages(rights)) found.push(...lost({ ...token, permissions: ['tokens:edit'] }, use));
  }
  if (beyond(token, rights) !== null) found.push(told('token_may_more'));
  return found.length === 0 ? [told('nothing_lost')] : found;
}

function losses(before: Rights, after: Rights): readonly string[] {
  const permissions = before.permissions.filter((permission) => !allows(after.permissions, permission));
  return permissions.length === 0 ? [] : [`It loses ${permissions.join(', ')}.`];
}

function beginsLater(before: Rights, after: Rights): boolean {
  return (after.notBefore ?? 0) > (before.notBefore ?? 0);
}

function manages({ permissions }: Pick<Rights, 'permissions'>): boolean {
  return allows(permissions, 'tokens:edit');
}

function changesWords(changes: number): string {
  const rest = 'What it only read is not counted.';
  if (changes === 0) return `It changed nothing in the last hour. ${rest}`;
  if (changes >= MOST_CHANGES) return `It changed something ${MOST_CHANGES} times or more in the last hour. ${rest}`;
  return `It changed something ${changes === 1 ? 'once' : `${changes} times`} in the last hour. ${rest}`;
}

function sessionsWords(sessions: number): string {
  return sessions === 1 ? 'One session ends.' : `${sessions} sessions end.`;
}
