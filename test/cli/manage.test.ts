import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { clientAuthority } from '../scenarios/authorities.ts';
import { run } from '../scenarios/program.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { assertGolden, type CommandLine, startCommandLine } from './command-line.ts';

let line: CommandLine;
let scratch: Scratch;

before(async () => {
  line = await startCommandLine();
  scratch = scratchDirectory();
});
after(async () => {
  await line[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

async function newZone(name: string): Promise<string> {
  return (await line.postern.call<{ id: string }>('POST', '/zones', { name })).result.id;
}

function pemFiles(name: string, credential: { readonly cert: string; readonly key: string }): [string, string] {
  const [cert, key] = [join(scratch.path, `${name}.pem`), join(scratch.path, `${name}.key`)];
  writeFileSync(cert, credential.cert);
  writeFileSync(key, credential.key, { mode: 0o600 });
  return [cert, key];
}

describe('zones', () => {
  test('are created, listed, shown, paused, resumed and deleted, by name and by id', async () => {
    const { id } = await line.json<{ id: string }>('zones', 'create', 'Shop.Test.');
    await newZone('a-much-longer-name.example.test');
    assertGolden('zones-list', await line.good('zones', 'list'));
    assert.match(await line.good('zones', 'pause', 'shop.test'), /shop\.test is paused/);
    assertGolden('zones-show-paused', await line.good('zones', 'show', id.toUpperCase()));
    assert.deepEqual((await line.json<{ paused: boolean }>('zones', 'resume', id)).paused, false);

    const unasked = await line.run('zones', 'delete', 'shop.test', '--json');
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /Add --yes/);
    assert.match(JSON.parse(unasked.stdout).error.fix, /--yes/);
    assert.deepEqual(await line.json('zones', 'delete', 'shop.test', '--yes'), { id });
    const gone = await line.run('zones', 'show', id);
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /no zone with the id.*\n.*postern zones list/);
  });

  test('what is misspelt is answered with what was probably meant', async () => {
    await newZone('spelling.test');
    const [name, below, command] = await Promise.all([
      line.run('zones', 'show', 'speling.test'),
      line.run('records', 'list', '--zone', 'www.spelling.test'),
      line.run('zones', 'lst'),
    ]);
    assert.match(name.stderr, /Did you mean spelling\.test\?/);
    assert.match(below.stderr, /a name in the zone spelling\.test/);
    assert.match(command.stderr, /Did you mean list\?/);
    assert.deepEqual([name.code, below.code, command.code], [2, 2, 2]);
  });

  test('a refusal of the API is exit 2 with its code, also as JSON', async () => {
    await newZone('twice.test');
    const ended = await line.run('zones', 'create', 'twice.test', '--json');
    assert.equal(ended.code, 2);
    assert.equal(JSON.parse(ended.stdout).error.errors[0].code, 1061);
  });
});

describe('accounts', () => {
  test('are made, listed, renamed and deleted, and zones and tokens are made for them', async () => {
    const { id } = await line.json<{ id: string }>('accounts', 'create', 'Shop');
    assertGolden('accounts-list', await line.good('accounts', 'list'));
    const zone = await line.json<{ id: string; account: { name: string } }>(
      'zones',
      'create',
      'in-shop.test',
      '--account',
      'Shop',
    );
    assert.equal(zone.account.name, 'Shop');
    const listed = await line.json<{ name: string }[]>('zones', 'list', '--account', id);
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['in-shop.test'],
    );
    const rights = ['--permission', 'zone:read', '--all-zones'] as const;
    const token = await line.json<{ accounts: string[] }>('tokens', 'create', 'shop', ...rights, '--account', 'Shop');
    assert.deepEqual(token.accounts, [id]);
    assert.equal(await line.good('accounts', 'rename', 'Shop', 'Shop Ltd'), 'Shop is called Shop Ltd.\n');
    const [misspelt, full] = await Promise.all([
      line.run('zones', 'list', '--account', 'Shop Lts'),
      line.run('accounts', 'delete', 'Shop Ltd', '--yes', '--json'),
    ]);
    assert.match(misspelt.stderr, /Did you mean Shop Ltd\?/);
    assert.equal(JSON.parse(full.stdout).error.errors[0].code, 7405);
    await line.good('zones', 'delete', 'in-shop.test', '--yes');
    assert.deepEqual(await line.json('accounts', 'delete', id, '--yes'), { id });
  });
});

