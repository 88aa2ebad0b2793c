import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { mailReceiver } from '../../src/control/notices/mail-receiver.fixture.ts';
import { receiver, until, verified } from '../../src/control/notices/receiver.fixture.ts';
import { run } from '../scenarios/program.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { startCommandLine } from './command-line.ts';

/** Notices on the command line, by webhook and by mail, through the whole program. */

test('a webhook is added, tried, told of a rotation, switched off and removed', async (t) => {
  await using line = await startCommandLine();
  const { got, url } = await receiver(t);
  assert.match(await line.good('notices', 'channels'), /^Nobody is told of anything/);
  const secret = await line.good('notices', 'add-webhook', url, '--name', 'ops', '--severity', 'info');
  assert.match(secret, /^whsec_\S+\n$/, 'the secret stands alone, for a file');
  assert.equal(await line.good('notices', 'test', 'ops'), 'It arrived at ops.\n');
  assert.ok(got[0] !== undefined && verified(got[0], secret.trim()));
  await line.postern.call('POST', '/zones', { name: 'told.test' });
  await line.good('rotations', 'start', '--zone', 'told.test', '--what', 'leaf');
  await until(() => got.length > 1);
  assert.match(got[1]?.body ?? '', /"code":"rotation_begun"/);
  const listed = await line.good('notices', 'list', '--zone', 'told.test', '--code', 'rotation_begun');
  assert.match(listed, /info +told\.test +rotation_begun\n {2}A rotation has begun: of the leaf, asked/);
  assert.match(await line.good('notices', 'deliveries', 'ops'), /delivered +1 +1 +arrived \(204\)/);
  const channels = await line.good('notices', 'channels');
  assert.ok(channels.includes(new URL(url).origin) && !channels.includes('/hook'), 'the path may be a secret');
  assert.equal(await line.good('notices', 'set', 'ops', '--off'), 'ops takes nothing.\n');
  assert.equal(await line.good('notices', 'remove', 'ops', '--yes'), 'Removed ops.\n');
  assert.equal((await line.run('notices', 'test', 'ops')).code, 2);
});

test('a webhook that is Postern itself is never called, and the test says so', async () => {
  await using line = await startCommandLine();
  for (const url of [`${line.postern.base}/healthz`, `http://127.0.0.1:${line.postern.http}/`]) {
    const name = url.replace(/\D/g, '');
    await line.good('notices', 'add-webhook', url, '--name', name);
    const { code, stderr } = await line.run('notices', 'test', name);
    assert.equal(code, 1);
    assert.match(stderr, /Postern does not connect to the address of the receiver/);
  }
});

test('mail is sent through the server that the operator names', async (t) => {
  const mail = await mailReceiver(t);
  const argv = ['--smtp', `smtp://127.0.0.1:${mail.port}`, '--smtp-from', 'postern@example.test'];
  await using line = await startCommandLine({ argv });
  assert.equal(
    await line.good('notices', 'add-email', 'ops@example.test', '--name', 'mail'),
    'mail is told by mail to ops@example.test.\n',
  );
  assert.equal(await line.good('notices', 'test', 'mail'), 'It arrived at mail.\n');
  assert.match(mail.mails[0]?.data ?? '', /^Subject: \[Postern info\] Somebody tests whether this arrives$/m);
});

test('without a mail server there is no mail', async () => {
  await using line = await startCommandLine();
  const { code, stderr } = await line.run('notices', 'add-email', 'ops@example.test', '--name', 'mail');
  assert.equal(code, 2);
  assert.match(stderr, /This Postern has no mail server/);
});

describe('a mail server that cannot be meant, or would be unsafe, is refused before anything starts', () => {
  using scratch = scratchDirectory();
  const file = join(scratch.path, 'password');
  writeFileSync(file, 'secret\n');
  const from = ['--smtp-from', 'postern@example.test'];
  for (const [argv, said] of [
    [['--smtp', 'mail.example.test', ...from], /--smtp is not a URL of SMTP/],
    [['--smtp', 'https://mail.example.test', ...from], /--smtp is not a URL of SMTP/],
    [['--smtp', 'smtp://postern:secret@mail.example.test', ...from], /--smtp holds a password/],
    [['--smtp', 'smtp://postern@mail.example.test', ...from], /there is no password/],
    [['--smtp', 'smtp://mail.example.test'], /--smtp is given without --smtp-from/],
    [['--smtp', 'smtp://mail.example.test', '--smtp-from', 'nobody'], /--smtp-from is "nobody"/],
    [['--smtp', 'smtp://mail.example.test', ...from, '--smtp-password-file', `${file}.none`], /cannot be read/],
  ] as const) {
    test(argv.slice(0, 4).join(' ').replace(scratch.path, ''), async () => {
      const { code, stderr } = await run(['up', '--data', join(scratch.path, 'data'), ...argv]);
      assert.ok(code === 2 || code === 3, stderr);
      assert.match(stderr, said);
      assert.ok(!stderr.includes('secret'), 'a password is repeated to nobody');
    });
  }
});
