import type { Hostname } from '../../domain/ids.ts';
import type { AccountRef, PresentZone } from './state.ts';

/** The account that a zone is to be made in (`null` for the usual one), or why it cannot be. */
export type AccountPlan =
  | { readonly kind: 'account'; readonly account: AccountRef | null }
  | { readonly kind: 'conflict'; readonly conflict: string };

/** What the account that a file names means for a zone. A zone that is there stays where it is. */
export function planAccount(
  zone: Hostname,
  wish: string | null,
  found: PresentZone | undefined,
  accounts: readonly AccountRef[],
): AccountPlan {
  if (wish === null) return { kind: 'account', account: null };
  const [account, ...others] = accounts.filter((one) => isNamed(one, wish));
  if (account === undefined) return conflict(zone, `there is no account ${wish}: see "postern accounts list"`);
  if (others.length > 0) {
    const ids = [account, ...others].map(({ id }) => id).join(', ');
    return conflict(zone, `${others.length + 1} accounts are called ${wish}: name one by its id (${ids})`);
  }
  const is = found?.account ?? account;
  if (is.id === account.id) return { kind: 'account', account };
  return conflict(zone, `it is to be in the account ${account.name} and is in ${is.name}: zones do not move`);
}

/** Whether a text is the name or the id of an account. */
export function isNamed({ id, name }: AccountRef, text: string): boolean {
  return name === text || id === text.toLowerCase();
}

function conflict(zone: Hostname, why: string): AccountPlan {
  return { kind: 'conflict', conflict: `zone ${zone}: ${why}` };
}
