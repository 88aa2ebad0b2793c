import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { clientAuthority, type ServerAuthority, serverAuthority } from './authorities.ts';
import { startStream } from './keep-alive.ts';
import { type LogLine, type Postern, startPostern } from './postern.ts';
import { run } from './program.ts';
import {
  addRecord,
  assertStatus,
  createZone,
  lockedOrigin,
  lockedSite,
  SERVERS,
  type Site,
  visit,
  zonePull,
} from './site.ts';
import { until } from './until.ts';

let postern: Postern;
let authority: ServerAuthority;

before(async () => {
  [postern, authority] = await Promise.all([startPostern(), serverAuthority()]);
});
after(() => postern?.[Symbol.asyncDispose]());

/** Fingerprint of what the edge presents for a host, as the API tells it. */
async function presented({ zone, host }: Pick<Site, 'zone' | 'host'>): Promise<string | null> {
  const path = `/postern/v1/zones/${zone}/hostnames/${host}/plan`;
  const { result } = await postern.call<{ readonly certificate: { readonly fingerprint: string } | null }>('GET', path);
  return result.certificate?.fingerprint ?? null;
}

function failedPull(host: string): Promise<LogLine> {
  return until(
    `a failed pull of ${host} is logged`,
    () => postern.logged('pull_failed').find((line) => line['host'] === host) ?? null,
  );
}

interface Uploaded {
  readonly id: string;
}

async function uploadForHostnames(zone: string, credential: { readonly cert: string; readonly key: string }) {
  const body = { certificate: credential.cert, private_key: credential.key };
  const path = `/zones/${zone}/origin_tls_client_auth/hostnames/certificates`;
  return (await postern.call<Uploaded>('POST', path, body)).result.id;
}

async function associate({ zone, host }: Pick<Site, 'zone' | 'host'>, cert_id: string, enabled: boolean | null) {
  const config = [{ hostname: host, cert_id, enabled }];
  await postern.call('PUT', `/zones/${zone}/origin_tls_client_auth/hostnames`, { config });
}

