import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { startApi } from './api.fixture.ts';
import { operations } from './described.fixture.ts';
import { html, withCode } from '../../wire/markup.ts';
import { openApi } from './openapi/openapi.ts';
import { ROUTES } from './table.ts';

const JSON_PATH = '/postern/v1/openapi.json';
const PAGE_PATH = '/postern/v1/docs';

test('anybody reads the description, in the version that runs', async (t) => {
  const { app } = await startApi(t, { version: '7.8.9' });
  const { statusCode, headers, body } = await app.inject({ url: JSON_PATH });
  assert.deepEqual([statusCode, headers['content-type']], [200, 'application/json; charset=utf-8']);
  assert.deepEqual(JSON.parse(body), openApi(ROUTES, '7.8.9'));
});

test('description and page are cacheable, and 304 where they are known', async (t) => {
  const { app } = await startApi(t);
  for (const url of [JSON_PATH, PAGE_PATH]) {
    const { headers } = await app.inject({ url });
    assert.equal(headers['cache-control'], 'public, max-age=300, must-revalidate');
    const again = await app.inject({ url, headers: { 'if-none-match': String(headers['etag']) } });
    assert.deepEqual([again.statusCode, again.body, again.headers['etag']], [304, '', headers['etag']]);
    const head = await app.inject({ method: 'HEAD', url });
    assert.deepEqual([head.statusCode, head.body, head.headers['etag']], [200, '', headers['etag']]);
  }
});

test('the page shows every call, every thing and every status, and each link on it leads somewhere', async (t) => {
  const { app } = await startApi(t);
  const { body, headers } = await app.inject({ url: PAGE_PATH });
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  const ids = [...body.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { operation } of operations()) assert.ok(ids.includes(operation.operationId), operation.operationId);
  const targets = [...body.matchAll(/ href="([^"]+)"/g)].map(([, target = '']) => target);
  for (const target of targets.filter((one) => one !== 'openapi.json')) {
    assert.ok(ids.includes(target.slice(1)), target);
  }
});

test('the page has no script, loads nothing, and its policy allows its own style alone', async (t) => {
  const { app } = await startApi(t);
  const { body, headers } = await app.inject({ url: PAGE_PATH });
  assert.doesNotMatch(body, /<(?:script|link|img|iframe|base)\b|\bstyle=|\bon\w+=|\bsrc=|@import|url\(|https?:/);
  const style = /<style>(.*)<\/style>/s.exec(body)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  assert.deepEqual(String(headers['content-security-policy']).split('; ').toSorted(), [
    "base-uri 'none'",
    "default-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    `style-src 'sha256-${digest}'`,
  ]);
});

test('text on the page is text, whatever is in it', () => {
  const hostile = `<script>alert("1")</script> & 'more'`;
  const shown = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;';
  assert.equal(html`<p title="${hostile}">${[hostile, 1]}</p>`.markup, `<p title="${shown}">${shown}1</p>`);
  assert.equal(html`${html`<b>${'<'}</b>`}`.markup, '<b>&lt;</b>');
  assert.equal(withCode('a `<b>` c').markup, 'a <code>&lt;b&gt;</code> c');
});
