import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { atTerminal, NEEDS_TERMINAL } from '../cli/terminal.ts';
import { endWithTests, environment, PROGRAM, run } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { NO_LOCK, type Site, startSite } from './site.ts';

const NAME = 'www.example.test';

interface Told {
  readonly verdict: string;
  readonly targets: readonly {
    readonly host: string;
    readonly connect: string;
    readonly door: string;
    readonly verdict: string;
  }[];
  readonly findings: readonly {
    readonly code: string;
    readonly severity: string;
    readonly title: string;
    readonly fix: string;
    readonly refs: readonly string[];
    readonly target: string | null;
    readonly evidence: readonly { readonly probe: string; readonly saw: string }[];
  }[];
  readonly checked: readonly { readonly probe: string; readonly target: string; readonly saw: string }[];
  readonly notChecked: readonly { readonly what: string; readonly why: string }[];
  readonly policy?: { readonly outcome: string; readonly accepted: readonly { readonly reason: string }[] };
}

describe('postern doctor before a real nginx', needs('nginx'), () => {
  let site: Site;
  let where: readonly string[];

  before(async () => {
    site = await startSite();
    where = [NAME, '--connect', `127.0.0.1:${site.https}`];
  });
  after(() => site[Symbol.asyncDispose]());

  const good = () => `${site.file('good.pem')},${site.file('good.key')}`;
  const json = async (...argv: readonly string[]) => {
    const { code, stdout, stderr } = await run(['doctor', ...argv, '--format', 'json']);
    assert.equal(stderr, '');
    return { code, told: JSON.parse(stdout) as Told };
  };

  test('a lock that holds is exit 0, with all that was checked and what was not', async () => {
    const neighbour = `${site.file('neighbour.pem')},${site.file('neighbour.key')}`;
    const { code, told } = await json(...where, '--identity', good(), '--foreign-identity', neighbour);
    assert.equal(told.verdict, 'locked', JSON.stringify(told.findings));
    assert.equal(code, 0);
    assert.deepEqual(told.targets, [
      { host: NAME, connect: `127.0.0.1:${site.https}`, door: 'https', verdict: 'locked' },
    ]);
    assert.ok(told.checked.length > 20);
    assert.ok(told.notChecked.length > 0);
    assert.ok(told.findings.every(({ severity }) => severity === 'medium' || severity === 'low'));
  });

  test('it announces itself to whom it looks at', async () => {
    await json(...where);
    const agents = readFileSync(site.file('access.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('|')[5]);
    assert.equal(new Set(agents.filter((agent) => agent !== '-')).size, 1);
    assert.match(agents.find((agent) => agent !== '-') ?? '', /^Postern-Doctor\/\d/);
  });

  test('a name that does not resolve is unknown for itself, and the others are looked at', async () => {
    const { code, told } = await json(
      ...where,
      '--targets',
      write(site, 'more.txt', 'nowhere.invalid nowhere.invalid:443\n'),
    );
    assert.equal(code, 3);
    assert.deepEqual(
      told.targets.map(({ host, connect, verdict }) => [host, connect, verdict]),
      [
        [NAME, `127.0.0.1:${site.https}`, 'locked'],
        ['nowhere.invalid', 'nowhere.invalid:443', 'unknown'],
      ],
    );
    const [lost] = told.findings.filter(({ code: one }) => one === 'name_unresolved');
    assert.equal(lost?.target, 'nowhere.invalid at nowhere.invalid:443');
    assert.equal((await json('nowhere.invalid')).code, 3);
  });

  test('of many targets each is looked at and has its verdict', async () => {
    const names = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? NAME : `n${index}.example.test`));
    const at = (index: number) => `127.0.0.1:${index % 4 < 2 ? site.https : site.http}`;
    const lines = names.map((name, index) => `${name} ${at(index)}`);
    const { told } = await json('--targets', write(site, 'many.txt', lines.join('\n')));
    assert.deepEqual(
      told.targets.map(({ host, connect }) => `${host} ${connect}`).toSorted(),
      [...new Set(lines)].toSorted(),
    );
    assert.equal(told.targets.find(({ host, connect }) => host === NAME && connect === at(0))?.verdict, 'locked');
    const seen = new Set(told.checked.map(({ target }) => target));
    assert.equal(seen.size, told.targets.length);
  });

  test('a configuration alone is read without a connection, and beside a target compared with it', async () => {
    const config = ['--config', site.file('server.conf'), '--server', 'nginx'];
    const seen = () => readFileSync(site.file('access.log'), 'utf8').length;
    const before = seen();
    const alone = await json(...config, '--host', NAME);
    assert.equal(seen(), before);
    assert.equal(alone.told.verdict, 'locked', JSON.stringify(alone.told.findings));
    assert.ok(alone.told.targets.some(({ connect }) => connect === `127.0.0.1:${site.https}`));
    assert.equal(alone.code, 0);
    const stale = write(
      site,
      'stale.conf',
      readFileSync(site.file('server.conf'), 'utf8').replace('verify_client on', 'verify_client off'),
    );
    const both = await json(...where, '--config', stale, '--server', 'nginx');
    assert.ok(
      both.told.findings.some(({ code }) => code === 'config_differs'),
      JSON.stringify(both.told.findings),
    );
  });

  test('each format is whole, and alone on stdout', async () => {
    for (const [format, shape] of [
      ['text', /^LOCKED +www\.example\.test at /],
      ['sarif', /^\{[\s\S]*"version": "2\.1\.0"[\s\S]*\}\n$/],
      ['junit', /^<\?xml version="1\.0"[\s\S]*<\/testsuites>\n$/],
      ['markdown', /^## Doctor: Locked/],
    ] as const) {
      const { code, stdout, stderr } = await run(['doctor', ...where, '--format', format]);
      assert.match(stdout, shape);
      assert.deepEqual([code, stderr], [0, '']);
    }
  });

  test('an open origin is exit 1; the text says how to see it, and that is so', needs('curl'), async () => {
    await using open = await startSite(NO_LOCK);
    const { code, stdout } = await run(['doctor', NAME, '--connect', `127.0.0.1:${open.https}`]);
    assert.equal(code, 1);
    assert.match(stdout, /^OPEN +www\.example\.test at /);
    assert.match(stdout, /^CRITICAL The server asks nobody for a certificate\.\ncode +not_asked · NE-01 · HT-05$/m);
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 100),
      stdout,
    );
    const [command = ''] = /curl (?:.*\\\n)*.*$/m.exec(stdout) ?? [];
    assert.match(await shell(command), /HTTP\/1\.1 200[\s\S]*The application/);
  });

  test('an open origin passes a policy that accepts it until a day, and fails one that did', async () => {
    await using open = await startSite(
      'ssl_client_certificate bundle.pem; ssl_verify_client optional; ssl_verify_depth 3;',
    );
    const at = [NAME, '--connect', `127.0.0.1:${open.https}`];
    const policy = (until: string) =>
      write(
        open,
        'policy.yaml',
        `accept:\n  - { code: optional, target: ${NAME}, reason: watching, until: ${until} }\n`,
      );
    const accepted = await run(['doctor', ...at, '--policy', policy('2999-01-01'), '--format', 'json']);
    assert.equal(accepted.code, 0, accepted.stdout);
    const told = JSON.parse(accepted.stdout) as Told;
    assert.deepEqual(
      [told.verdict, told.policy?.outcome, told.policy?.accepted[0]?.reason],
      ['open', 'passed', 'watching'],
    );
    const over = await run(['doctor', ...at, '--policy', policy('2020-01-01')]);
    assert.equal(over.code, 1);
    assert.match(over.stderr, /The acceptance of optional at www\.example\.test ended on 2020-01-01/);
    assert.match(over.stdout, /FAILED by the policy\n {2}www\.example\.test at .* is open/);
  });

  test('a watch says what changed, and ends with the last verdict when it is asked to', async () => {
    await using watched = await startSite();
    const argv = [NAME, '--connect', `127.0.0.1:${watched.https}`, '--watch', '--interval', '1s', '--format', 'json'];
    const child = spawn(process.execPath, [PROGRAM, 'doctor', ...argv], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithTests(child);
    const said = textOf(child.stderr);
    const rounds = linesOf(child.stdout);
    const first = JSON.parse(await rounds.next()) as WatchLine;
    assert.deepEqual([first.verdict, first.changes[0]?.before], ['locked', null]);
    watched.relock(NO_LOCK);
    let line = first;
    while (line.verdict === 'locked') line = JSON.parse(await rounds.next()) as WatchLine;
    const [change] = line.changes;
    assert.deepEqual([change?.before?.verdict, change?.before?.since, change?.verdict], ['locked', first.at, 'open']);
    assert.equal(line.targets[0]?.since, line.at);
    child.kill('SIGTERM');
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.deepEqual([code, await said], [1, '']);
  });
});

