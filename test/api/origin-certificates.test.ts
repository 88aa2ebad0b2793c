/** What origins show, as the API sees it before an edge does: with real servers of every kind. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Consequence } from '../../src/domain/consequence.ts';
import type { Authority } from '../../src/pki/issue.ts';
import { addressPolicy } from '../../src/pull/address-policy.ts';
import type { CertificateLook } from '../../src/wire/origin-certificate-looks.ts';
import { originAuthority, showingOf, showingOrigin } from '../support/showing-origins.ts';
import { type Control, startControl } from './control.ts';

const ZONE = 'shown.test';
const HOST = `www.${ZONE}`;

let control: Control;
let acme: Authority;
before(async () => {
  [control, acme] = await Promise.all([
    startControl({ rateLimits: { token: null, address: null } }),
    originAuthority('Acme internal CA'),
  ]);
  control.plane.attest({ addresses: addressPolicy([]) }, null);
});
after(() => control[Symbol.asyncDispose]());

let count = 0;

/** A zone of its own whose names are pulled from these ports. */
async function zoneAt(ports: Readonly<Record<string, number>>, origin: object = {}) {
  count += 1;
  const name = `z${count}.${ZONE}`;
  const { id } = await control.made('POST', '/zones', { name });
  for (const [label, https_port] of Object.entries(ports)) {
    const place = { type: 'A', content: '127.0.0.1', proxied: true, origin: { https_port, ...origin } };
    await control.made('POST', `/zones/${id}/dns_records`, { ...place, name: label });
  }
  const host = (label: string) => `${label}.${name}`;
  const look = async (label: string) => {
    const path = `/postern/v1/zones/${id}/origin_certificates`;
    return await control.made<CertificateLook>('POST', path, { hostname: host(label) });
  };
  const trust = (certificate: string) => control.made('POST', `/zones/${id}/acm/custom_trust_store`, { certificate });
  const weigh = async (change: object) => {
    type Told = { readonly code: Consequence['code']; readonly severity: string; readonly text: string };
    const path = `/postern/v1/zones/${id}/impact`;
    const { consequences } = await control.made<{ readonly consequences: readonly Told[] }>('POST', path, change);
    return {
      told: consequences.map(({ severity, code }) => `${severity} ${code}`),
      text: JSON.stringify(consequences),
    };
  };
  return { id, name, host, look, trust, weigh };
}

/** The name that zone number so many gives `www`. */
const nextHost = () => `www.z${count + 1}.${ZONE}`;

const codes = ({ origins }: CertificateLook) => origins.map(({ faults }) => faults.map(({ code }) => code).join(' '));

