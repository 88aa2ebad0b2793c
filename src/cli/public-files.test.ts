import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { publicFiles } from './public-files.ts';

async function served(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ANY = { etag: null, most: 1_000 };

function files(base: string) {
  return publicFiles({ base, trust: { kind: 'system' } });
}

test('a file comes with its tag, and is not sent again while the tag fits', async (t) => {
  const heads: (string | undefined)[] = [];
  const base = await served(t, ({ headers }, response) => {
    heads.push(headers['if-none-match'], headers.authorization);
    if (headers['if-none-match'] === '"x"') response.writeHead(304).end();
    else response.setHeader('etag', '"x"').end('text');
  });
  const get = files(base);
  assert.deepEqual(await get('/a', ANY), { kind: 'text', text: 'text', etag: '"x"' });
  assert.deepEqual(await get('/a', { ...ANY, etag: '"x"' }), { kind: 'unchanged' });
  assert.deepEqual(heads, [undefined, undefined, '"x"', undefined], 'no token is shown');
});

test('whoever answers otherwise than a control plane is as good as silent', async (t) => {
  const base = await served(t, ({ url = '' }, response) => {
    if (url === '/moved') response.writeHead(302, { location: '/a' }).end();
    else if (url === '/unasked') response.writeHead(304).end();
    else response.writeHead(404).end('x');
  });
  const get = files(base);
  for (const path of ['/moved', '/unasked', '/absent']) {
    const got = await get(path, ANY);
    // What is not there is told apart: it may be a zone that was mistyped.
    assert.ok(got.kind === (path === '/absent' ? 'not_there' : 'silent'));
    assert.match(got.because, /answered HTTP (?:302|304|404)/);
  }
});

test('a file without end is left where it is, and nobody who fails so is asked again', async (t) => {
  let asked = 0;
  const base = await served(t, (_request, response) => {
    asked += 1;
    const more = () => {
      while (response.write('x'.repeat(10_000)));
      response.once('drain', more);
    };
    more();
  });
  const get = files(base);
  const got = await get('/a', ANY);
  assert.ok(got.kind === 'silent');
  assert.match(got.because, /too long/);
  assert.deepEqual(await get('/b', ANY), got);
  assert.equal(asked, 1);
});
