import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { REFUSALS } from '../http1/refusals.ts';
import { PULL_FAILURES } from '../pull/failure.ts';
import { PAGES } from './own-pages.ts';
import { pageReply } from './pages.ts';

const ID = '0123456789abcdef';
const ALL = Object.entries({ ...PULL_FAILURES, ...PAGES, ...REFUSALS });

function replyTo(code: string, accept: string) {
  const row = Object.fromEntries(ALL)[code];
  assert.ok(row !== undefined);
  const { fields, ...rest } = pageReply({ ...row, code }, { accept, id: ID });
  return { ...rest, fields: new Map(fields.map(([name, value]) => [name.toLowerCase(), value])) };
}

test('every page is small ASCII that loads nothing, and carries the id', () => {
  for (const [code] of ALL) {
    for (const accept of ['text/html', 'application/json', 'text/plain']) {
      const { body, fields } = replyTo(code, accept);
      assert.match(body, /^\p{ASCII}+$/u, code);
      assert.ok(body.length < 2_048, `${code}: ${body.length}`);
      assert.ok(body.includes(ID), code);
      assert.doesNotMatch(body, /https?:|url\(|src=|href=/, code);
      assert.equal(fields.get('cf-ray'), ID);
      assert.equal(fields.get('vary'), 'Accept');
    }
  }
});

test('the policy of an HTML page allows exactly the style that is on it', () => {
  const { body, fields } = replyTo('identity_refused', 'text/html');
  const style = /<style>(.*)<\/style>/s.exec(body)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  assert.match(fields.get('content-security-policy') ?? '', /^default-src 'none'; style-src 'sha256-/);
  assert.ok(fields.get('content-security-policy')?.includes(`'sha256-${digest}'`));
  assert.doesNotMatch(body, /<script| style=| on\w+=/);
});

test('an HTML page shows where the request got stuck', () => {
  const stuck = (code: string) => /<li class=x>(\w+)/.exec(replyTo(code, 'text/html').body)?.[1];
  assert.equal(stuck('bad_target'), 'You');
  assert.equal(stuck('unknown_hostname'), 'Edge');
  assert.equal(stuck('edge_fault'), 'Edge');
  assert.equal(stuck('connection_refused'), 'Origin');
});

test('JSON names status, code, sentence and id', () => {
  assert.deepEqual(JSON.parse(replyTo('too_busy', 'application/json').body), {
    error: { status: 503, code: 'too_busy', message: PULL_FAILURES.too_busy.text, request_id: ID },
  });
});

test('what passes by itself says when to try again, what has to be mended does not', () => {
  const retry = (code: string) => replyTo(code, '*/*').fields.get('retry-after');
  assert.deepEqual(['pool_retired', 'too_busy', 'connection_refused', 'paused'].map(retry), ['1', '5', '30', '300']);
  const lasting = ['identity_refused', 'origin_not_verified', 'misdirected', 'name_unresolved'];
  assert.deepEqual(
    lasting.map(retry),
    lasting.map(() => undefined),
  );
});
