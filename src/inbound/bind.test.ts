import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenAnyFamily } from './bind.ts';

/** Where it was tried to listen, on a system that fails like this for some hosts. */
async function tried(host: string, failures: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const hosts: string[] = [];
  try {
    await listenAnyFamily({ host, port: 0 }, async (at) => {
      hosts.push(at.host);
      const code = failures[at.host];
      if (code !== undefined) throw Object.assign(new Error(code), { code });
    });
    return hosts;
  } catch (error) {
    return [...hosts, (error as Error).message];
  }
}

test('all addresses are those of IPv4 where the system has no IPv6', async () => {
  assert.deepEqual(await tried('::', { '::': 'EAFNOSUPPORT' }), ['::', '0.0.0.0']);
  assert.deepEqual(await tried('::', {}), ['::']);
});

test('what else stands in the way is told, and another address than all is never replaced', async () => {
  assert.deepEqual(await tried('::', { '::': 'EADDRINUSE' }), ['::', 'EADDRINUSE']);
  assert.deepEqual(await tried('::1', { '::1': 'EAFNOSUPPORT' }), ['::1', 'EAFNOSUPPORT']);
  const neither = { '::': 'EAFNOSUPPORT', '0.0.0.0': 'EADDRINUSE' };
  assert.deepEqual(await tried('::', neither), ['::', '0.0.0.0', 'EADDRINUSE']);
});
