import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { callApi, Refusal } from './api.ts';

test('what an API says reaches no terminal as commands', async (t) => {
  const errors = [{ code: 1000, message: 'no\u001b[2J\u009b31m' }];
  const server = createServer((_request, response) =>
    response.writeHead(400).end(JSON.stringify({ success: false, errors })),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const access = { base: `http://127.0.0.1:${port}`, trust: { kind: 'system' }, token: null } as const;
  await assert.rejects(callApi(access, 'GET', '/client/v4/zones'), (error) => {
    assert.ok(error instanceof Refusal);
    assert.equal(error.message, 'The API refused GET /client/v4/zones: no\\u001b[2J\\u009b31m (1000)');
    return true;
  });
});
