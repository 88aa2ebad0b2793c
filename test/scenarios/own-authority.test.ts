import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { serverAuthority } from './authorities.ts';
import { FAST, lockedOrigins, type Origins, rotationUntil, startRotation } from './four-origins.ts';
import { type Postern, startPostern } from './postern.ts';
import { run } from './program.ts';
import { assertStatus, visit } from './site.ts';

const ZONE = 'brought.test';
const PACE = ['--canary-for', '1s', '--watch-for', '2s', '--drain-for', '1s', '--notice-for', '1s'];
const PASSPHRASE = 'correct horse battery staple';

/** A root and an intermediate as a company makes them with openssl; the key of the root under a passphrase. */
function companyCa(here: string): void {
  const openssl = (...args: readonly string[]) => execFileSync('openssl', [...args], { cwd: here, stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-nodes'];
  const usage = 'keyUsage=critical,keyCertSign,cRLSign';
  writeFileSync(join(here, 'words'), `${PASSPHRASE}\n`, { mode: 0o600 });
  writeFileSync(
    join(here, 'ca.ext'),
    `basicConstraints=critical,CA:TRUE,pathlen:0\n${usage}\nextendedKeyUsage=clientAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n`,
  );
  const root = ['-addext', usage, '-days', '3650', '-subj', '/O=Company/CN=company root', '-keyout', 'root.key'];
  openssl('req', '-x509', ...ec, ...root, '-out', 'root.pem');
  openssl('req', '-new', ...ec, '-subj', '/O=Company/CN=pulls', '-keyout', 'ca.key', '-out', 'ca.csr');
  const by = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-extfile', 'ca.ext', '-days', '1800'];
  openssl('x509', '-req', '-in', 'ca.csr', ...by, '-out', 'ca.pem');
  openssl('pkcs8', '-topk8', '-in', 'root.key', '-v2', 'aes-256-cbc', '-passout', 'file:words', '-out', 'root.enc');
}

describe('a zone with a CA of its owner', needs('nginx', 'openssl'), () => {
  let scratch: Scratch;
  let postern: Postern;
  let origins: Origins;
  const file = (name: string) => join(scratch.path, name);

  before(async () => {
    scratch = scratchDirectory();
    companyCa(scratch.path);
    postern = await startPostern({ dir: file('data') });
    const authority = await serverAuthority();
    origins = await lockedOrigins(postern, { name: ZONE, authority, servers: ['nginx'] });
  });
  after(async () => {
    await origins?.[Symbol.asyncDispose]();
    await postern?.[Symbol.asyncDispose]();
    scratch?.[Symbol.dispose]();
  });

  const command = async (...argv: readonly string[]) => {
    const ended = await run([...argv, '--zone', ZONE, '--data', postern.dir]);
    assert.equal(ended.code, 0, ended.stderr);
    return ended.stdout;
  };
  const update = async () => {
    const path = `/ssl/static/zones/${origins.zone}/authenticated_origin_pull_ca.pem`;
    origins.named('nginx').install(await (await fetch(postern.base + path)).text());
  };
  const served = async (what: string) => assertStatus(await visit(postern, origins.named('nginx').host), 200, what);
  const ended = () => rotationUntil(postern, origins.zone, 'it is over', ({ phase }) => phase === 'ended');
  const fetched = async (name: 'pem' | 'crl') => {
    const path = `/ssl/static/zones/${origins.zone}/authenticated_origin_pull_ca.${name}`;
    const text = await (await fetch(postern.base + path)).text();
    writeFileSync(file(`fetched.${name}`), text);
    return file(`fetched.${name}`);
  };
  /** What the zone level presents, by openssl: it must end at the root of the company. */
  const verified = async (...flags: readonly string[]) => {
    const path = `/postern/v1/zones/${origins.zone}`;
    const { result } = await postern.call<{ readonly certificate: { readonly id: string } }>(
      'GET',
      `${path}/hostnames/${origins.named('nginx').host}/plan`,
    );
    const whole = await postern.call<{ readonly certificate: string }>(
      'GET',
      `${path}/identities/${result.certificate.id}`,
    );
    writeFileSync(file('shown.pem'), whole.result.certificate);
    const strict = [
      '-x509_strict',
      '-purpose',
      'sslclient',
      '-CAfile',
      file('root.pem'),
      '-untrusted',
      file('shown.pem'),
    ];
    return execFileSync('openssl', ['verify', ...strict, ...flags, file('shown.pem')], { encoding: 'utf8' });
  };

  test('it is brought by one command, proved like every other, also through a kill in the middle', async () => {
    const files = ['--cert', file('ca.pem'), '--key', file('ca.key'), '--root', file('root.pem')];
    await command('ca', 'import', ...files, ...PACE, '--reason', 'company policy');
    await rotationUntil(
      postern,
      origins.zone,
      'the origin refuses it',
      ({ origins: [one] }) => one?.finding === 'refused',
    );
    await served('with the CA of before');
    postern.signal('SIGKILL');
    await postern.ended;
    postern = await startPostern({ dir: file('data') });
    await served('after the kill');
    await update();
    await rotationUntil(postern, origins.zone, 'the old root leaves', ({ phase }) => phase === 'confirming');
    await update();
    assert.equal((await ended()).outcome, 'done');
    await served('with the CA of the company');
    assert.match(await verified(), /: OK\n$/);
    assert.match(await command('ca', 'root', 'show'), /company root.*\n.*its key +away/);
  });

  test('an origin that checks lists is told that the list of that root is another one’s to give', async () => {
    const told = await run(['ca', 'crl', '--zone', ZONE, '--data', postern.dir]);
    assert.match(told.stderr, /No list of .*company root/);
  });

  test('its root comes for a ceremony, signs, and leaves again, with lists and an intermediate signed ahead', async () => {
    const words = ['--passphrase-file', file('words')];
    const refused = await run(['rotations', 'start', '--what', 'intermediate', '--zone', ZONE, '--data', postern.dir]);
    assert.match(refused.stderr, /key of the root is not here.*none is on stand-by/s);

    await command('ca', 'root', 'import', '--key', file('root.enc'), ...words);
    await startRotation(postern, origins.zone, { what: 'intermediate', pace: FAST });
    assert.equal((await ended()).outcome, 'done');
    assert.match(await verified(), /: OK\n$/);

    const exported = file('root.key.enc');
    await command('ca', 'root', 'export', '--out', exported, '--remove', '--until', '180d', '--yes', ...words);
    assert.equal(statSync(exported).mode & 0o777, 0o600);
    const clear = execFileSync('openssl', ['pkey', '-in', exported, '-passin', `file:${file('words')}`, '-pubout']);
    const own = execFileSync('openssl', ['pkey', '-in', file('root.key'), '-pubout']);
    assert.ok(clear.equals(own));
    assert.match(await command('ca', 'root', 'show'), /its key +away.*\nits list +until .*\n.*\non stand-by +one/s);

    await startRotation(postern, origins.zone, { what: 'intermediate', pace: FAST });
    assert.equal((await ended()).outcome, 'done', 'the one on stand-by is in its place');
    await served('with the intermediate that was signed ahead');
    const checked = await verified('-crl_check_all', '-CRLfile', await fetched('crl'));
    assert.match(checked, /: OK\n$/, 'the list of the root is there, and signed by it');
    assert.match(await command('ca', 'root', 'show'), /on stand-by +none/);
    assert.ok(existsSync(exported) && !readFileSync(exported, 'utf8').includes('BEGIN PRIVATE KEY'));
  });
});
