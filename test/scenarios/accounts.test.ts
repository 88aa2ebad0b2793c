import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, lockedOrigin, SERVERS, trust, visit, zonePull } from './site.ts';

const [[server, program]] = SERVERS;

describe('zones of two accounts at one edge', needs(program), () => {
  let postern: Postern;
  let authority: ServerAuthority;
  let shop = '';

  before(async () => {
    [postern, authority] = await Promise.all([startPostern(), serverAuthority()]);
    shop = (await postern.call<{ readonly id: string }>('POST', '/accounts', { name: 'Shop' })).result.id;
  });
  after(() => postern?.[Symbol.asyncDispose]());

  /** A zone of the other account, with an origin that is locked for it. */
  const locked = async (name: string) => {
    const made = await postern.call<{ readonly id: string }>('POST', '/zones', { name, account: { id: shop } });
    await trust(postern, made.result.id, authority);
    await zonePull(postern, made.result.id, true);
    const origin = await lockedOrigin(server, postern, { zone: name, host: `www.${name}`, authority });
    await addRecord(postern, made.result.id, { name: `www.${name}`, origin: { https_port: origin.tlsPort } });
    return { zone: made.result.id, origin };
  };

  test('each is served with its own identity, and the origin of one refuses the other', async () => {
    await using other = (await locked('shop.test')).origin;
    assertStatus(await visit(postern, 'www.shop.test'), 200, 'through its own zone');
    const mine = await createZone(postern, 'mine.test', authority);
    await zonePull(postern, mine, true);
    const seen = other.application.seen.length;
    await addRecord(postern, mine, { name: 'www.mine.test', origin: { https_port: other.tlsPort } });
    const refused = await visit(postern, 'www.mine.test');
    assert.ok(refused.kind === 'answered' && refused.status >= 400, JSON.stringify(refused));
    assert.equal(other.application.seen.length, seen);
  });

  test('a record that named a host before another account had its zone is pulled no more, and the API says why', async () => {
    const mine = await createZone(postern, 'early.test', authority);
    await zonePull(postern, mine, true);
    const host = 'www.early.test';
    const id = await addRecord(postern, mine, { name: host, origin: { server_name: 'www.late.test' } });
    const { origin } = await locked('late.test');
    await using other = origin;
    const named = { origin: { server_name: 'www.late.test', https_port: other.tlsPort } };
    const refused = await postern.ask('PATCH', `/zones/${mine}/dns_records/${id}`, named);
    assert.deepEqual([refused.status, refused.errors[0]?.code], [400, 1117]);
    const headers: [string, string][] = [['Accept', 'application/json']];
    const text = assertStatus(await visit(postern, host, { headers }), 525, 'the visit');
    assert.equal((JSON.parse(text) as { readonly error: { readonly code: string } }).error.code, 'server_name_foreign');
    assert.equal(other.application.seen.length, 0);
    const path = `/postern/v1/zones/${mine}/hostnames/${host}/plan`;
    const { result } = await postern.call<{ readonly https: { readonly kind: string; readonly because: string } }>(
      'GET',
      path,
    );
    assert.deepEqual([result.https.kind, result.https.because], ['refuse', 'server_name_foreign']);
    await postern.call('PUT', `/zones/${mine}/origin_tls_client_auth/settings`, { enabled: false });
    assertStatus(await visit(postern, 'www.late.test'), 200, 'the other account is not disturbed');
  });
});
