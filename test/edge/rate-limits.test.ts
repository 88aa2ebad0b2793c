import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeRateLimit } from '../../src/domain/edge-zone.ts';
import { ruleId } from '../../src/domain/ids.ts';
import { urlPattern } from '../../src/domain/url-pattern.ts';
import { rawWorld, OK, WWW } from './raw-origin.ts';
import { dial, exchange, parse } from './visit.ts';
import { host, must } from './world.ts';

const LIMIT: EdgeRateLimit = {
  id: must(ruleId('a'.repeat(32))),
  match: { methods: [], schemes: [], url: 'www.a.test/login', pattern: must(urlPattern('www.a.test/login')) },
  key: 'address_and_host',
  threshold: 2,
  period: 600,
  action: 'ban',
  timeout: 600,
};

test('another spelling of the host, or of the path, is not another place to guess passwords at', async (t) => {
  const { edge, zone, origin } = await rawWorld(t, (socket) => socket.write(OK));
  edge.change(zone, { ...zone.rules, rateLimits: [LIMIT] }, [host(WWW, { https: origin.port })]);
  const login = async (name: string, path = '/login'): Promise<number> => {
    const socket = await dial(edge.https, 'www.a.test');
    return parse(await exchange(socket, `GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`)).status;
  };
  assert.deepEqual([await login('www.a.test'), await login('www.a.test.')], [200, 200]);
  for (const name of ['www.a.test', 'www.a.test.', 'WWW.A.test.', 'www.a.test:443', 'www.a.test.:443']) {
    assert.equal(await login(name), 429, name);
  }
  assert.equal(await login('www.a.test', 'https://www.a.test/x/..//%4cogin/?again'), 429);
});