describe('without an API that answers', () => {
  test('a missing address is wrong use, one where nobody listens is undetermined, a wrong token says what to set', async () => {
    const [none, nobody, token, local] = await Promise.all([
      run(['zones', 'list']),
      run(['zones', 'list', '--json'], { POSTERN_API: 'http://127.0.0.1:1' }),
      run(['zones', 'list', '--token', 'wrong'], { POSTERN_API: line.postern.base }),
      run(['zones', 'list', '--data', line.postern.dir]),
    ]);
    assert.deepEqual([none.code, nobody.code, token.code, local.code], [2, 3, 2, 0]);
    assert.match(none.stderr, /--api URL, set POSTERN_API/);
    assert.match(JSON.parse(nobody.stdout).error.message, /cannot be reached/);
    assert.match(token.stderr, /POSTERN_TOKEN/);
  });
});

describe('records', () => {
  test('are added, listed, changed and removed', async () => {
    await newZone('records.test');
    const zone = ['--zone', 'records.test'] as const;
    const origin = ['--origin-https-port', '8443', '--server-name', 'origin.records.test'] as const;
    const www = await line.json<{ id: string }>(
      'records',
      'add',
      'www',
      'a',
      '127.0.0.1',
      ...zone,
      '--proxied',
      ...origin,
    );
    await line.good('records', 'add', 'www', 'A', '127.0.0.2', ...zone, '--dns-only', '--ttl', '300');
    await line.good('records', 'add', '@', 'AAAA', '::1', ...zone, '--proxied', '--comment', 'the zone itself');
    assertGolden('records-list', await line.good('records', 'list', ...zone));

    const two = await line.run('records', 'set', 'www', ...zone, '--ttl', '60');
    assert.equal(two.code, 2);
    assert.match(two.stderr, /stands for 2 records/);
    const changed = await line.json<{ origin: unknown; ttl: number }>(
      'records',
      'set',
      www.id.slice(0, 10),
      ...zone,
      '--origin-http-port',
      '8080',
      '--ttl',
      'auto',
    );
    assert.deepEqual(changed.origin, { https_port: 8443, server_name: 'origin.records.test', http_port: 8080 });

    const [unasked, both] = await Promise.all([
      line.run('records', 'rm', www.id, ...zone),
      line.run('records', 'set', '@', ...zone, '--proxied', '--dns-only'),
    ]);
    assert.deepEqual([unasked.code, both.code], [2, 2]);
    await line.good('records', 'rm', www.id, ...zone, '--yes');
    const left = await line.json<{ content: string }[]>('records', 'list', ...zone, '--name', 'www');
    assert.deepEqual(
      left.map(({ content }) => content),
      ['127.0.0.2'],
    );
  });
});

describe('settings', () => {
  test('are listed, read as a bare value and changed; a note says what has no effect', async () => {
    await newZone('settings.test');
    const zone = ['--zone', 'settings.test'] as const;
    assertGolden('settings-list', await line.good('settings', 'list', ...zone));
    assert.equal(await line.good('settings', 'set', 'ssl', 'flexible', ...zone), 'ssl of settings.test is flexible.\n');
    assert.equal(await line.good('settings', 'get', 'ssl', ...zone), 'flexible\n');
    const noted = await line.run('settings', 'set', 'tls_client_auth', 'on', ...zone, '--json');
    assert.equal(JSON.parse(noted.stdout).value, 'on');
    assert.match(noted.stderr, /^note: Authenticated origin pulls have no effect because SSL mode is flexible/m);
    assert.equal((await line.run('settings', 'set', 'ssl', 'strictest', ...zone)).code, 2);
    const limits = ['settings', 'set', 'origin_tls_compliance_modes'] as const;
    assert.match(await line.good(...limits, 'pqh,fips', ...zone), /^origin_tls_compliance_modes of .* is fips,pqh\.$/m);
    assert.equal(await line.good('settings', 'get', 'origin_tls_compliance_modes', ...zone), 'fips,pqh\n');
    assert.match(await line.good(...limits, 'none', ...zone), / is none\.$/m);
    assert.equal((await line.run(...limits, 'fips,cnsa2', ...zone)).code, 2);
    const floor = await line.run('settings', 'set', 'min_tls_version', '1.0', ...zone);
    assert.match(floor.stderr, /^note: The min_tls_version of this zone has no effect below 1\.2 because/m);
    assert.match(await line.good('__complete', 'settings', 'get', 'm'), /^min_tls_version$/m);
    const unknown = await line.run('settings', 'get', 'sll', ...zone);
    assert.match(unknown.stderr, /Did you mean ssl\?/);
  });
});

