import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { endWithTests, environment, PROGRAM } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { scratchDirectory } from '../support/scratch.ts';

const SCRIPT = join(import.meta.dirname, 'stock.sh');

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

// Mounts and networks of one's own are for root on Linux, and not everywhere for root either.
const isPossible =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  ['/usr/bin/unshare', '/usr/sbin/ip', '/etc/debian_version'].every(isThere);

for (const [kind, program] of [
  ['nginx', 'nginx'],
  ['apache', 'apache2'],
  ['haproxy', 'haproxy'],
  ['caddy', 'caddy'],
] as const) {
  const { skip } = needs(program, 'openssl', 'curl');
  const options = { skip: isPossible ? skip : 'needs root on Debian, for namespaces of its own' };
  test(
    `on a machine with Debian's ${kind}, one command locks a site, and a second undoes it to the byte`,
    options,
    async () => {
      using scratch = scratchDirectory();
      const argv = [
        '-m',
        '-n',
        '-p',
        '-f',
        '--mount-proc',
        '--kill-child',
        'bash',
        SCRIPT,
        kind,
        scratch.path,
        `${process.execPath} ${PROGRAM}`,
      ];
      const child = spawn('/usr/bin/unshare', argv, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
      endWithTests(child);
      const said: Buffer[] = [];
      for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (chunk: Buffer) => said.push(chunk));
      await once(child, 'close');
      const text = Buffer.concat(said).toString('utf8');
      for (const line of ['before: 200', 'install: 0', 'edge: 200', 'etc: the same', 'after: 200']) {
        assert.ok(text.includes(`\n${line}\n`) || text.startsWith(`${line}\n`), `${line} is missing: ${text}`);
      }
      assert.match(text, /^direct: (?:000|400)$/m);
    },
  );
}
