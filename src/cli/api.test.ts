import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type ApiAccess, callApi, Refusal } from './api.ts';
import { EXIT, Failure } from './failure.ts';

/** Somebody who answers every call with this. */
async function answering(t: TestContext, status: number, body: unknown): Promise<ApiAccess> {
  const server = createServer((_request, response) => response.writeHead(status).end(JSON.stringify(body)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  return { base: `http://127.0.0.1:${bound.port}`, trust: { kind: 'system' }, token: null };
}

test('what an API says reaches no terminal as commands', async (t) => {
  const errors = [{ code: 1000, message: 'no\u001b[2J\u009b31m' }];
  const access = await answering(t, 400, { success: false, errors });
  await assert.rejects(callApi(access, 'GET', '/client/v4/zones'), (error) => {
    assert.ok(error instanceof Refusal);
    assert.equal(error.message, 'The API refused GET /client/v4/zones: no\\u001b[2J\\u009b31m (1000)');
    return true;
  });
});

test('who answers in JSON of its own is told to be no Postern', async (t) => {
  for (const [status, body] of [
    [200, { success: true, messages: [], errors: [] }],
    [200, { success: true, result: [], messages: 'all well', errors: [] }],
    [200, { success: true, result: [], messages: [null], errors: [] }],
    [502, { success: false, errors: ['upstream'] }],
    [502, { error: 'upstream' }],
    [200, null],
  ] as const) {
    const access = await answering(t, status, body);
    await assert.rejects(callApi(access, 'GET', '/client/v4/zones'), (error) => {
      assert.ok(error instanceof Failure && !(error instanceof Refusal), JSON.stringify(body));
      assert.match(error.message, /does not answer like a Postern API/);
      assert.equal(error.exitCode, EXIT.undetermined);
      return true;
    });
  }
});