describe('what an origin shows', () => {
  test('is not believed where no edge trusts its CA, which is named; once it is trusted, it is', async () => {
    await using origin = await showingOrigin(await showingOf(acme, [nextHost()]));
    const { look, trust } = await zoneAt({ www: origin.port });
    const before = await look('www');
    assert.deepEqual(codes(before), ['unknown_ca']);
    const [one] = before.origins;
    assert.equal(one?.believed, false);
    assert.equal(one?.certificate?.issuer, 'CN=Acme internal CA');
    assert.equal(one?.offered, null, 'nothing was sent that could be trusted');
    assert.equal(one?.wanted, 'CN=Acme internal CA');
    assert.equal(one?.told_by_origin?.said, 'not_told');
    await trust(acme.certificate.pem);
    const then = await look('www');
    assert.deepEqual([then.origins[0]?.believed, codes(then)], [true, ['']]);
    assert.deepEqual(
      then.trusted.map(({ fingerprint }) => fingerprint),
      [acme.certificate.fingerprint],
    );
  });

  test('is offered to be trusted where the origin sent its root, or signed itself', async () => {
    await using chained = await showingOrigin(await showingOf(acme, [nextHost()], { sendsRoot: true }));
    const sent = await zoneAt({ www: chained.port });
    const offered = (await sent.look('www')).origins[0]?.offered;
    assert.deepEqual([offered?.kind, offered?.fingerprint], ['sent', acme.certificate.fingerprint]);
    assert.equal((await sent.look('www')).origins[0]?.wanted, null);
    await sent.trust(offered?.certificate ?? '');
    assert.equal((await sent.look('www')).origins[0]?.believed, true);
    await using alone = await showingOrigin(await showingOf(null, [nextHost()]));
    const self = await zoneAt({ www: alone.port });
    const seen = await self.look('www');
    assert.deepEqual(codes(seen), ['self_signed']);
    assert.equal(seen.origins[0]?.offered?.fingerprint, seen.origins[0]?.certificate?.fingerprint);
    await self.trust(seen.origins[0]?.offered?.certificate ?? '');
    assert.equal((await self.look('www')).origins[0]?.believed, true);
  });

  test('is told to have ended, or to name another host, also where its CA is trusted', async () => {
    await using ended = await showingOrigin(await showingOf(acme, [nextHost()], { ended: true }));
    const old = await zoneAt({ www: ended.port });
    await old.trust(acme.certificate.pem);
    assert.deepEqual(codes(await old.look('www')), ['expired']);
    await using other = await showingOrigin(await showingOf(acme, ['shop.other.test']));
    const named = await zoneAt({ www: other.port });
    assert.deepEqual(codes(await named.look('www')), ['unknown_ca wrong_name']);
    await named.trust(acme.certificate.pem);
    const seen = await named.look('www');
    assert.deepEqual(codes(seen), ['wrong_name']);
    assert.match(seen.origins[0]?.faults[0]?.text ?? '', /it names shop\.other\.test, not www\./);
  });

  test('is judged by the name that the record has the edge ask for', async () => {
    await using origin = await showingOrigin(await showingOf(acme, ['inner.example.net']));
    const { look, trust } = await zoneAt({ www: origin.port }, { server_name: 'inner.example.net' });
    await trust(acme.certificate.pem);
    const seen = await look('www');
    assert.deepEqual([seen.origins[0]?.server_name, seen.origins[0]?.believed], ['inner.example.net', true]);
  });

  test('is seen where the server shakes hands with nobody but the edge', async () => {
    let bundle = '';
    const shown = await showingOf(acme, [nextHost()]);
    const zone = await zoneAt({});
    await control.made('PUT', `/zones/${zone.id}/origin_tls_client_auth/settings`, { enabled: true });
    const stored = control.plane.zones.all();
    for (const one of stored) if (one.id === zone.id) bundle = control.plane.bundle(one);
    await using origin = await showingOrigin(shown, {
      maxVersion: 'TLSv1.2',
      requestCert: true,
      rejectUnauthorized: true,
      ca: bundle,
    });
    const record = { type: 'A', content: '127.0.0.1', proxied: true, origin: { https_port: origin.port } };
    await control.made('POST', `/zones/${zone.id}/dns_records`, { ...record, name: 'www' });
    await zone.trust(acme.certificate.pem);
    assert.equal((await zone.look('www')).origins[0]?.believed, true);
    assert.equal(origin.met(), 2, 'once as a stranger, once as the edge');
  });

  test('is told with nothing in it that a terminal obeys, and as parsed fields alone', async () => {
    await using origin = await showingOrigin(await showingOf(acme, [nextHost()]));
    const { look } = await zoneAt({ www: origin.port });
    const { certificate } = (await look('www')).origins[0] ?? {};
    assert.equal(certificate?.subject, 'CN=an origin \\<img src=x onerror=alert(1)\\>');
    assert.deepEqual(Object.keys(certificate ?? {}).toSorted(), [
      'begins_on',
      'expires_on',
      'fingerprint',
      'issuer',
      'names',
      'subject',
    ]);
  });
});

