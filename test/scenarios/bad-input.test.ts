import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { type Postern, startPostern, upArguments } from './postern.ts';
import { type Ended, run } from './program.ts';
import { createZone } from './site.ts';

let scratch: Scratch;
/** A Postern that runs all the while. */
let postern: Postern;

before(async () => {
  scratch = scratchDirectory();
  postern = await startPostern();
  await createZone(postern, 'bad-input.test', null);
});
after(async () => {
  await postern?.[Symbol.asyncDispose]();
  scratch?.[Symbol.dispose]();
});

let places = 0;
function freshPlace(): string {
  places += 1;
  return join(scratch.path, `place-${places}`);
}

/** Asserts one sentence for people, perhaps with another that says what to do, and no trace of the program's inside. */
function assertSentence(ended: Ended, code: 2 | 3 | 1, words: RegExp): void {
  const said = ended.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  const told = `exit ${ended.code}: ${ended.stderr}`;
  assert.equal(ended.code, code, told);
  assert.match(said[0] ?? '', /^(?:postern|error): /, told);
  assert.match(said.join('\n'), words, told);
  assert.doesNotMatch(ended.stderr, /\n\s+at |node:internal|\.ts:\d/, 'a stack trace');
  assert.doesNotMatch(said[0] ?? '', /^postern: (?:E[A-Z]+:|[A-Z]\w*Error)/, 'a message of the system alone');
  assert.ok(said.length <= 3, told);
}

function up(data: string, ...argv: readonly string[]): Promise<Ended> {
  return run([...upArguments(data, join(scratch.path, 'never.json')), ...argv]);
}

// Each case is a process of its own and waits for nobody.
const ABREAST = { concurrency: 4 };

describe('postern up that cannot start says why in a sentence', ABREAST, () => {
  for (const flag of ['--api', '--https', '--http']) {
    test(`when the port of ${flag} is in use, and starts there once the port is free`, async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      taken.unref();
      const { port } = taken.address() as AddressInfo;
      const data = freshPlace();
      assertSentence(await up(data, flag, `127.0.0.1:${port}`), 3, new RegExp(`in use.*127\\.0\\.0\\.1:${port}`));
      taken.close();
      await using started = await startPostern({ dir: data, argv: [flag, `127.0.0.1:${port}`] });
      assert.equal((await started.call('GET', '/user/tokens/verify')).success, true);
    });
  }

  test('when this machine does not have the address', async () => {
    assertSentence(await up(freshPlace(), '--https', '192.0.2.1:0'), 3, /no such address.*192\.0\.2\.1/);
  });

  test('when the data directory lies below a file', async () => {
    const file = freshPlace();
    writeFileSync(file, 'a file');
    assertSentence(await up(join(file, 'data')), 3, /not a directory/);
    assertSentence(await up(file), 3, /not a directory/);
    assert.equal(readFileSync(file, 'utf8'), 'a file');
  });

  test('when the data directory is at a place where nothing can be made', async () => {
    assertSentence(await up('/proc/x'), 3, /\/proc\/x/);
    assertSentence(await up('/proc/x/y'), 3, /\/proc\/x/);
    assert.ok(!existsSync('/proc/x.kek'));
  });

  test('when this user may not write to the data directory', {
    skip: process.getuid?.() === 0 && 'root may write everywhere',
  }, async () => {
    const data = freshPlace();
    mkdirSync(data, { mode: 0o500 });
    assertSentence(await up(data), 3, /cannot be used/);
    assertSentence(await up(join(data, 'below')), 3, /cannot be used/);
    chmodSync(data, 0o700);
  });

  test('when another postern runs in the data directory, which goes on undisturbed', async () => {
    assertSentence(await up(postern.dir), 3, /in use by another postern/);
    assert.equal((await postern.call('GET', '/user/tokens/verify')).success, true);
  });

  test('when the ready file cannot be written', async () => {
    const nowhere = join(freshPlace(), 'missing', 'ready.json');
    assertSentence(await up(freshPlace(), '--ready-file', nowhere), 3, /cannot be written/);
  });

  const misused: readonly (readonly [what: string, argv: readonly string[], words: RegExp])[] = [
    ['an unknown flag', ['--no-such-flag'], /unknown option '--no-such-flag'/],
    ['a flag that is nearly right', ['--htps', ':1'], /--https/],
    ['a flag without its value', ['--kek'], /--kek/],
    ['an address without a port', ['--https', '127.0.0.1'], /--https.*not HOST:PORT/],
    ['a port beyond all ports', ['--https', '127.0.0.1:65536'], /--https.*not HOST:PORT/],
    ['a port that is no number', ['--http', '127.0.0.1:http'], /--http.*not HOST:PORT/],
    ['a host that is none', ['--https', 'a b:1'], /--https.*not HOST:PORT/],
    ['an empty address', ['--https', ''], /--https/],
    ['an API on all addresses', ['--api', ':0'], /clear text/],
    ['an API on an address of the network', ['--api', '192.0.2.1:0'], /clear text/],
    ['no workers', ['--workers', '0'], /--workers.*1 to 64/s],
    ['an unknown log level', ['--log-level', 'loud'], /--log-level.*\n.*debug/],
    [
      'a configuration file that is not there',
      ['--config', '/nowhere/postern.yaml'],
      /\/nowhere\/postern\.yaml cannot be read/,
    ],
    ['one argument too many', ['extra'], /too many arguments|extra/],
  ];
  for (const [what, argv, words] of misused) {
    test(`for ${what}, and makes nothing`, async () => {
      const data = freshPlace();
      assertSentence(await up(data, ...argv), 2, words);
      assert.ok(!existsSync(data), 'a data directory was made');
      assert.ok(!existsSync(`${data}.kek`), 'a key was made');
    });
  }

  test('without a data directory', async () => {
    assertSentence(await run(['up']), 2, /--data/);
    assertSentence(await run(['up', '--data', '']), 2, /--data/);
  });

  test('for a configuration file that is not valid', async () => {
    const file = freshPlace();
    const data = freshPlace();
    for (const [text, words] of [
      ['htps: ":1"\n', /htps/],
      ['https: [1\n', /not YAML/],
      ['workers: many\n', /workers/],
      ['- a list\n', /not valid/],
      ['https: nowhere\n', /not HOST:PORT/],
    ] as const) {
      writeFileSync(file, text);
      const told = await run(['up', '--data', data, '--http', '127.0.0.1:0', '--api', '127.0.0.1:0', '--config', file]);
      assertSentence(told, 2, words);
    }
    assert.ok(!existsSync(data));
  });

  test('for settings of the environment, as for flags', async () => {
    const argv = ['up', '--data', freshPlace(), '--api', '127.0.0.1:0'];
    assertSentence(await run(argv, { POSTERN_HTTPS: 'nowhere' }), 2, /not HOST:PORT/);
  });
});

