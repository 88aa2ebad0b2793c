import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { needs } from '../support/availability.ts';
import { foldedValues } from '../support/echo-application.ts';
import { knock } from '../support/knock.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { clientAuthority, type ServerAuthority, serverAuthority } from './authorities.ts';
import { type Answer, type Postern, startPostern } from './postern.ts';
import { run } from './program.ts';
import { addRecord, assertStatus, createZone, lockedOrigin, SERVERS, visit } from './site.ts';

const SHARED = '/ssl/static/authenticated_origin_pull_ca.pem';
const shell = promisify(execFile);

let postern: Postern;
let authority: ServerAuthority;

before(async () => {
  [postern, authority] = await Promise.all([startPostern(), serverAuthority()]);
});
after(() => postern?.[Symbol.asyncDispose]());

/** The line of the guide, as it is printed there but for scheme and host. */
function guideLine(zone: string): string {
  return `curl -s -X PATCH "https://api.cloudflare.com/client/v4/zones/YOUR_ZONE_ID/settings/tls_client_auth" \\
  -H "Authorization: Bearer YOUR_API_TOKEN" \\
  -H "Content-Type: application/json" \\
  --data '{"value": "on"}'`
    .replace('https://api.cloudflare.com', postern.base)
    .replace('YOUR_ZONE_ID', zone)
    .replace('YOUR_API_TOKEN', postern.token);
}

interface Setting {
  readonly id: string;
  readonly value: string;
}

async function switchOn(zone: string): Promise<Omit<Answer<Setting>, 'status'>> {
  return JSON.parse((await shell('/bin/sh', ['-c', guideLine(zone)])).stdout) as Omit<Answer<Setting>, 'status'>;
}

function inWords(messages: Answer<unknown>['messages']): string {
  return messages.map(({ message }) => message).join('\n');
}

test(
  "the guide's own line switches the global level on, and the answer says what that is worth",
  needs('curl'),
  async () => {
    const zone = await createZone(postern, 'guide.test', authority);
    await addRecord(postern, zone, { name: 'www.guide.test' });
    const { success, errors, result, messages } = await switchOn(zone);
    assert.equal(success, true);
    assert.deepEqual(errors, []);
    assert.equal(result.id, 'tls_client_auth');
    assert.equal(result.value, 'on');
    assert.ok(inWords(messages).includes(SHARED), 'names the bundle that origins must trust');
    assert.match(inWords(messages), /every other zone/i);
    const again = await postern.call<Setting>('GET', `/zones/${zone}/settings/tls_client_auth`);
    assert.equal(again.result.value, 'on');
  },
);

test('a lock with the shared identity is refused until it is said that this is meant, and leaves nothing behind', async () => {
  const zone = await createZone(postern, 'unmeant.test', authority);
  await addRecord(postern, zone, { name: 'www.unmeant.test' });
  await postern.call('PATCH', `/zones/${zone}/settings/tls_client_auth`, { value: 'on' });
  using scratch = scratchDirectory();
  const files = ['bundle.pem', 'server.conf'].map((name) => join(scratch.path, name));
  const asked = ['--zone', 'unmeant.test', '--hostname', 'www.unmeant.test', '--upstream', 'http://127.0.0.1:9'];
  const places = ['--data', postern.dir, '--bundle', files[0] ?? '', '--out', files[1] ?? ''];
  const { code, stdout, stderr } = await run(['origin', 'config', 'nginx', ...asked, ...places]);
  assert.equal(code, 2, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /--accept-shared/);
  assert.deepEqual(files.filter(existsSync), []);
});

