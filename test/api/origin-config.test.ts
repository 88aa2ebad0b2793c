/** Configurations that the API makes: the same as those of the command, for every server, and never a key. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { configureOrigin } from '../../src/cli/origin-configurator.ts';
import { SERVER_NAMES } from '../../src/wire/server-names.ts';
import { run } from '../scenarios/program.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { type Control, startControl } from './control.ts';

const HOST = 'www.example.test';

interface Made {
  readonly text: string;
  readonly notes: readonly string[];
  readonly files: readonly {
    readonly path: string;
    readonly what: string;
    readonly text: string | null;
    readonly from: string;
  }[];
  readonly commands: readonly { readonly what: string; readonly text: string }[];
  readonly watch_logs: readonly { readonly path: string }[];
}

let control: Control;
let zone: string;
before(async () => {
  control = await startControl({ configureOrigin, rateLimits: { token: null, address: null } });
  zone = (await control.made('POST', '/zones', { name: 'example.test' })).id;
  await control.made('PUT', `/zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
});
after(() => control[Symbol.asyncDispose]());

const ask = (wish: object) =>
  control.call<Made>('POST', `/postern/v1/zones/${zone}/origin_config`, { hostnames: [HOST], ...wish });

test('the configuration is that which the command makes', async () => {
  using scratch = scratchDirectory();
  const wish = { server: 'nginx', server_version: '1.22.1', directory: scratch.path, mode: 'watch', fragment: true };
  const { result } = await ask({ ...wish, listen: ['127.0.0.1:8443'], root: '/srv/www' });
  const out = join(scratch.path, 'www.conf');
  const made = await run(
    [
      'origin',
      'config',
      'nginx',
      '--server-version',
      '1.22.1',
      '--zone',
      'example.test',
      '--hostname',
      HOST,
      '--listen',
      '127.0.0.1:8443',
      '--root',
      '/srv/www',
      '--watch',
      '--fragment',
      '--out',
      out,
    ],
    { POSTERN_API: control.base, POSTERN_TOKEN: control.token },
  );
  assert.equal(made.code, 0, made.stderr);
  assert.equal(result.text, readFileSync(out, 'utf8'));
  for (const { path, what, text } of result.files.filter((file) => file.what === 'trust_bundle')) {
    assert.ok(existsSync(path), what);
    assert.equal(text, readFileSync(path, 'utf8'));
  }
});

test('a note about the bundle says where each way has it, and only where there is a command that installs', async () => {
  const bundleNotes = async (wish: object) => {
    const { notes } = (await ask(wish)).result;
    return notes.filter((note) => note.includes('-bundle.pem'));
  };
  const installed = '/etc/postern/bundles/example.test.pem';
  const copied = '/etc/postern/postern-example.test-bundle.pem';
  for (const wish of [{ server: 'nginx', lines: true }, { server: 'apache' }, { server: 'haproxy' }])
    assert.deepEqual(await bundleNotes(wish), [
      `Without the certificates in ${copied} (put in by the one command: ${installed}) nobody is let in; after each change of the file, reload the server.`,
    ]);
  const caddy = await bundleNotes({ server: 'caddy' });
  assert.ok(
    caddy.some((note) =>
      note.startsWith(`Caddy reads ${copied}.caddy (put in by the one command: ${installed}.caddy) in`),
    ),
  );
  const [node = ''] = await bundleNotes({ server: 'node' });
  assert.ok(!node.includes(installed), node);
});

test('a note says which of the names it is about, where it is not all of them', async () => {
  const record = { type: 'A', name: 'www', content: '127.0.0.1', proxied: true };
  const { id } = await control.made('POST', `/zones/${zone}/dns_records`, record);
  const { result } = await ask({ server: 'nginx', hostnames: [HOST, 'example.test'], lines: true });
  await control.call('DELETE', `/zones/${zone}/dns_records/${id}`);
  const about = result.notes.filter((note) => note.includes('No proxied record leads here yet'));
  assert.equal(about.length, 1);
  assert.match(about[0] ?? '', /^example\.test: No proxied record/);
  const neither = await ask({ server: 'nginx', lines: true });
  assert.ok(neither.result.notes.some((note) => note.startsWith(`${HOST}: No proxied record`)));
});

test('every server has a configuration or a refusal at a field, and no answer holds a key', async () => {
  for (const server of SERVER_NAMES) {
    for (const mode of ['watch', 'enforce']) {
      const answer = await ask({ server, mode, upstream: 'http://web:80', origin_ca: true });
      assert.doesNotMatch(JSON.stringify(answer.result), /PRIVATE KEY/);
      if (answer.success) continue;
      assert.equal(answer.status, 400, `${server} ${mode}`);
      assert.match(answer.errors[0]?.source?.pointer ?? '', /^\/[a-z_]+$/, JSON.stringify(answer.errors));
    }
  }
});

test('what to run names this API, and who comes is reported from the log that the configuration writes', async () => {
  const { result } = await ask({ server: 'apache', mode: 'watch' });
  const text = (what: string) => result.commands.find((command) => command.what === what)?.text ?? '';
  const [log] = result.watch_logs;
  assert.ok(log !== undefined && result.text.includes(log.path.slice(log.path.lastIndexOf('/'))));
  assert.equal(
    text('report_callers'),
    `postern origin watch-report --api ${control.base} --zone ${zone} --hostname ${HOST} --log ${log.path} --follow`,
  );
  assert.match(text('install'), /--server apache --watch --stay 1h$/);
  assert.doesNotMatch(text('enforce'), /--watch/);
  assert.equal(text('uninstall'), `postern origin uninstall ${HOST}`);
  const stunnel = (await ask({ server: 'stunnel', mode: 'enforce' })).result;
  assert.ok(stunnel.commands.every(({ what }) => what !== 'install' && what !== 'report_callers'));
});

test('a refusal is in the words of the command, at the field', async () => {
  const REFUSED: readonly (readonly [object, string, RegExp])[] = [
    [{ upstream: 'ftp://x' }, '/upstream', /not an address of an application: "ftp:\/\/x"/],
    [{ server_cert: 'site.pem' }, '/server_cert', /not a path/],
    [{ server_cert: '/a.pem' }, '/server_key', /go together/],
    [{ listen: ['everywhere'] }, '/listen', /not an address to listen on/],
    [{ server: 'envoy', mode: 'watch' }, '/mode', /refuse nobody/],
    [{ server_version: '0.1' }, '/server_version', /cannot be locked/],
    [{ upstream: 'http://127.0.0.1:1', root: '/srv' }, '/root', /exclude each other/],
    [{ verified_header: 'Host' }, '/verified_header', /not a name/],
    [{ origin_ca: true, server_cert: '/a', server_key: '/b' }, '/origin_ca', /exclude each other/],
    [{ hostnames: ['www.other.test'] }, '/hostnames/0', /outside the zone/],
    [{ hostnames: [HOST, 'not a name'] }, '/hostnames/1', /is not a hostname/],
    [{ open_names: [{ hostname: 'a=b' }] }, '/open_names/0/hostname', /is not a hostname/],
    [{ colour: 'red' }, '/colour', /no such field/],
  ];
  for (const [wish, pointer, message] of REFUSED) {
    const { status, errors } = await ask({ server: 'nginx', ...wish });
    assert.deepEqual([status, errors[0]?.source?.pointer], [400, pointer], JSON.stringify([wish, errors]));
    assert.match(errors[0]?.message ?? '', message);
  }
});

test('lines for a virtual host that is there are the lock alone, in both modes, and nothing that they hold is there twice', async () => {
  const { result } = await ask({ server: 'nginx', mode: 'watch', lines: true });
  assert.match(result.text, /^ssl_verify_client optional_no_ca;$/m);
  assert.doesNotMatch(result.text, /^\s*(?:server|listen|server_name|location|ssl_certificate)\b/m);
  const [log] = result.watch_logs;
  assert.ok(log !== undefined && result.text.includes(`access_log "${log.path}"`));
  assert.deepEqual(
    result.files.map(({ what }) => what),
    ['configuration', 'trust_bundle', 'read_with_it'],
  );
  const format = result.files.find(({ what }) => what === 'read_with_it');
  assert.equal(format?.path, '/etc/nginx/conf.d/00-postern-www.example.test.conf');
  assert.match(format?.text ?? '', /^log_format postern_watch_/m);
  assert.match(format?.from ?? '', /^For http \{ \}/);
  assert.match(result.text, /^# .* access_log \/var\/log\/nginx\/access\.log;$/m);
  assert.ok(
    result.commands.every(({ what }) => what !== 'configure'),
    'the command would write a whole block',
  );
  const enforcing = (await ask({ server: 'nginx', mode: 'enforce', lines: true })).result;
  assert.match(enforcing.text, /^ssl_verify_client on;$/m);
  assert.match(enforcing.text, /ssl_server_name !~\* "\^\(\?:www\\\.example\\\.test\)\$"/);
  const apache = (await ask({ server: 'apache', mode: 'enforce', lines: true })).result;
  assert.match(apache.text, /^SSLVerifyClient require$/m);
  assert.doesNotMatch(apache.text, /VirtualHost \*|ServerName/);
  const { errors } = await ask({ server: 'caddy', lines: true });
  assert.deepEqual(errors[0]?.source?.pointer, '/lines');
});

test('it listens where the records say that the edge pulls, and what installs is told which server and which names', async () => {
  const record = { type: 'A', name: 'ported', content: '192.0.2.1', proxied: true, origin: { https_port: 18_445 } };
  await control.made('POST', `/zones/${zone}/dns_records`, record);
  const hostnames = ['ported.example.test'];
  const { result } = await ask({ server: 'nginx', mode: 'enforce', hostnames, fragment: true });
  assert.match(result.text, /listen \S+:18445 ssl/);
  const chosen = (await ask({ server: 'nginx', mode: 'enforce', hostnames, fragment: true, listen: [':8443'] })).result;
  assert.doesNotMatch(chosen.text, /18445/);
  const wish = { server: 'nginx', mode: 'watch', server_config: '/srv/nginx.conf', all_names: true };
  const { commands } = (await ask({ ...wish, hostnames: [HOST, 'api.example.test'] })).result;
  assert.match(
    commands.find(({ what }) => what === 'install')?.text ?? '',
    /--hostname www\.example\.test --hostname api\.example\.test --server nginx --server-config \/srv\/nginx\.conf --all-names --watch --stay 1h$/,
  );
  assert.equal((await ask({ ...wish, server_config: 'nginx.conf' })).errors[0]?.source?.pointer, '/server_config');
});
