import { type Problem, problem } from '../domain/problems.ts';
import { allWithin } from '../wire/networks.ts';
import { allows } from './api/permissions.ts';
import type { Rights } from './token.ts';

/**
 * The least-privilege rule: whether somebody with the rights `own` may give `wanted` to a token, or manage one that has
 * them. Answers what goes too far, or `null`. Also in time: a token that ends cannot make one that outlives it.
 */
export function beyond(own: Rights, wanted: Rights): Problem | null {
  const lacking = wanted.permissions.find((permission) => !allows(own.permissions, permission));
  if (lacking !== undefined) return tooMuch(`the permission ${lacking}`, '/permissions');
  if (!within(wanted.zones, own.zones)) return tooMuch('zones that it may not see', '/zones');
  if (!within(wanted.accounts, own.accounts)) return tooMuch('accounts that it may not see', '/accounts');
  if (!allWithin(wanted.addresses, own.addresses)) {
    return tooMuch('addresses outside its own', '/addresses');
  }
  if (own.expiresAt !== null && (wanted.expiresAt === null || wanted.expiresAt > own.expiresAt)) {
    return tooMuch('a later end than its own', '/expires_on');
  }
  return null;
}

/** Whether all that `inner` names is in `outer`. */
export function within<Id>(inner: 'all' | readonly Id[], outer: 'all' | readonly Id[]): boolean {
  if (outer === 'all') return true;
  return inner !== 'all' && inner.every((id) => outer.includes(id));
}

function tooMuch(what: string, pointer: string): Problem {
  return problem('beyond_own_rights', what, pointer);
}
