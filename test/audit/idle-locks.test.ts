import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { before, describe, test } from 'node:test';
import type { ConfigurationReading } from '../../src/doctor/configuration.ts';
import { audit } from '../../src/origin/audit/audit.ts';
import { auditFiles, overall } from '../../src/origin/audit/audit.fixture.ts';
import { askProgram } from '../../src/origin/server/ask-program.ts';
import { DISK } from '../../src/origin/server/config-source.ts';
import { needs, type Program } from '../support/availability.ts';
import { type RunningServer, type ServerSetup, startApache, startNginx } from '../support/server-process.ts';
import { getsIn, startWord, waysIn } from './strangers.ts';

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles(Date.now());
});

interface Layout {
  readonly directory: string;
  readonly port: number;
  readonly application: number;
}

interface Packaged {
  readonly server: 'nginx' | 'apache';
  readonly program: Program;
  readonly start: (setup: ServerSetup) => Promise<RunningServer>;
  readonly reload: NodeJS.Signals;
  /** The main file, as packages lay it out. */
  readonly main: (layout: Layout) => string;
  /** A site of a.test. */
  readonly site: (layout: Layout, isLocked: boolean) => string;
}

const MODULES = 'mpm_event authz_core alias ssl proxy proxy_http'.split(' ');
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const SERVERS: readonly Packaged[] = [
  {
    server: 'nginx',
    program: 'nginx',
    start: startNginx,
    reload: 'SIGHUP',
    main: () => `error_log stderr; events {}\nhttp { access_log off; ${TEMPORARY.map((name) => `${name}_temp_path tmp;`).join(' ')}
  include sites-enabled/*;\n}\n`,
    site: ({ port, application }, isLocked) => `server {
  listen 127.0.0.1:${port} ssl; server_name a.test; ssl_certificate site.pem; ssl_certificate_key site.key;
  ${isLocked ? 'ssl_client_certificate edge-ca.pem; ssl_verify_client on;' : ''}
  location / { proxy_pass http://127.0.0.1:${application}; }\n}\n`,
  },
  {
    server: 'apache',
    program: 'apache2',
    start: startApache,
    reload: 'SIGUSR1',
    main: ({ directory, port }) => `ServerRoot ${directory}\nDefaultRuntimeDir ${directory}\nPidFile ${directory}/pid
ErrorLog ${directory}/error.log\nServerName main.test\nListen 127.0.0.1:${port}
${MODULES.map((name) => `LoadModule ${name}_module modules/mod_${name}.so`).join('\n')}\nIncludeOptional sites-enabled/*.conf\n`,
    site: ({ port, application }, isLocked) => `<VirtualHost *:${port}>
ServerName a.test\nSSLEngine on\nSSLCertificateFile site.pem\nSSLCertificateKeyFile site.key\nSSLSessionTickets off
${isLocked ? 'SSLCACertificateFile edge-ca.pem\nSSLVerifyClient require' : ''}
ProxyPass / http://127.0.0.1:${application}/\n</VirtualHost>\n`,
  },
];

/** The open site is enabled; the locked one, which would come before it, lies where it is only available. */
function written(layout: Layout, { main, site }: Packaged): string {
  const { directory } = layout;
  for (const [name, content] of files) writeFileSync(join(directory, name), content);
  for (const name of ['sites-available', 'sites-enabled']) mkdirSync(join(directory, name));
  symlinkSync('/usr/lib/apache2/modules', join(directory, 'modules'));
  writeFileSync(join(directory, 'sites-available/a.conf'), site(layout, true));
  writeFileSync(join(directory, 'sites-available/open.conf'), site(layout, false));
  symlinkSync('../sites-available/open.conf', join(directory, 'sites-enabled/open.conf'));
  return main(layout);
}

function reading({ server }: Packaged, { directory }: RunningServer): ConfigurationReading {
  const main = join(directory, 'server.conf');
  const found = audit(server, { main, source: DISK, now: Date.now(), hosts: [], version: null });
  assert.ok(found !== null);
  return found;
}

function idleIn({ findings }: ConfigurationReading) {
  return findings.filter(({ code }) => code === 'lock_not_in_force');
}

const WORD = 'THE APPLICATION';

describe('a locked site that is available and not enabled', () => {
  for (const packaged of SERVERS) {
    test(
      `is found, and the command that is told puts it in force: ${packaged.server}`,
      needs(packaged.program),
      async () => {
        await using application = await startWord(WORD);
        await using running = await packaged.start({
          ports: 1,
          configuration: ({ directory, ports: [port = 0] }) =>
            written({ directory, port, application: application.port }, packaged),
        });
        const { directory, ports } = running;
        const socket = { address: '127.0.0.1', port: ports[0] ?? 0, tls: true };
        const strangers = () => waysIn([socket], { nobody: null }, WORD);

        const open = reading(packaged, running);
        assert.notDeepEqual(await strangers(), []);
        assert.equal(overall(open), 'open', JSON.stringify(open, null, 1));
        const [idle] = idleIn(open);
        assert.deepEqual(
          [idle?.where?.file, idle?.target],
          [join(directory, 'sites-available/a.conf'), 'a.test'],
          JSON.stringify(open.findings),
        );

        const [, command = ''] = /^\S+ is not linked into sites-enabled: (.+)$/.exec(idle?.detail ?? '') ?? [];
        const places = [`APACHE_CONFDIR=${directory}`, `APACHE_STATE_DIRECTORY=${directory}/state`];
        const { code, said } = await askProgram(['/usr/bin/env', ...places, ...command.split(' ')]);
        assert.equal(code, 0, said);
        running.signal(packaged.reload);
        let ways = await strangers();
        for (let tries = 0; ways.length > 0 && tries < 100; tries += 1) {
          await after(50);
          ways = await strangers();
        }
        assert.deepEqual(ways, [], running.errorLog());
        const right = { cert: files.get('right.pem') ?? '', key: files.get('right.key') ?? '' };
        assert.ok(await getsIn(socket, right, WORD));
        const locked = reading(packaged, running);
        assert.deepEqual([overall(locked), idleIn(locked)], ['locked', []], JSON.stringify(locked, null, 1));
      },
    );
  }
});
