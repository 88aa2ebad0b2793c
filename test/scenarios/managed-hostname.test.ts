import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { lockedOrigins, type Origins, rotationUntil, startRotation, visitorsOf } from './four-origins.ts';
import { type Postern, startPostern } from './postern.ts';
import { run } from './program.ts';
import { assertStatus, visit, zonePull } from './site.ts';

interface IdentityFacts {
  readonly id: string;
  readonly level: string;
  readonly source: string;
  readonly key_type: string;
  readonly dns_names: readonly string[];
  readonly uris: readonly string[];
  readonly certificate: string;
  readonly valid_from: string;
  readonly expires_on: string;
}

const HOUR = 3_600_000;

describe('a hostname with a managed certificate of its own, at a locked nginx', needs('nginx', 'openssl'), () => {
  let postern: Postern;
  let authority: ServerAuthority;
  let origins: Origins;
  let host: string;

  before(async () => {
    authority = await serverAuthority();
    postern = await startPostern();
    origins = await lockedOrigins(postern, { name: 'issued.test', authority, servers: ['nginx'] });
    ({ host } = origins.named('nginx'));
    await zonePull(postern, origins.zone, false);
  });
  after(async () => {
    await origins?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
  });

  const command = async (...argv: readonly string[]) => {
    const ended = await run([...argv, '--zone', 'issued.test', '--data', postern.dir]);
    assert.equal(ended.code, 0, ended.stderr);
    return ended.stdout;
  };
  const presented = async (): Promise<IdentityFacts> => {
    const path = `/postern/v1/zones/${origins.zone}`;
    const { result } = await postern.call<{ readonly certificate: { readonly id: string } }>(
      'GET',
      `${path}/hostnames/${host}/plan`,
    );
    return (await postern.call<IdentityFacts>('GET', `${path}/identities/${result.certificate.id}`)).result;
  };
  /** By openssl, as strictly as it can. */
  const believed = (certificate: string, bundle: string) => {
    using scratch = scratchDirectory();
    const [leaf, ca] = [join(scratch.path, 'leaf.pem'), join(scratch.path, 'ca.pem')];
    writeFileSync(leaf, certificate);
    writeFileSync(ca, bundle);
    const flags = ['-x509_strict', '-purpose', 'sslclient', '-check_ss_sig', '-CAfile', ca, leaf];
    assert.match(execFileSync('openssl', ['verify', ...flags], { encoding: 'utf8' }), /: OK\n$/);
  };

  test('it is issued by one command, shown at once, and believed by the bundle that the origin has', async () => {
    assertStatus(await visit(postern, host), 400, 'the zone level is off');
    const issue = ['certs', 'issue', '--hostname', host, '--hostname', '*.issued.test'];
    await command(...issue, '--lifetime', '24h', '--key-type', 'rsa:2048');
    assertStatus(await visit(postern, host), 200, 'with the certificate of its own');
    const shown = await presented();
    assert.deepEqual([shown.level, shown.source, shown.key_type], ['hostname', 'managed', 'rsa:2048']);
    assert.deepEqual(shown.dns_names, [host, '*.issued.test']);
    assert.match(shown.uris.join(), /^postern:\/\/[^/]+\/zone\/[0-9a-f]{32}$/);
    assert.equal(Date.parse(shown.expires_on) - Date.parse(shown.valid_from), 25 * HOUR);
    believed(shown.certificate, await origins.bundle());
    assert.match(await command('certs', 'list', '--hostname-level'), new RegExp(`${shown.id} +managed`));
  });

  test('a new root reaches it as it reaches every other, and its successor is like it', async () => {
    const old = await presented();
    await using visitors = visitorsOf(postern, origins);
    await startRotation(postern, origins.zone, { what: 'root' });
    await rotationUntil(postern, origins.zone, 'the origin refuses the new root', ({ origins: [one] }) => {
      return one?.finding === 'refused';
    });
    await origins.named('nginx').update();
    await rotationUntil(postern, origins.zone, 'the old root leaves', ({ phase }) => phase === 'confirming');
    await origins.named('nginx').update();
    const ended = await rotationUntil(postern, origins.zone, 'it is over', ({ phase }) => phase === 'ended');
    assert.equal(ended.outcome, 'done');
    assert.deepEqual(await visitors.stop(), []);
    const now = await presented();
    assert.notEqual(now.id, old.id);
    assert.deepEqual([now.key_type, now.dns_names, now.uris], [old.key_type, old.dns_names, old.uris]);
    believed(now.certificate, await origins.bundle());
  });

  test('a rotation makes others where that is wished: another key, another life', async () => {
    await startRotation(postern, origins.zone, { what: 'leaf', key_type: 'ec:P-384', lifetime_days: 2 });
    const ended = await rotationUntil(postern, origins.zone, 'the leaf is new', ({ phase }) => phase === 'ended');
    assert.equal(ended.outcome, 'done');
    const now = await presented();
    assert.equal(now.key_type, 'ec:P-384');
    assert.equal(Date.parse(now.expires_on) - Date.parse(now.valid_from), 49 * HOUR);
    assertStatus(await visit(postern, host), 200, 'with the new key');
  });

  test('given back to the zone it can be deleted, like an upload', async () => {
    const { id } = await presented();
    const config = [host, '*.issued.test'].map((hostname) => ({ hostname, cert_id: id, enabled: null }));
    await postern.call('PUT', `/zones/${origins.zone}/origin_tls_client_auth/hostnames`, { config });
    assert.match(await command('certs', 'delete', id, '--hostname-level', '--yes'), /^Deleted /);
    assert.doesNotMatch(await command('certs', 'list', '--hostname-level'), new RegExp(id));
    assertStatus(await visit(postern, host), 400, 'the zone level is off');
  });
});
