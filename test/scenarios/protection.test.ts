import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, createZone, type LockedOrigin, lockedOrigin, statusOf, visit, zonePull } from './site.ts';

const NAME = 'shop.test';
const HOST = `www.${NAME}`;
const ATTEMPTS = 12;
const ALLOWED = 5;

/** Passwords tried one after the other; what each try came to. */
async function tryPasswords(one: () => Promise<number | string>): Promise<readonly (number | string)[]> {
  const outcomes: (number | string)[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) outcomes.push(await one());
  return outcomes;
}

const beyondLimit = [...Array<number>(ALLOWED).fill(200), ...Array<number>(ATTEMPTS - ALLOWED).fill(429)];

describe(
  'a login behind the rate limit of the edge, and an attacker who has the address of the origin',
  needs('nginx'),
  () => {
    let postern: Postern;
    let authority: ServerAuthority;
    let zone = '';
    before(async () => {
      [postern, authority] = await Promise.all([startPostern(), serverAuthority()]);
      zone = await createZone(postern, NAME, authority);
      await postern.call('POST', `/zones/${zone}/rate_limits`, {
        match: { request: { methods: ['POST'], url: `${HOST}/login*` } },
        threshold: ALLOWED,
        period: 600,
        action: { mode: 'ban', timeout: 600 },
      });
    });
    after(() => postern?.[Symbol.asyncDispose]());

    const login = { method: 'POST', path: '/login' } as const;
    const throughTheEdge = async () => statusOf(await visit(postern, HOST, login));
    const directly = async ({ tlsPort: port }: LockedOrigin) => statusOf(await knock({ port, sni: HOST, ...login }));

    test('before the lock the limit holds at the edge, and nobody counts who asks the origin itself', async () => {
      await using origin = await lockedOrigin('nginx', postern, {
        zone: NAME,
        host: HOST,
        authority,
        flags: ['--watch'],
      });
      const record = await addRecord(postern, zone, { name: HOST, origin: { https_port: origin.tlsPort } });
      assert.deepEqual(await tryPasswords(throughTheEdge), beyondLimit);
      assert.deepEqual(await tryPasswords(() => directly(origin)), Array(ATTEMPTS).fill(200));
      assert.equal(origin.application.seen.length, ALLOWED + ATTEMPTS);
      await postern.call('DELETE', `/zones/${zone}/dns_records/${record}`);
    });

    test('after it the origin refuses every attempt, and the edge is the only way in', async () => {
      await zonePull(postern, zone, true);
      await using origin = await lockedOrigin('nginx', postern, { zone: NAME, host: HOST, authority });
      await addRecord(postern, zone, { name: HOST, origin: { https_port: origin.tlsPort } });
      assert.deepEqual(await tryPasswords(() => directly(origin)), Array(ATTEMPTS).fill(400));
      assert.deepEqual(origin.application.seen, []);
      // Still turned away for what came before; other pages are as open as ever.
      assert.equal(await throughTheEdge(), 429);
      assert.equal(statusOf(await visit(postern, HOST, { path: '/' })), 200);
      assert.equal(origin.application.seen.length, 1);
    });

    test('one who is turned away is told for how long, and the log says it once', async () => {
      const outcome = await visit(postern, HOST, login);
      assert.ok(outcome.kind === 'answered' && outcome.status === 429);
      const seconds = Number(/^retry-after: (\d+)\r?$/im.exec(outcome.head)?.[1]);
      assert.ok(seconds > 0 && seconds <= 600, outcome.head);
      assert.equal(postern.logged('visitor_limited').length, 1);
    });

    test('a visitor is counted by all workers together, however its connections are spread', async () => {
      const threshold = 60;
      await postern.call('POST', `/zones/${zone}/rate_limits`, {
        match: { request: { url: `${HOST}/search` } },
        threshold,
        period: 600,
        action: { mode: 'ban', timeout: 600 },
      });
      const search = async () => statusOf(await visit(postern, HOST, { path: '/search' }));
      // An idle visitor keeps one worker busier, so that these go to another one.
      const idle = connect({ port: postern.https, host: '127.0.0.1', servername: HOST, rejectUnauthorized: false });
      await once(idle, 'secureConnect');
      for (let asked = 0; asked < threshold; asked++) assert.notEqual(await search(), 429);
      idle.destroy();
      await once(idle, 'close');
      let more = 0;
      while ((await search()) !== 429) more++;
      assert.ok(more < threshold / 2, `${more} requests beyond the limit came in at another worker`);
    });

    test('a network that is blocked gets nothing, one on the whitelist passes the limit, and both at once', async () => {
      const rules = `/zones/${zone}/firewall/access_rules/rules`;
      const rule = await postern.call<{ readonly id: string }>('POST', rules, {
        mode: 'block',
        configuration: { target: 'ip_range', value: '127.0.0.0/8' },
      });
      assert.equal(statusOf(await visit(postern, HOST, { path: '/' })), 403);
      await postern.call('PATCH', `${rules}/${rule.result.id}`, { mode: 'whitelist' });
      const outcome = await visit(postern, HOST, login);
      assert.notEqual(statusOf(outcome), 429);
      assert.notEqual(statusOf(outcome), 403);
    });
  },
);
