import { type TestContext, test } from 'node:test';
import { dialGuard, startApplication, startGuardWorld } from '../guard/world.ts';
import { pullCredentials } from '../support/pull-credentials.ts';
import { HOST } from './case.ts';
import { type JudgedWorld, judged, SUITES } from './judge.ts';

async function world(t: TestContext, timeout: number): Promise<JudgedWorld> {
  const credentials = await pullCredentials('a.test', Date.now());
  const seen: JudgedWorld['seen'] = [];
  const application = await startApplication(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', rawHeaders: headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString('latin1') });
      response.end(`hello ${url}`);
    });
  });
  const limits = { headTimeout: timeout, bodyTimeout: timeout, lingerTimeout: 100 };
  const upstream = `http://127.0.0.1:${application.port}`;
  const { port } = await startGuardWorld(t, { credentials, hostnames: [HOST], upstream, limits });
  return { seen, dial: () => dialGuard(port, HOST, credentials.right) };
}

for (const [name, cases] of SUITES) {
  test(`HTTP/1.1 through a guard, ${name}`, async (t) => {
    const patient = await world(t, 10_000);
    const brief = await world(t, 200);
    for (const one of cases) await t.test(one.id, () => judged(one.expected.kind === 'waits' ? brief : patient, one));
  });
}
