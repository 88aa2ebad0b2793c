/** Visits through the edge that somebody asks for at the API: real pulls, of the names of the zone alone, and not too many. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, createZone, lockedSite, type Site, zonePull } from './site.ts';

interface Visit {
  readonly hostname: string;
  readonly status: number | null;
  readonly why: string | null;
}

describe('a visit through the edge', needs('nginx'), () => {
  let postern: Postern;
  let site: Site;
  before(async () => {
    const [running, authority] = await Promise.all([startPostern(), serverAuthority()]);
    postern = running;
    site = await lockedSite('nginx', postern, { name: 'visited.test', authority });
  });
  after(async () => {
    await site?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  const ask = (zone: string, hostname: string) =>
    postern.ask<Visit>('POST', `/postern/v1/zones/${zone}/edge_visits`, { hostname });

  test('comes to the origin with the certificate of the edge, as the visit of anybody', async () => {
    const { result } = await ask(site.zone, site.host);
    assert.deepEqual([result.hostname, result.status, result.why], [site.host, 200, null]);
    const [seen] = site.origin.application.seen;
    const fields = new Map(seen?.fields.map(([name, value]) => [name.toLowerCase(), value]));
    assert.deepEqual([seen?.method, seen?.target], ['GET', '/']);
    assert.equal(fields.get('x-postern-verified'), 'SUCCESS');
    assert.equal(fields.get('user-agent'), 'Postern-Visit');
  });

  test('says what the edge answered where the origin lets it not in', async () => {
    await zonePull(postern, site.zone, false);
    const { result } = await ask(site.zone, site.host);
    // nginx refuses by a page of its own.
    assert.deepEqual([result.status, result.why], [400, null]);
    await zonePull(postern, site.zone, true);
  });

  test('is made of no name that the edge does not serve for this zone', async () => {
    await addRecord(postern, site.zone, { name: 'bare', proxied: false });
    const other = await createZone(postern, 'elsewhere.test', null);
    await addRecord(postern, other, { name: 'www' });
    const refused = async (hostname: string) => {
      const { status, errors } = await ask(site.zone, hostname);
      return [status, errors[0]?.code];
    };
    assert.deepEqual(await refused('nobody.visited.test'), [400, 10518]);
    assert.deepEqual(await refused('bare.visited.test'), [400, 10518]);
    assert.equal((await refused('www.elsewhere.test'))[0], 400);
    assert.equal((await refused('127.0.0.1'))[0], 400);
    assert.equal((await refused('localhost'))[0], 400);
  });

  test('is not for a token that may only look, nor for one of another zone', async () => {
    const elsewhere = await createZone(postern, 'third.test', null);
    const with_ = async (permissions: readonly string[], zone: string) => {
      const wish = { name: 'one', permissions, zones: [zone] };
      const { result } = await postern.call<{ readonly token: string }>('POST', '/postern/v1/tokens', wish);
      const answer = await fetch(`${postern.base}/postern/v1/zones/${site.zone}/edge_visits`, {
        method: 'POST',
        headers: { authorization: `Bearer ${result.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ hostname: site.host }),
      });
      return answer.status;
    };
    const seen = site.origin.application.seen.length;
    assert.equal(await with_(['zone:read', 'ssl:read'], site.zone), 403);
    assert.equal(await with_(['zone:read', 'ssl:edit'], elsewhere), 404);
    assert.equal(site.origin.application.seen.length, seen);
    assert.equal(await with_(['zone:read', 'ssl:edit'], site.zone), 200);
  });

  test('is made so many times a minute for one account', async () => {
    const answers = [];
    for (let time = 0; time < 40; time++) answers.push((await ask(site.zone, site.host)).errors[0]?.code ?? 200);
    assert.ok(answers.includes(200), 'some were made');
    assert.equal(answers.at(-1), 10519);
  });
});