describe('where nobody looks', () => {
  test('an origin that does not answer is not judged, and one without TLS is none', async () => {
    const gone = await showingOrigin(await showingOf(acme, [nextHost()]));
    const { look, id, host } = await zoneAt({ www: gone.port });
    await gone[Symbol.asyncDispose]();
    const [one] = (await look('www')).origins;
    assert.deepEqual([one?.believed, one?.certificate], [null, null]);
    assert.match(one?.why ?? '', /refused the connection/);
    await control.made('PATCH', `/zones/${id}/settings/ssl`, { value: 'flexible' });
    const path = `/postern/v1/zones/${id}/origin_certificates`;
    const refused = await control.call('POST', path, { hostname: host('www') });
    assert.deepEqual([refused.status, refused.errors[0]?.code], [400, 10516]);
  });

  test('no address is knocked at that the policy of origins shuts, whoever asks', async () => {
    await using origin = await showingOrigin(await showingOf(acme, [nextHost()]));
    const { look } = await zoneAt({ www: origin.port });
    control.plane.attest({ addresses: addressPolicy([], { kind: 'public' }) }, null);
    try {
      assert.match((await look('www')).origins[0]?.why ?? '', /may not connect to/);
    } finally {
      control.plane.attest({ addresses: addressPolicy([]) }, null);
    }
    assert.equal(origin.met(), 0);
  });

  test('names of other zones, without a proxied record, or beyond what a token sees are refused', async () => {
    await using origin = await showingOrigin(await showingOf(acme, [nextHost()]));
    const mine = await zoneAt({ www: origin.port });
    const theirs = await zoneAt({ www: origin.port });
    const limits = { name: 'mine', permissions: ['ssl:read'], zones: [mine.id] };
    const { token } = await control.made<{ readonly token: string }>('POST', '/postern/v1/tokens', limits);
    const as = { authorization: `Bearer ${token}` };
    const ask = async (zone: string, hostname: string, headers = as) => {
      const path = `/postern/v1/zones/${zone}/origin_certificates`;
      return (await control.call('POST', path, { hostname }, headers)).status;
    };
    assert.equal(await ask(theirs.id, theirs.host('www')), 404);
    assert.equal(await ask(mine.id, theirs.host('www')), 400);
    assert.equal(await ask(mine.id, mine.host('nothing')), 400);
    assert.equal(origin.met(), 0);
    assert.equal(await ask(mine.id, mine.host('www')), 200);
    assert.equal(origin.met(), 1);
  });

  test('a private address counts only where the record was written by who may name one', async () => {
    await using origin = await showingOrigin(await showingOf(acme, [nextHost()]));
    const { id, host, look } = await zoneAt({ www: origin.port });
    const limits = { name: 'dns', permissions: ['dns:edit', 'ssl:read'], zones: [id] };
    const { token } = await control.made<{ readonly token: string }>('POST', '/postern/v1/tokens', limits);
    const as = { authorization: `Bearer ${token}` };
    const inner = { type: 'CNAME', name: 'inner', content: 'localhost.example.net', proxied: true };
    const made = await control.call(
      'POST',
      `/zones/${id}/dns_records`,
      { ...inner, origin: { https_port: origin.port } },
      as,
    );
    assert.equal(made.status, 200, JSON.stringify(made.errors));
    const lookup = (
      _: string,
      __: unknown,
      done: (error: null, found: { address: string; family: number }[]) => void,
    ) => done(null, [{ address: '127.0.0.1', family: 4 }]);
    control.plane.attest({ addresses: addressPolicy([]), lookup: lookup as never }, null);
    const path = `/postern/v1/zones/${id}/origin_certificates`;
    const seen = await control.call<CertificateLook>('POST', path, { hostname: host('inner') }, as);
    assert.match(seen.result.origins[0]?.why ?? '', /private/);
    assert.equal(origin.met(), 0);
    assert.equal((await look('www')).origins[0]?.certificate?.issuer, 'CN=Acme internal CA');
    control.plane.attest({ addresses: addressPolicy([]) }, null);
  });

  test('an account that asked too often waits', async () => {
    await using patient = await startControl({ rateLimits: { token: null, address: null } });
    patient.plane.attest({ addresses: addressPolicy([]) }, null);
    const { id } = await patient.made('POST', '/zones', { name: ZONE });
    const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true, origin: { https_port: 1 } };
    await patient.made('POST', `/zones/${id}/dns_records`, record);
    const path = `/postern/v1/zones/${id}/origin_certificates`;
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => patient.call('POST', path, { hostname: HOST })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0 && refused.length <= 80, `${refused.length}`);
    assert.equal(refused[0]?.errors[0]?.code, 10517);
  });
});

describe('what follows when a CA is trusted', () => {
  const add = (certificate: string) => ({ kind: 'trusted_ca_add', certificate });

  test('is told of the certificate that the origin shows: nothing breaks where it is of that CA', async () => {
    await using origin = await showingOrigin(await showingOf(acme, [nextHost()]));
    const { weigh, host } = await zoneAt({ www: origin.port });
    const { told, text } = await weigh(add(acme.certificate.pem));
    assert.deepEqual(told, ['note origin_cas_fit']);
    assert.match(text, new RegExp(`${host('www')}: signed by CN=Acme internal CA`));
    assert.match(text, /Looked at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  });

  test('what an origin shows of a CA that leaves is lost, by name; what is of another is no better than before', async () => {
    await using believed = await showingOrigin(await showingOf(acme, [nextHost()]));
    const house = await originAuthority('House CA');
    await using strange = await showingOrigin(await showingOf(house, [`api.z${count + 1}.${ZONE}`]));
    const { id, weigh, trust, host } = await zoneAt({ www: believed.port, api: strange.port });
    const { id: ca } = await trust(acme.certificate.pem);
    const lost = await weigh({ kind: 'trusted_ca_delete', cert_id: ca });
    assert.deepEqual(lost.told, ['stop origin_cas_left', 'warning origin_cas_joined', 'warning origin_cas_never']);
    assert.match(lost.text, new RegExp(`${host('www')}: signed by CN=Acme internal CA`));
    const more = await weigh(add(house.certificate.pem));
    assert.deepEqual(more.told, ['note origin_cas_fit', 'note origin_cas_kept']);
    const third = await originAuthority('Nobody needs it');
    const idle = await weigh(add(third.certificate.pem));
    assert.deepEqual(idle.told, ['warning origin_cas_joined', 'warning origin_cas_never', 'note origin_cas_kept']);
    assert.match(idle.text, /No certificate that the origins were seen to show needs it/);
    assert.equal((await control.made<readonly unknown[]>('GET', `/zones/${id}/acm/custom_trust_store`)).length, 1);
  });

  test('is not known, and said so, where no origin answers', async () => {
    const gone = await showingOrigin(await showingOf(acme, [nextHost()]));
    const { weigh } = await zoneAt({ www: gone.port });
    await gone[Symbol.asyncDispose]();
    const { told, text } = await weigh(add(acme.certificate.pem));
    assert.deepEqual(told, ['warning origin_cas_unseen', 'warning origin_cas_joined']);
    assert.match(text, /refused the connection/);
  });
});