describe('origin pulls and certificates', () => {
  test('the zone level is what "on" switches, and the status says why and what to trust', async () => {
    const id = await newZone('pulls.test');
    const record = { type: 'A', content: '127.0.0.1', proxied: true };
    await line.postern.call('POST', `/zones/${id}/dns_records`, { ...record, name: 'www' });
    assert.match(await line.good('aop', 'on', '--zone', 'pulls.test'), /^The zone level of pulls\.test is on\.$/m);
    assertGolden('aop-status-zone', await line.good('aop', 'status', '--zone', 'pulls.test'));
    const all = await line.json<{ hostname: string }[]>('aop', 'status', '--all', '--kind', 'present');
    assert.deepEqual(
      all.map(({ hostname }) => hostname),
      ['www.pulls.test'],
    );
    assertGolden('identities-list', await line.good('identities', 'list', '--zone', 'pulls.test'));
    const [managed] = await line.json<{ id: string }[]>(
      'identities',
      'list',
      '--zone',
      'pulls.test',
      '--level',
      'zone',
    );
    const whole = await line.good('identities', 'show', managed?.id ?? '', '--zone', 'pulls.test');
    for (const word of [`/zone/${id}`, 'yes, by the bundle', 'presented by  www.pulls.test']) {
      assert.ok(whole.includes(word), `${word} is not in ${whole}`);
    }
    const plan = await line.json<{ level: string; identity: string }>('aop', 'status', '--hostname', 'www.pulls.test');
    assert.deepEqual([plan.level, plan.identity], ['zone', 'managed']);
    const shown = await line.good('aop', 'status', '--hostname', 'www.pulls.test');
    for (const word of ['why', 'The zone level is on', 'origin must trust', `/ssl/static/zones/${id}/`, 'its sha256']) {
      assert.ok(shown.includes(word), word);
    }
    const global = await line.run('aop', 'on', '--zone', id, '--level', 'global');
    assert.match(global.stderr, /note: The global level has no effect because the zone level is on/);
    assert.match(await line.good('aop', 'off', '--zone', 'pulls.test'), /zone level of pulls\.test is off/);
    assert.ok(
      (await line.json<{ zone: { name: string } }[]>('aop', 'status')).some(({ zone }) => zone.name === 'pulls.test'),
    );
  });

  test('a hostname gets a certificate of its own, a veto, and goes back to its zone', async () => {
    await newZone('own.test');
    const without = await line.run('aop', 'on', '--hostname', 'www.own.test');
    assert.equal(without.code, 2);
    assert.match(without.stderr, /postern certs upload --zone own\.test --hostname-level/);

    const { credential, ca } = await clientAuthority('Own');
    const [cert, key] = pemFiles('own', { ...credential, cert: credential.cert + ca });
    const upload = ['certs', 'upload', '--zone', 'own.test', '--hostname-level', '--cert', cert, '--key', key] as const;
    const { id } = await line.json<{ id: string }>(...upload);
    assert.equal(await line.good(...upload), `Already uploaded for own.test: ${id}\n`);
    assertGolden('certs-list', await line.good('certs', 'list', '--zone', 'own.test', '--hostname-level'));

    assert.match(
      await line.good('aop', 'on', '--hostname', 'www.own.test'),
      /presents the certificate [0-9a-f-]{36}\.\n.*own/,
    );
    assert.match(
      await line.good('aop', 'off', '--hostname', 'www.own.test'),
      /no certificate\.\nThe hostname is vetoed/,
    );
    assert.match(await line.good('aop', 'inherit', '--hostname', 'www.own.test'), /does what own\.test says/);
    assert.match(await line.good('aop', 'inherit', '--hostname', 'www.own.test'), /already does/);

    const named = ['--zone', 'own.test', '--hostname-level'] as const;
    assert.match(await line.good('certs', 'show', id, ...named), /fingerprint {2}[0-9a-f]{64}/);
    assert.equal((await line.run('certs', 'delete', id, ...named)).code, 2);
    await line.good('certs', 'delete', id, ...named, '--yes');
    assert.deepEqual(await line.json('certs', 'list', ...named), []);
  });

  test('visitors of a hostname are asked for certificates, and not any more', async () => {
    await newZone('visitors.test');
    const { ca, credential } = await clientAuthority('Staff CA');
    const [file, key] = pemFiles('staff', { cert: ca, key: credential.key });
    assert.match(await line.good('visitors', 'list', '--zone', 'visitors.test'), /No hostname of visitors\.test asks/);
    const asked = await line.run('visitors', 'require', 'www.visitors.test', '--ca', file, '--name', 'staff');
    assert.equal(asked.stdout, 'www.visitors.test asks its visitors for a certificate of CN=Staff CA.\n');
    assert.match(asked.stderr, /note: No proxied record serves this name yet/);
    const below = await line.json<{ hostname: string }>('visitors', 'require', '*.visitors.test', '--ca', file);
    assert.equal(below.hostname, '*.visitors.test');
    assertGolden('visitors-list', await line.good('visitors', 'list', '--zone', 'visitors.test'));
    assertGolden('visitors-show', await line.good('visitors', 'show', 'www.visitors.test'));
    const plan = await line.good('aop', 'status', '--hostname', 'shop.visitors.test');
    assert.match(plan, /visitors must show {2}a certificate of CN=Staff CA/);

    const wrong = await line.run('visitors', 'require', 'www.visitors.test', '--ca', key, '--json');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /holds a private key/);
    assert.doesNotMatch(wrong.stdout + wrong.stderr, /BEGIN/);

    assert.equal((await line.run('visitors', 'drop', 'www.visitors.test')).code, 2);
    await line.good('visitors', 'drop', 'www.visitors.test', '--yes');
    assert.deepEqual(await line.json('visitors', 'drop', '*.visitors.test', '--yes'), { hostname: '*.visitors.test' });
    assert.deepEqual(await line.json('visitors', 'list', '--zone', 'visitors.test'), []);
  });

  test('no key is ever echoed, whatever is wrong with it', async () => {
    await newZone('keys.test');
    const { credential } = await clientAuthority('Keys');
    const [cert, key] = pemFiles('keys', credential);
    const secret = credential.key.split('\n')[1] ?? '?';
    const endings = await Promise.all([
      line.run('certs', 'upload', '--zone', 'keys.test', '--cert', key, '--key', cert, '--json'),
      line.run(
        'certs',
        'upload',
        '--zone',
        'keys.test',
        '--cert',
        cert,
        '--key',
        join(scratch.path, 'missing'),
        '--json',
      ),
      line.run('certs', 'upload', '--zone', 'keys.test', '--cert', cert, '--key', key, '--json'),
    ]);
    assert.deepEqual(
      endings.map(({ code }) => code),
      [2, 2, 0],
    );
    for (const { stdout, stderr } of endings) assert.ok(!`${stdout}${stderr}`.includes(secret));
  });

  test('the bundle of a zone goes to stdout or to a file, the same bytes, with its sha256', async () => {
    await newZone('bundle.test');
    const file = join(scratch.path, 'bundle.pem');
    const printed = await line.run('ca', 'bundle', '--zone', 'bundle.test');
    const written = await line.good('ca', 'bundle', '--zone', 'bundle.test', '--out', file);
    const text = readFileSync(file, 'utf8');
    assert.equal(printed.stdout, text);
    const sha256 = createHash('sha256').update(text).digest('hex');
    assert.equal(written, `${sha256}  ${file}\n`);
    assert.ok(printed.stderr.includes(sha256));
    assertGolden('ca-show', await line.good('ca', 'show', '--zone', 'bundle.test'));
    assert.equal((await line.run('ca', 'bundle')).code, 2);
  });
});
