import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { type EchoApplication, fieldValues, foldedValues, startEcho } from '../support/echo-application.ts';
import type { Outcome } from '../support/knock.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import {
  addRecord,
  assertStatus,
  createZone,
  lockedOrigin,
  SERVERS,
  trust,
  visit,
  visitPlain,
  zonePull,
} from './site.ts';
import { until } from './until.ts';

let postern: Postern;
let authority: ServerAuthority;
/** What listens on the plain port of every host here. */
let plain: EchoApplication;

before(async () => {
  [postern, authority, plain] = await Promise.all([startPostern(), serverAuthority(), startEcho()]);
});
after(async () => {
  await postern?.[Symbol.asyncDispose]();
  await plain?.[Symbol.asyncDispose]();
});

async function set(zone: string, setting: string, value: string): Promise<string> {
  const { result, messages } = await postern.call<{ readonly value: string }>(
    'PATCH',
    `/zones/${zone}/settings/${setting}`,
    {
      value,
    },
  );
  assert.equal(result.value, value);
  return messages.map(({ message }) => message).join('\n');
}

function assertRedirect(outcome: Outcome, location: string): void {
  assertStatus(outcome, 301, 'a redirect');
  const head = outcome.kind === 'answered' ? outcome.head : '';
  assert.equal(/\r\nlocation: ([^\r\n]*)/i.exec(head)?.[1], location);
}

for (const [server, program] of SERVERS) {
  describe(`the SSL mode of a zone with a locked ${server}`, needs(program), () => {
    const name = `modes-${server}.test`;
    const host = `www.${name}`;
    let zone = '';
    let origin: Awaited<ReturnType<typeof lockedOrigin>>;
    before(async () => {
      zone = await createZone(postern, name, null);
      await zonePull(postern, zone, true);
      origin = await lockedOrigin(server, postern, { zone: name, host, authority });
      await addRecord(postern, zone, { name: host, origin: { https_port: origin.tlsPort, http_port: plain.port } });
    });
    after(() => origin?.[Symbol.asyncDispose]());

    /** Runs a visit and asserts that it came in at the plain port, and how it was answered. */
    const pulledPlainly = async (outcome: Promise<Outcome>, scheme: string) => {
      const [before, locked] = [plain.seen.length, origin.application.seen.length];
      assertStatus(await outcome, 200, 'a plain pull');
      assert.equal(plain.seen.length, before + 1);
      assert.equal(origin.application.seen.length, locked);
      const seen = plain.seen.at(-1);
      assert.ok(seen);
      assert.deepEqual(fieldValues(seen, 'X-Forwarded-Proto'), [scheme]);
      assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), []);
    };
    const pulledOverTls = async (outcome: Promise<Outcome>, what: string) => {
      const [before, locked] = [plain.seen.length, origin.application.seen.length];
      assertStatus(await outcome, 200, what);
      assert.equal(plain.seen.length, before, `${what} went to the plain port`);
      assert.equal(origin.application.seen.length, locked + 1);
    };

    test('is strict at first: an origin that nobody vouches for is not shown the certificate', async () => {
      const settings = await postern.call<readonly { readonly id: string; readonly value: unknown }[]>(
        'GET',
        `/zones/${zone}/settings`,
      );
      const values = Object.fromEntries(settings.result.map((one) => [one.id, one.value]));
      assert.deepEqual(values, {
        always_use_https: 'on',
        min_tls_version: '1.2',
        origin_tls_compliance_modes: [],
        ssl: 'strict',
        tls_client_auth: 'off',
      });
      const body = assertStatus(await visit(postern, host), 526, 'strict');
      assert.match(body, /could not be verified/);
      assert.equal(origin.application.seen.length, 0);
    });

    test('full pulls from an origin that cannot be verified, and the API says so', async () => {
      assert.match(await set(zone, 'ssl', 'full'), /does not verify/);
      await pulledOverTls(visit(postern, host), 'full');
    });

    test('strict pulls once the CA of the origin is in the custom trust store', async () => {
      await set(zone, 'ssl', 'strict');
      assertStatus(await visit(postern, host), 526, 'before');
      await trust(postern, zone, authority);
      await pulledOverTls(visit(postern, host), 'after');
    });

    test('strict refuses an origin whose certificate is for another name', async () => {
      const other = `other.${name}`;
      const names = [`elsewhere.${name}`];
      await using elsewhere = await lockedOrigin(server, postern, { zone: name, host: other, authority, names });
      await addRecord(postern, zone, { name: other, origin: { https_port: elsewhere.tlsPort } });
      assertStatus(await visit(postern, other), 526, 'another name');
      assert.equal(elsewhere.application.seen.length, 0);
      const line = await until(
        'the failure is logged',
        () => postern.logged('pull_failed').find((one) => one['host'] === other) ?? null,
      );
      assert.equal(line['code'], 'origin_not_verified');
    });

    test('flexible pulls plainly, without a certificate, and the API says that origin pulls have no effect', async () => {
      assert.match(await set(zone, 'ssl', 'flexible'), /no effect because SSL mode is flexible/);
      const shown = await postern.call('GET', `/zones/${zone}/origin_tls_client_auth/settings`);
      assert.match(JSON.stringify(shown.messages), /no effect because SSL mode is flexible/);
      await pulledPlainly(visit(postern, host), 'https');
    });

    test('off sends visitors from https to http and pulls plainly', async () => {
      assert.match(await set(zone, 'ssl', 'off'), /no effect because SSL mode is off/);
      assertRedirect(await visit(postern, host, { path: '/a?b=c' }), `http://${host}:${postern.http}/a?b=c`);
      await pulledPlainly(visitPlain(postern, host), 'http');
      const inner = await visit(postern, host, {
        rawRequest: `GET /a HTTP/1.1\r\nHost: ${host}:8443\r\nConnection: close\r\n\r\n`,
      });
      assertRedirect(inner, `http://${host}:${postern.http}/a`);
    });

    test('Always Use HTTPS redirects plain visits to the port of the edge; without it they are pulled plainly', async () => {
      await set(zone, 'ssl', 'strict');
      const asked = visitPlain(postern, host, { path: '/a%20b?c=d' });
      assertRedirect(await asked, `https://${host}:${postern.https}/a%20b?c=d`);
      assert.match(await set(zone, 'always_use_https', 'off'), /http:\/\/ are pulled over plain HTTP/);
      await pulledPlainly(visitPlain(postern, host), 'http');
    });

    test('origin_pull pulls plain visits over TLS too, with the certificate', async () => {
      assert.doesNotMatch(await set(zone, 'ssl', 'origin_pull'), /plain HTTP/);
      await pulledOverTls(visitPlain(postern, host), 'a plain visit');
      const seen = origin.application.seen.at(-1);
      assert.ok(seen);
      assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);
      assert.deepEqual(fieldValues(seen, 'X-Forwarded-Proto'), ['http']);
    });
  });
}