describe('postern up with a store that it cannot open', () => {
  let data = '';
  before(async () => {
    data = freshPlace();
    const first = await startPostern({ dir: data });
    first.signal('SIGTERM');
    assert.equal(await first.ended, 0);
    await first[Symbol.asyncDispose]();
  });

  const assertStarts = async () => {
    await using started = await startPostern({ dir: data });
    assert.equal((await started.call('GET', '/user/tokens/verify')).success, true);
  };

  test('names the key-encryption key that is missing, and makes no other', async () => {
    const other = freshPlace();
    assertSentence(await up(data, '--kek', other), 3, /key-encryption key [0-9a-f]{16} cannot be read.*missing/);
    assert.ok(!existsSync(other));
  });

  test('names both keys where the wrong one is given', async () => {
    const wrong = freshPlace();
    writeFileSync(wrong, `${'ab'.repeat(32)}\n`, { mode: 0o600 });
    assertSentence(
      await up(data, '--kek', wrong),
      3,
      /sealed with key [0-9a-f]{16}, the file .* holds key [0-9a-f]{16}/,
    );
  });

  test('refuses a key that is garbled, that others may read, or that is a directory, and shows none', async () => {
    const file = freshPlace();
    writeFileSync(file, 'not a key\n', { mode: 0o600 });
    assertSentence(await up(data, '--kek', file), 3, /There is no key-encryption key in/);
    const open = freshPlace();
    const key = readFileSync(`${data}.kek`, 'utf8');
    writeFileSync(open, key);
    chmodSync(open, 0o644);
    const refused = await up(data, '--kek', open);
    assertSentence(refused, 3, /can be read by other users/);
    assert.ok(!refused.stderr.includes(key.trim()), 'the key was shown');
    assertSentence(await up(data, '--kek', scratch.path), 3, /key-encryption key/);
  });

  test('refuses a store of a newer program and leaves it as it was', async () => {
    const was = setSchema(data, '999');
    assertSentence(await up(data), 3, /schema version 999, newer than/);
    assert.equal(setSchema(data, was), '999');
    await assertStarts();
  });

  test('refuses what is not a store', async () => {
    const other = freshPlace();
    mkdirSync(other, { mode: 0o700 });
    writeFileSync(join(other, 'postern.db'), 'this is a letter to my grandmother, not a database\n'.repeat(40));
    assertSentence(await up(other), 3, /postern\.db cannot be opened/);
    assert.ok(!existsSync(join(other, 'bootstrap-token')));
    await assertStarts();
  });
});

