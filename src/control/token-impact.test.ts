import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zoneId } from '../domain/ids.ts';
import type { StoredToken } from './token.ts';
import { MOST_CHANGES, type TokenAct, tokenImpact, type TokenUse } from './token-impact.ts';

const ZONE = zoneId('1'.repeat(32)) ?? assert.fail();
const UNUSED: TokenUse = { isOwn: false, others: [], sessions: 0, changes: 0 };

function token(id: string, over: Partial<StoredToken> = {}): StoredToken {
  const rights = { permissions: ['dns:edit', 'tokens:edit'], addresses: [], notBefore: null, expiresAt: null } as const;
  const times = { createdAt: 0, modifiedAt: 0, revokedAt: null };
  const names = { name: id, email: null, hash: id, bootstrap: false };
  return { id, ...names, ...rights, ...times, zones: 'all', accounts: 'all', ...over };
}

const ONE = token('one');
const change = (over: Partial<StoredToken>): TokenAct => ({ kind: 'change', rights: { ...ONE, ...over } });

test('what follows for whoever uses a token', () => {
  const table: readonly (readonly [act: TokenAct, told: string, use?: Partial<TokenUse>])[] = [
    [{ kind: 'revoke' }, 'token_refused'],
    [{ kind: 'revoke' }, 'token_refused sessions_end', { sessions: 2 }],
    [{ kind: 'revoke' }, 'token_refused token_is_own token_last_manager', { isOwn: true, others: [ONE] }],
    [{ kind: 'revoke' }, 'token_refused token_is_own', { isOwn: true, others: [ONE, token('two')] }],
    [
      { kind: 'revoke' },
      'token_refused token_is_own token_last_manager',
      { isOwn: true, others: [token('reader', { permissions: ['tokens:read'] })] },
    ],
    [{ kind: 'roll' }, 'token_refused', { isOwn: true, others: [ONE] }],
    [change({ name: 'another name' }), 'nothing_lost'],
    [change({ permissions: ['tokens:edit'] }), 'token_may_less'],
    [change({ permissions: ['dns:read', 'tokens:edit'] }), 'token_may_less'],
    [change({ permissions: ['*'] }), 'token_may_more'],
    [change({ zones: [ZONE] }), 'token_may_less'],
    [change({ addresses: ['192.0.2.0/24'] }), 'token_may_less'],
    [change({ expiresAt: 5 }), 'token_may_less'],
    [change({ notBefore: 5 }), 'token_may_less'],
    [change({ permissions: ['ssl:edit', 'tokens:edit'] }), 'token_may_less token_may_more'],
    [
      change({ permissions: ['dns:edit'] }),
      'token_may_less token_is_own token_last_manager',
      { isOwn: true, others: [ONE] },
    ],
  ];
  for (const [act, told, use = {}] of table) {
    const found = tokenImpact(ONE, act, { ...UNUSED, ...use });
    assert.equal(found.map(({ code }) => code).join(' '), told, JSON.stringify(act));
  }
});

test('how much it was used is said as far as it is known', () => {
  const said = (act: TokenAct, use: Partial<TokenUse>) =>
    tokenImpact(ONE, act, { ...UNUSED, ...use }).map(({ detail }) => detail);
  const read = 'What it only read is not counted.';
  assert.deepEqual(said({ kind: 'revoke' }, {}), [`It changed nothing in the last hour. ${read}`]);
  assert.deepEqual(said({ kind: 'revoke' }, { changes: 1, sessions: 1 }), [
    `It changed something once in the last hour. ${read}`,
    'One session ends.',
  ]);
  assert.deepEqual(said({ kind: 'roll' }, { changes: MOST_CHANGES, sessions: 3 }), [
    `Until it has the new text. It changed something 100 times or more in the last hour. ${read}`,
    '3 sessions end.',
  ]);
  assert.deepEqual(said(change({ permissions: ['tokens:edit'] }), { changes: 7 }), [
    `It loses dns:edit. It changed something 7 times in the last hour. ${read}`,
  ]);
});