test('a record that is not proxied is not served, nor is a name without a record or of no zone', async () => {
  const zone = await createZone(postern, 'dns-only.test', authority);
  const host = 'www.dns-only.test';
  const id = await addRecord(postern, zone, { name: host, proxied: false, origin: { http_port: plain.port } });
  await zonePull(postern, zone, true);
  const { messages } = await postern.call('GET', `/zones/${zone}/origin_tls_client_auth/settings`);
  assert.match(JSON.stringify(messages), /no effect yet because no record of this zone is proxied/);
  const seen = plain.seen.length;
  for (const name of [host, 'none.dns-only.test']) {
    assertStatus(await visit(postern, name), 404, `${name} over https`);
    assertStatus(await visitPlain(postern, name), 404, `${name} over http`);
  }
  const stranger = await visit(postern, 'www.unknown.test');
  assert.equal(stranger.kind, 'refused', 'no handshake for a name of no zone');
  assertStatus(await visitPlain(postern, 'www.unknown.test'), 404, 'a name of no zone');
  assert.equal(plain.seen.length, seen);

  await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
  await postern.call('PATCH', `/zones/${zone}/dns_records/${id}`, { proxied: true });
  assertStatus(await visit(postern, host), 200, 'proxied');
  await postern.call('PATCH', `/zones/${zone}/dns_records/${id}`, { proxied: false });
  assertStatus(await visit(postern, host), 404, 'no longer proxied');
});

test('a visitor who asks for another name than that of its handshake is turned away', async () => {
  const zone = await createZone(postern, 'fronted.test', authority);
  await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
  for (const name of ['a.fronted.test', 'b.fronted.test']) {
    await addRecord(postern, zone, { name, origin: { http_port: plain.port } });
  }
  const seen = plain.seen.length;
  assertStatus(await visit(postern, 'a.fronted.test', { host: 'b.fronted.test' }), 421, 'another Host');
  assert.equal(plain.seen.length, seen);
  assertStatus(await visit(postern, 'a.fronted.test', { host: 'A.Fronted.Test.' }), 200, 'another spelling');
});

test('an edge whose own listener is named as an origin does not ask itself', async () => {
  const zone = await createZone(postern, 'circle.test', authority);
  await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
  for (const [name, port] of [
    ['edge', postern.http],
    ['api', Number(new URL(postern.base).port)],
  ] as const) {
    await addRecord(postern, zone, { name: `${name}.circle.test`, origin: { http_port: port } });
    assertStatus(await visit(postern, `${name}.circle.test`), 530, name);
  }
});

test('plain bytes on the https port end the connection and disturb nobody', async () => {
  const socket = connect({ port: postern.https, host: '127.0.0.1' });
  socket.on('error', () => socket.destroy());
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET / HTTP/1.1\r\nHost: www.fronted.test\r\n\r\n');
  socket.resume();
  await closed;
  assertStatus(await visitPlain(postern, 'nobody.test'), 404, 'the next visitor');
});