/** Writes another schema version into a store that nobody has open; the one that it had. */
function setSchema(data: string, version: string): string {
  const store = new DatabaseSync(join(data, 'postern.db'));
  const was = store.prepare("SELECT value FROM meta WHERE name = 'schema_version'").get()?.['value'];
  store.prepare("UPDATE meta SET value = ? WHERE name = 'schema_version'").run(version);
  store.close();
  return String(was);
}

describe('postern origin config that cannot be answered says why in a sentence', ABREAST, () => {
  const good = () => ['--data', postern.dir, '--zone', 'bad-input.test', '--hostname', 'www.bad-input.test'];
  const content = ['--upstream', 'http://127.0.0.1:3000'];

  const misused: readonly (readonly [what: string, argv: () => readonly string[], code: 1 | 2 | 3, words: RegExp])[] = [
    ['for an unknown server', () => ['iis', ...good(), ...content], 2, /"iis".*\n.*nginx, apache/],
    ['without a server', () => [...good(), ...content], 2, /missing required argument 'server'/],
    ['without a zone', () => ['nginx', '--hostname', 'www.bad-input.test', ...content], 2, /--zone/],
    ['without a control plane', () => ['nginx', ...good().slice(2), ...content], 2, /--api URL/],
    [
      'for a zone that does not exist',
      () => ['nginx', ...good(), ...content, '--zone', 'none.test'],
      2,
      /no zone none\.test/,
    ],
    [
      'for a host of another zone',
      () => ['nginx', ...good(), ...content, '--hostname', 'www.example.test'],
      2,
      /none of the zones given/,
    ],
    ['for what is no hostname', () => ['nginx', ...good(), ...content, '--hostname', 'a b'], 2, /--hostname/],
    ['for a bad upstream', () => ['nginx', ...good(), '--upstream', 'ftp://x'], 2, /--upstream/],
    [
      'for an upstream and a root at once',
      () => ['nginx', ...good(), ...content, '--root', '/srv'],
      2,
      /--upstream|--root/,
    ],
    ['for a bad address', () => ['nginx', ...good(), ...content, '--listen', 'nowhere'], 2, /--listen/],
    ['for a bad header', () => ['nginx', ...good(), ...content, '--verified-header', 'Host'], 2, /--verified-header/],
    [
      'for a certificate without its key',
      () => ['nginx', ...good(), ...content, '--server-cert', '/x.pem'],
      2,
      /--server-/,
    ],
    [
      'for enforcing and watching at once',
      () => ['nginx', ...good(), ...content, '--enforce', '--watch'],
      2,
      /cannot be used with/,
    ],
    [
      'for a server that is too old',
      () => ['nginx', ...good(), ...content, '--server-version', '1.10.0'],
      2,
      /--server-version/,
    ],
    ['for an API that is no URL', () => ['nginx', ...good(), ...content, '--api', 'nowhere'], 2, /not a URL/],
    [
      'for an API that nobody serves',
      () => ['nginx', ...good(), ...content, '--api', 'http://127.0.0.1:1'],
      3,
      /cannot be reached/,
    ],
    [
      'for a token that is not valid',
      () => ['nginx', ...good(), ...content, '--token', 'nonsense'],
      2,
      /Authentication|Invalid/,
    ],
    [
      'for a place that cannot be written',
      () => ['nginx', ...good(), ...content, '--out', '/proc/x/y.conf'],
      3,
      /\/proc\/x/,
    ],
  ];
  for (const [what, argv, code, words] of misused) {
    test(`${what}, and leaves nothing behind`, async () => {
      const bundle = freshPlace();
      const ended = await run(['origin', 'config', ...argv(), '--bundle', bundle]);
      assertSentence(ended, code, words);
      assert.equal(ended.stdout, '');
      assert.ok(!existsSync(bundle), 'the bundle was written');
    });
  }
});

describe('the help', ABREAST, () => {
  const commands = [[], ['up'], ['demo'], ['origin'], ['origin', 'config']];
  for (const command of commands) {
    test(`of ${['postern', ...command].join(' ')} shows examples and ends well`, async () => {
      const { code, stdout, stderr } = await run([...command, '--help']);
      assert.equal(code, 0);
      assert.equal(stderr, '');
      assert.match(stdout, /^Usage: postern/);
      assert.match(stdout, /^ {2}postern \w+/m, 'an example');
    });
  }

  test('is pointed to by whoever does not know the command', async () => {
    assertSentence(await run(['upp']), 2, /unknown command 'upp'.*\n?.*up/);
    const bare = await run([]);
    assert.match(`${bare.stdout}${bare.stderr}`, /Usage: postern/);
    assert.notEqual(bare.code, null);
  });

  test('has the version beside it', async () => {
    assert.match((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
