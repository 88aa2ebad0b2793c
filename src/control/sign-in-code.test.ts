import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Instant, instant } from '../domain/ids.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { NOW } from './control-plane.fixture.ts';
import type { StoredToken } from './token.ts';
import { SignInCode } from './sign-in-code.ts';
import { newToken } from './tokens.ts';

const MINUTE = 60_000;
const RIGHTS = { permissions: ['*'], zones: 'all', accounts: 'all', addresses: [] } as const;
const { stored: TOKEN } = newToken({ name: 'a', email: null, ...RIGHTS, notBefore: null, expiresAt: null }, NOW);
const COUNTS = (): StoredToken => TOKEN;

function codeAt(start: Instant = NOW) {
  let now = start;
  const codes = new SignInCode(() => now);
  const pass = (span: number): void => {
    now = instant(now + span);
  };
  return { codes, pass };
}

function detailOf(outcome: StoredToken | Problem): string | null {
  return 'kind' in outcome ? `${outcome.code}: ${outcome.detail}` : null;
}

const USED = 'bad_sign_in_code: it was used already';
const OVER = 'bad_sign_in_code: its ten minutes are over';
const UNKNOWN = 'bad_sign_in_code: it is not the one that this start of Postern printed';

test('a code of 256 bits signs in whose token it stands for, once', () => {
  const { codes } = codeAt();
  const { code, expiresAt } = codes.issue(TOKEN.hash);
  assert.match(code, /^[A-Za-z0-9_-]{43}$/);
  assert.equal(expiresAt, NOW + 10 * MINUTE);
  const asked: string[] = [];
  const admit = (hash: string) => {
    asked.push(hash);
    return TOKEN;
  };
  assert.equal(codes.take(code, admit), TOKEN);
  assert.equal(detailOf(codes.take(code, admit)), USED);
  assert.deepEqual(asked, [TOKEN.hash], 'nobody is let in by a code that was used');
});

test('its ten minutes are ten minutes, and what was used stays used', () => {
  const { codes, pass } = codeAt();
  const first = codes.issue(TOKEN.hash);
  pass(10 * MINUTE - 1);
  const second = codes.issue(TOKEN.hash);
  assert.equal(detailOf(codes.take(first.code, COUNTS)), UNKNOWN, 'one that came later takes its place');
  pass(10 * MINUTE - 1);
  assert.equal(codes.take(second.code, COUNTS), TOKEN);
  pass(MINUTE);
  assert.equal(detailOf(codes.take(second.code, COUNTS)), USED);
  const third = codes.issue(TOKEN.hash);
  assert.notEqual(third.code, second.code);
  pass(10 * MINUTE);
  assert.equal(detailOf(codes.take(third.code, COUNTS)), OVER);
});

test('what is not the code is none, also before there is one, and uses nothing up', () => {
  const { codes } = codeAt();
  for (const none of ['', 'a', 'x'.repeat(64)]) assert.equal(detailOf(codes.take(none, COUNTS)), UNKNOWN);
  const { code } = codes.issue(TOKEN.hash);
  for (const near of ['', code.slice(1), `${code}A`, ` ${code}`, code.toLowerCase(), TOKEN.hash]) {
    assert.equal(detailOf(codes.take(near, COUNTS)), near === code ? null : UNKNOWN, near);
  }
  assert.equal(codes.take(code, COUNTS), TOKEN);
});

test('a token that does not count uses no code up', () => {
  const { codes } = codeAt();
  const { code } = codes.issue(TOKEN.hash);
  assert.equal(detailOf(codes.take(code, () => problem('rate_limited', 'wait'))), 'rate_limited: wait');
  assert.equal(codes.take(code, COUNTS), TOKEN);
});
