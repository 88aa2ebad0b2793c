import { type Problem, problem } from '../../domain/problems.ts';
import type { View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import { networkText } from '../../wire/networks.ts';
import { moment } from '../../wire/views.ts';
import type { StoredToken, TokenDraft } from '../token.ts';
import type { Call } from './route.ts';
import type { TokenBody, TokenEdit } from './token-schemas.ts';
import { type Asker, editedScope, newScope } from './token-scope.ts';
import type { TOKEN } from '../../wire/tokens.ts';

/** What a body asks for, with zones and accounts by id and networks in one spelling. */
export function tokenDraft(body: TokenBody, asker: Asker): TokenDraft | Problem {
  const scope = newScope(body, asker);
  if (isProblem(scope)) return scope;
  const addresses = tokenAddresses(body.addresses, '/addresses');
  if (isProblem(addresses)) return addresses;
  const { name, permissions, email, not_before: notBefore, expires_on: expiresAt } = body;
  return inTime({ name, permissions: unique(permissions), ...scope, addresses, email, notBefore, expiresAt });
}

/** What an edit makes of a token: fields left out stay as they are. */
export function tokenEdit(body: TokenEdit, token: StoredToken, asker: Asker): TokenDraft | Problem {
  const { zones, accounts } = token;
  const scope = editedScope(body, { zones, accounts }, asker);
  if (isProblem(scope)) return scope;
  const addresses = body.addresses === undefined ? token.addresses : tokenAddresses(body.addresses, '/addresses');
  if (isProblem(addresses)) return addresses;
  return inTime({
    name: body.name ?? token.name,
    permissions: body.permissions === undefined ? token.permissions : unique(body.permissions),
    ...scope,
    addresses,
    email: token.email,
    notBefore: body.not_before === undefined ? token.notBefore : body.not_before,
    expiresAt: body.expires_on === undefined ? token.expiresAt : body.expires_on,
  });
}

/** The token as Postern's own paths show it. Its text is not in it: nobody has that but its bearer. */
export function tokenView(token: StoredToken, { plane, now }: Pick<Call, 'plane' | 'now'>): View<typeof TOKEN> {
  const at = plane.tokenUsedAt(token.id);
  return { ...tokenFacts(token, now), last_used_on: at === null ? null : moment(at) };
}

/** What of it somebody has said: a precondition is about that, and not about when it was used. */
export function tokenFacts(token: StoredToken, now: number): Omit<View<typeof TOKEN>, 'last_used_on'> {
  return {
    id: token.id,
    name: token.name,
    kind: tokenKind(token),
    email: token.email,
    status: tokenStatus(token, now),
    permissions: token.permissions,
    zones: token.zones,
    accounts: token.accounts,
    addresses: token.addresses,
    not_before: token.notBefore === null ? null : moment(token.notBefore),
    expires_on: token.expiresAt === null ? null : moment(token.expiresAt),
    created_on: moment(token.createdAt),
    modified_on: moment(token.modifiedAt),
  };
}

function tokenKind({ bootstrap, email }: StoredToken): 'bootstrap' | 'legacy' | 'token' {
  if (bootstrap) return 'bootstrap';
  return email === null ? 'token' : 'legacy';
}

function tokenStatus({ notBefore, expiresAt }: StoredToken, now: number): 'active' | 'not_yet_valid' | 'expired' {
  if (expiresAt !== null && now >= expiresAt) return 'expired';
  return notBefore !== null && now < notBefore ? 'not_yet_valid' : 'active';
}

/** Networks in one spelling, or a fault that points into the list at `at`. */
export function tokenAddresses(wanted: readonly string[], at: string): readonly string[] | Problem {
  const found: string[] = [];
  for (const [index, text] of wanted.entries()) {
    const network = networkText(text);
    if (network === null) {
      const rule = 'must be an address or a network such as 192.0.2.0/24, without bits beyond its prefix';
      return problem(
        'bad_body',
        `${at.slice(1).replaceAll('/', '.')}.${index} is ${shown(text)}, ${rule}`,
        `${at}/${index}`,
      );
    }
    found.push(network);
  }
  return unique(found);
}

/** The draft, unless its time ends before it begins. */
export function inTime(draft: TokenDraft): TokenDraft | Problem {
  const { notBefore, expiresAt } = draft;
  if (notBefore === null || expiresAt === null || notBefore < expiresAt) return draft;
  return problem('bad_body', `expires_on is ${moment(expiresAt)}, must be after not_before`, '/expires_on');
}

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
