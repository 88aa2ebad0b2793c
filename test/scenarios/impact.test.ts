/** What is said before a change of what visitors meet, from what a real edge counted of them. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ImpactView } from '../../src/wire/impact.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { clientAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, statusOf, visit, visitPlain } from './site.ts';
import { until } from './until.ts';

const HOST = 'www.shop.test';

let application: EchoApplication;
let postern: Postern;
let zone = '';
let staff: Awaited<ReturnType<typeof clientAuthority>>;
before(async () => {
  [application, postern, staff] = await Promise.all([startEcho(), startPostern(), clientAuthority('Staff CA')]);
  zone = await createZone(postern, 'shop.test', null);
  await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
  await addRecord(postern, zone, { name: HOST, origin: { http_port: application.port } });
});
after(async () => {
  await postern?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

/** What is said, once it says what it should. */
const told = (act: object, words: RegExp): Promise<ImpactView> =>
  until(`${words.source} is said`, async () => {
    const path = `/postern/v1/zones/${zone}/impact`;
    const { result } = await postern.call<ImpactView>('POST', path, act);
    return words.test(result.consequences.map(({ text }) => text).join('\n')) ? result : null;
  });

test('raising the oldest TLS tells how many came with an older one', async () => {
  const raise = { kind: 'min_tls_version', to: '1.3' };
  assertStatus(await visit(postern, HOST, { tlsVersion: 'TLSv1.3' }), 200, 'over TLS 1.3');
  const unseen = await told(raise, /The one request over TLS .* came with TLS 1\.3\./);
  assert.equal(unseen.consequences[0]?.code, 'old_tls_unseen');
  assertStatus(await visit(postern, HOST, { tlsVersion: 'TLSv1.2' }), 200, 'over TLS 1.2');
  await visitPlain(postern, HOST);
  const { consequences, counted } = await told(raise, /1 of 2 requests over TLS .* came with TLS 1\.2\./);
  assert.deepEqual(
    consequences.map(({ code, severity }) => [code, severity]),
    [['old_tls_refused', 'stop']],
  );
  assert.equal(counted?.silent_edges, 0);
});

test('who came with a certificate, and who was turned away without, is told before the list changes', async () => {
  const list = `/postern/v1/zones/${zone}/hostnames/${HOST}/visitor_authorities`;
  await told({ kind: 'visitor_authorities_put', hostname: HOST, certificates: staff.ca }, /There were 2 pulls/);
  await postern.call('PUT', list, { certificates: staff.ca });
  for (const credential of [null, null, staff.credential]) await visit(postern, HOST, { credential });
  await told(
    { kind: 'visitor_authorities_delete', hostname: HOST },
    /2 requests to the zone were turned away for want of a certificate/,
  );
  const other = (await clientAuthority('Other CA')).ca;
  await told(
    { kind: 'visitor_authorities_put', hostname: HOST, certificates: other },
    /CN=Staff CA\. One request to the zone came with a certificate/,
  );
  await postern.call('DELETE', list);
});

test('what rules and limits did, and what one that simulates would have done, is told before they change', async () => {
  const access = `/zones/${zone}/firewall/access_rules/rules`;
  const configuration = { target: 'ip_range', value: '127.0.0.0/8' };
  const rule = (await postern.call<{ id: string }>('POST', access, { mode: 'block', configuration })).result.id;
  assert.deepEqual([statusOf(await visit(postern, HOST)), statusOf(await visit(postern, HOST))], [403, 403]);
  await told({ kind: 'access_rule_delete', rule }, /The rule turned 2 requests away/);
  await postern.call('DELETE', `${access}/${rule}`);

  const limits = `/zones/${zone}/rate_limits`;
  const limit = { match: { request: { url: '*.shop.test/*' } }, threshold: 1, period: 600 };
  const simulate = { ...limit, action: { mode: 'simulate', timeout: 600 } };
  const { id } = (await postern.call<{ id: string }>('POST', limits, simulate)).result;
  for (const _ of [1, 2, 3]) assertStatus(await visit(postern, HOST), 200, 'while the limit simulates');
  const ban = { ...limit, action: { mode: 'ban', timeout: 600 } };
  await told(
    { kind: 'rate_limit_put', rule: id, change: ban },
    /The limit, which simulates, would have begun to turn a visitor away once/,
  );
  await postern.call('PUT', `${limits}/${id}`, ban);
  assert.equal(statusOf(await visit(postern, HOST)), 429);
  await told({ kind: 'rate_limit_delete', rule: id }, /The limit turned one request away/);
});