for (const [server, program] of SERVERS) {
  describe(`the shared identity at ${server}`, needs(program, 'curl'), () => {
    const name = `shared-${server}.test`;
    const host = `www.${name}`;
    let zone = '';
    before(async () => {
      zone = await createZone(postern, name, authority);
    });

    test('passes a lock that accepts it, and nobody else under the same bundle does', async () => {
      await switchOn(zone);
      const response = await fetch(`${postern.base}${SHARED}`);
      const { ca, credential } = await clientAuthority('another identity under the same bundle');
      const bundle = `${await response.text()}${ca}`;
      const flags = ['--accept-shared'];
      await using origin = await lockedOrigin(server, postern, { zone: name, host, authority, flags, bundle });
      await addRecord(postern, zone, { name: host, origin: { https_port: origin.tlsPort } });

      assertStatus(await visit(postern, host), 200, 'through the edge');
      const seen = origin.application.seen.at(-1);
      assert.ok(seen);
      assert.deepEqual(foldedValues(seen, 'X-Postern-Verified'), ['SUCCESS']);

      const unpinned = await knock({ port: origin.tlsPort, sni: host, credential });
      assertStatus(unpinned, 403, 'verified by the bundle, but not the pinned certificate');
      assert.equal(origin.application.seen.length, 1);
      assert.match(origin.notes, /every other zone/i, 'the command repeats what the shared identity is worth');
    });

    test('may not be pointed at a host of another zone by a neighbour, whatever is done first', async () => {
      const victim = await createZone(postern, `victim-${server}.test`, authority);
      const neighbour = await createZone(postern, `thief-${server}.test`, authority);
      const www = `www.victim-${server}.test`;
      await addRecord(postern, victim, { name: www });
      const origin = { server_name: www, host_header: www };
      const record = { type: 'A', name: `www.thief-${server}.test`, content: '127.0.0.1', proxied: true, origin };
      const level = `/zones/${neighbour}/settings/tls_client_auth`;
      const assertRefused = (answer: Answer<unknown>) => {
        assert.equal(answer.status, 400);
        assert.match(inWords(answer.errors), /shared identity/);
      };

      const { result } = await postern.call<{ readonly id: string }>('POST', `/zones/${neighbour}/dns_records`, record);
      assertRefused(await postern.ask('PATCH', level, { value: 'on' }));
      await postern.call('DELETE', `/zones/${neighbour}/dns_records/${result.id}`);

      await postern.call('PATCH', level, { value: 'on' });
      assertRefused(await postern.ask('POST', `/zones/${neighbour}/dns_records`, record));
      await postern.call('PATCH', level, { value: 'off' });

      await switchOn(victim);
      assertRefused(await postern.ask('POST', `/zones/${neighbour}/dns_records`, record));
    });

    test("passes also from a neighbour's zone at a name that no zone holds: the weakness that the messages state", async () => {
      const victim = `leaky-${server}.test`;
      const backend = `backend-${server}.internal`;
      const www = `www.${victim}`;
      const victimZone = await createZone(postern, victim, authority);
      const { messages } = await switchOn(victimZone);
      assert.match(inWords(messages), /also lets every other zone in/);
      const id = await addRecord(postern, victimZone, {
        name: www,
        origin: { server_name: backend, host_header: backend },
      });
      const request = { zone: victim, host: www, authority, names: [backend] };
      await using origin = await lockedOrigin(server, postern, { ...request, flags: ['--accept-shared'] });
      const target = { https_port: origin.tlsPort, server_name: backend, host_header: backend };
      await postern.call('PATCH', `/zones/${victimZone}/dns_records/${id}`, { origin: target });
      assertStatus(await visit(postern, www), 200, 'the owner');

      const neighbour = await createZone(postern, `leech-${server}.test`, authority);
      await switchOn(neighbour);
      const host = `www.leech-${server}.test`;
      await addRecord(postern, neighbour, { name: host, origin: target });
      assertStatus(await visit(postern, host), 200, 'the neighbour');

      // The way out that the messages name: with the zone level, the same neighbour stays outside.
      await postern.call('PUT', `/zones/${victimZone}/origin_tls_client_auth/settings`, { enabled: true });
      await using own = await lockedOrigin(server, postern, request);
      const moved = { ...target, https_port: own.tlsPort };
      await postern.call('PATCH', `/zones/${victimZone}/dns_records/${id}`, { origin: moved });
      const records = await postern.call<readonly { readonly id: string }[]>('GET', `/zones/${neighbour}/dns_records`);
      await postern.call('PATCH', `/zones/${neighbour}/dns_records/${records.result[0]?.id ?? ''}`, { origin: moved });
      assertStatus(await visit(postern, www), 200, 'the owner, with an identity of its own');
      const seen = own.application.seen.length;
      assertStatus(await visit(postern, host), server === 'nginx' ? 400 : 525, 'the neighbour');
      assert.equal(own.application.seen.length, seen);
    });
  });
}