test('a watch in text tells a change in one line', needs('nginx'), async () => {
  await using site = await startSite();
  const argv = [NAME, '--connect', `127.0.0.1:${site.https}`, '--watch', '--interval', '1s'];
  const child = spawn(process.execPath, [PROGRAM, 'doctor', ...argv], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  endWithTests(child);
  const lines = linesOf(child.stdout);
  assert.match(await lines.next(), /^LOCKED +www\.example\.test at /);
  site.relock(NO_LOCK);
  let line = '';
  while (!line.startsWith('20')) line = await lines.next();
  assert.match(line, /^20\S+Z OPEN www\.example\.test at \S+, locked since 20\S+Z: .+ \([a-z_]+\)/);
  child.kill('SIGINT');
  assert.equal(await new Promise((resolve) => child.once('close', resolve)), 1);
});

interface WatchLine {
  readonly at: string;
  readonly verdict: string;
  readonly targets: readonly { readonly since: string }[];
  readonly changes: readonly {
    readonly before: { readonly verdict: string; readonly since: string } | null;
    readonly verdict: string;
  }[];
}

function linesOf(stream: NodeJS.ReadableStream) {
  const chunks = stream[Symbol.asyncIterator]();
  let rest = '';
  return {
    next: async (): Promise<string> => {
      while (!rest.includes('\n')) {
        const { value, done } = await chunks.next();
        assert.ok(done !== true, 'it ended');
        rest += String(value);
      }
      const [line = '', ...more] = rest.split('\n');
      rest = more.join('\n');
      return line;
    },
  };
}

test('what an origin says of itself is shown, and never obeyed', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end('<title>\u001b[2J\u009b31m\u202e</title>');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    for (const format of ['text', 'json', 'sarif', 'junit', 'markdown']) {
      const argv = ['doctor', NAME, '--connect', '127.0.0.1:9', '--also', `127.0.0.1:${port}`, '--format', format];
      const { stdout } = await run(argv);
      assert.ok(stdout.includes(`127.0.0.1:${port}`));
      assert.equal(/[^\n\P{Cc}]|[\u202a-\u202e]/u.test(stdout), false, JSON.stringify(stdout));
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('before many connections to others somebody is asked, and a no leaves them alone', NEEDS_TERMINAL, async () => {
  using scratch = scratchDirectory();
  const targets = join(scratch.path, 'targets.txt');
  for (let index = 1; index <= 60; index++) appendFileSync(targets, `n${index}.example.test 192.0.2.${index}:443\n`);
  const alone = await run(['doctor', '--targets', targets]);
  assert.equal(alone.code, 2);
  assert.match(alone.stderr, /connections will be made to 60 addresses\. Nobody can be asked here/);
  const { code, screen } = await atTerminal(['doctor', '--targets', targets], { answers: [['[y/N]', 'n\n']] });
  assert.equal(code, 2);
  assert.match(screen, /60 addresses\. Go on\? \[y\/N\]/);
});

function write(site: Site, name: string, text: string): string {
  writeFileSync(site.file(name), text);
  return site.file(name);
}

async function shell(command: string): Promise<string> {
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] });
  endWithTests(child);
  return textOf(child.stdout);
}