for (const [server, program] of SERVERS) {
  describe(`a host that is locked by ${server}`, needs(program), () => {
    let site: Site;
    before(async () => {
      site = await lockedSite(server, postern, { name: `levels-${server}.test`, authority });
    });
    after(() => site?.[Symbol.asyncDispose]());

    const refused = async (what: string) => {
      const seen = site.origin.application.seen.length;
      const body = assertStatus(await visit(postern, site.host), server === 'nginx' ? 400 : 525, what);
      assert.equal(site.origin.application.seen.length, seen, `${what} reached the application`);
      return body;
    };
    const served = async (what: string) => assertStatus(await visit(postern, site.host), 200, what);

    test('refuses the edge while the zone level is off, as what it is, and lets it in again without a restart', async () => {
      await served('on');
      await zonePull(postern, site.zone, false);
      const body = await refused('off');
      if (server === 'nginx') {
        assert.match(body, /No required SSL certificate was sent/);
      } else {
        const line = await failedPull(site.host);
        assert.equal(line['code'], 'identity_refused');
        assert.equal(line['status'], 525);
        assert.ok(line['alert'] === 116 || line['alert'] === 40, JSON.stringify(line));
        assert.equal(line['plan'], 'without');
        assert.equal(line['certificate'], null);
        assert.match(body, /origin refused the client certificate/i);
      }
      await zonePull(postern, site.zone, true);
      await served('on again');
    });

    test('is kept from the edge by a veto, although the zone level is on, until the veto is voided', async () => {
      const { credential } = await clientAuthority('of the owner');
      const id = await uploadForHostnames(site.zone, credential);
      await associate(site, id, false);
      const body = await refused('vetoed');
      if (server === 'nginx') assert.match(body, /No required SSL certificate was sent/);
      assert.equal(await presented(site), null);
      const asked = ['--zone', site.name, '--hostname', site.host, '--upstream', 'http://127.0.0.1:3000'];
      const config = await run([
        'origin',
        'config',
        server,
        '--data',
        postern.dir,
        ...asked,
        '--bundle',
        site.origin.bundle,
      ]);
      assert.equal(config.code, 1, config.stderr);
      assert.match(config.stderr, /^postern: .*vetoed/, 'a lock would keep the edge out');
      await associate(site, id, null);
      await served('voided');
    });

    test('is shown its own certificate rather than that of the zone', async () => {
      const { ca, credential } = await clientAuthority('of the owner');
      const id = await uploadForHostnames(site.zone, { ...credential, cert: `${credential.cert}${ca}` });
      const host = `own.${site.name}`;
      const request = { zone: site.name, host, authority, bundle: ca };
      await using origin = await lockedOrigin(server, postern, request);
      await addRecord(postern, site.zone, { name: host, origin: { https_port: origin.tlsPort } });
      const own = { zone: site.zone, host };

      const status = server === 'nginx' ? 400 : 525;
      assertStatus(await visit(postern, host), status, 'with the identity of the zone');
      assert.equal(origin.application.seen.length, 0);

      await associate(own, id, true);
      assertStatus(await visit(postern, host), 200, 'with its own certificate');
      const fingerprint = new X509Certificate(credential.cert).fingerprint256.replaceAll(':', '').toLowerCase();
      assert.equal(await presented(own), fingerprint);
      await served('its sister keeps the identity of the zone');

      await associate(own, id, null);
      assertStatus(await visit(postern, host), status, 'with the identity of the zone again');
    });

    test('may trust the bundle of the zone for a certificate that was uploaded with its issuer', async () => {
      const { ca, credential } = await clientAuthority('another owner');
      const host = `uploaded.${site.name}`;
      const id = await uploadForHostnames(site.zone, { ...credential, cert: `${credential.cert}${ca}` });
      await associate({ zone: site.zone, host }, id, true);
      await using origin = await lockedOrigin(server, postern, { zone: site.name, host, authority });
      await addRecord(postern, site.zone, { name: host, origin: { https_port: origin.tlsPort } });
      assert.ok(readFileSync(origin.bundle, 'utf8').includes(ca.trim().slice(60, 200)), 'the issuer is in the bundle');
      assertStatus(await visit(postern, host), 200, 'with the uploaded certificate');
    });

    test('answers every visitor on a kept connection while other zones change', async () => {
      const other = await createZone(postern, `other-${server}.test`, authority);
      const stream = startStream(6, { port: postern.https, host: site.host });
      await until('the stream flows', () => stream.answered() > 20);
      for (let turn = 0; turn < 12; turn++) {
        await zonePull(postern, other, turn % 2 === 0);
        await addRecord(postern, other, { name: `n${turn}.other-${server}.test` });
        const path = `/zones/${site.zone}/dns_records/${site.record}`;
        await postern.call('PATCH', path, { comment: `turn ${turn}` });
        await postern.call('PATCH', `/zones/${other}/settings/tls_client_auth`, {
          value: turn % 2 === 0 ? 'on' : 'off',
        });
        const before = stream.answered();
        await until('the stream has gone on', () => stream.answered() > before);
      }
      assert.deepEqual(await stream.stop(), []);
    });

    test('answers every visitor while it is given another certificate that its origin trusts as well', async () => {
      const { ca, credential } = await clientAuthority('the next');
      const path = `/zones/${site.zone}/origin_tls_client_auth`;
      const body = { certificate: `${credential.cert}${ca}`, private_key: credential.key };
      const host = `rotated.${site.name}`;
      const managed = readFileSync(site.origin.bundle, 'utf8');
      const request = { zone: site.name, host, authority, bundle: `${managed}${ca}` };
      await using origin = await lockedOrigin(server, postern, request);
      await addRecord(postern, site.zone, { name: host, origin: { https_port: origin.tlsPort } });
      const before = await presented({ zone: site.zone, host });
      const stream = startStream(4, { port: postern.https, host });
      await until('the stream flows', () => stream.answered() > 20);
      const { result } = await postern.call<Uploaded>('POST', path, body);
      const sofar = stream.answered();
      await until('the stream has gone on', () => stream.answered() > sofar + 20);
      assert.notEqual(await presented({ zone: site.zone, host }), before);
      await postern.call('DELETE', `${path}/${result.id}`);
      const still = stream.answered();
      await until('the stream has gone on', () => stream.answered() > still + 20);
      assert.deepEqual(await stream.stop(), []);
      assert.equal(await presented({ zone: site.zone, host }), before);
    });
  });
}

describe('a pull with a certificate that the origin refuses', needs('apache2'), () => {
  test('is logged with code, alert, plan and the certificate that was shown', async () => {
    await using site = await lockedSite('apache', postern, { name: 'logged.test', authority });
    const neighbour = await createZone(postern, 'logged-neighbour.test', authority);
    await zonePull(postern, neighbour, true);
    const host = 'www.logged-neighbour.test';
    const origin = { https_port: site.origin.tlsPort, server_name: site.host, host_header: site.host };
    await addRecord(postern, neighbour, { name: host, origin });
    const answer = await visit(postern, host, { headers: [['Accept', 'application/json']] });
    const page = JSON.parse(assertStatus(answer, 525, 'the neighbour')) as { readonly error: Record<string, unknown> };
    const line = await failedPull(host);
    assert.equal(line['code'], 'identity_refused');
    assert.equal(line['alert'], 48, 'unknown_ca');
    assert.equal(line['plan'], 'present');
    assert.equal(line['certificate'], await presented({ zone: neighbour, host }));
    assert.equal(page.error['code'], 'identity_refused');
    assert.equal(page.error['request_id'], line['id'], 'page and log share an id');
  });
});
