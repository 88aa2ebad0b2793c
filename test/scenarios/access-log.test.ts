import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { type LogLine, type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, statusOf, visit, visitPlain } from './site.ts';
import { until } from './until.ts';

const HOST = 'www.logged.test';

let application: EchoApplication;

before(async () => {
  application = await startEcho();
});
after(() => application?.[Symbol.asyncDispose]());

async function started(argv: readonly string[]): Promise<{ readonly postern: Postern; readonly zone: string }> {
  const postern = await startPostern({ argv });
  const zone = await createZone(postern, 'logged.test', null);
  await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
  await addRecord(postern, zone, { name: HOST, origin: { http_port: application.port } });
  return { postern, zone };
}

/** Waits until so many requests have a line. Throws where a line of the log is not one JSON object. */
function untilLogged(postern: Postern, count: number): Promise<readonly LogLine[]> {
  return until(`${count} requests are logged`, () => {
    const lines = postern.logged('request');
    return lines.length >= count && lines;
  });
}

describe('an access log of everything, from two workers', () => {
  let postern: Postern;
  before(async () => {
    ({ postern } = await started(['--workers', '2', '--access-log', 'on', '--access-log-query']));
  });
  after(() => postern?.[Symbol.asyncDispose]());

  test('has one whole line for each request, however many are written at once', async () => {
    const rounds = 40;
    const visitors = 8;
    // With the longest path that a line takes, so that lines are longer than what a pipe writes in one piece.
    const filler = 'x'.repeat(900);
    const paths = Array.from({ length: visitors * rounds }, (_, at) => `/${at}?token=${filler}`);
    await Promise.all(
      Array.from({ length: visitors }, async (_, visitor) => {
        for (const path of paths.slice(visitor * rounds, (visitor + 1) * rounds)) {
          assertStatus(await visit(postern, HOST, { path }), 200, path);
        }
      }),
    );
    const lines = await untilLogged(postern, paths.length);
    assert.deepEqual(lines.map(({ path }) => String(path)).toSorted(), paths.toSorted());
    assert.equal(new Set(lines.map(({ id }) => id)).size, paths.length);
    assert.deepEqual(new Set(lines.map(({ worker }) => worker)), new Set(['local-1', 'local-2']));
  });

  test('stays one JSON object a line, whatever a visitor sends', async () => {
    const before = postern.logged('request').length;
    const hostile = [
      '/"},{"msg":"forged',
      '/\\u000a\\n\\r{"msg":"forged"}',
      "/';DROP--`$(reboot)`$x",
      '/<script>&%0d%0a{"msg":"forged"}%00%1b[31m',
      '/__proto__?constructor={"msg":"forged"}',
    ];
    for (const path of hostile) {
      const fields = ['"', '\\', '{"msg":"forged"}', '\u0085\u009b31m', '\u00e9'].map(
        (value, at) => `X-${at}: ${value}\r\n`,
      );
      const request = `FORGE! ${path} HTTP/1.1\r\nHost: ${HOST}\r\n${fields.join('')}Connection: close\r\n\r\n`;
      await visit(postern, HOST, { rawRequest: request });
    }
    const lines = await untilLogged(postern, before + hostile.length);
    const forged = lines.filter(({ method }) => method === 'FORGE!');
    // Workers tell in turns, so not in the order in which they were asked.
    assert.deepEqual(forged.map(({ path }) => String(path)).toSorted(), hostile.toSorted());
    assert.equal(lines.length, before + hostile.length);
    const refused = postern.logged('request_refused').length;
    const worse = ['GET /\n{"msg":"forged"} HTTP/1.1', 'GET /\u0085\u009b31m HTTP/1.1', 'G\u001b[31m / HTTP/1.1'];
    for (const line of worse) await visit(postern, HOST, { rawRequest: `${line}\r\nHost: ${HOST}\r\n\r\n` });
    for (const name of ['a\u001b[31m', '{"msg":"forged"}', 'a b']) {
      await visitPlain(postern, HOST, { rawRequest: `GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n` });
    }
    await until('they are refused', () => postern.logged('request_refused').length === refused + 6);
    assert.deepEqual(postern.logged('forged'), []);
  });
});

describe('the access log', () => {
  test('holds only what failed where nobody asks for more, and off is off in the workers, too', async () => {
    for (const [argv, expected] of [
      [[], [521]],
      [['--access-log', 'off'], []],
    ] as const) {
      const { postern, zone } = await started(argv);
      await using _ = postern;
      await addRecord(postern, zone, { name: 'down.logged.test', origin: { http_port: 1 } });
      assert.equal(statusOf(await visit(postern, HOST)), 200);
      assert.equal(statusOf(await visit(postern, 'down.logged.test')), 521);
      // In the order in which the worker tells: what comes before it has been written by then.
      await visit(postern, HOST, { rawRequest: 'no request\r\n\r\n' });
      await until('the last is logged', () => postern.logged('request_refused').length === 1);
      assert.deepEqual(
        postern.logged('request').map(({ status }) => status),
        expected,
      );
    }
  });

  test('and all other logging keep secrets, even when everything is told', async () => {
    const { postern } = await started(['--access-log', 'on', '--log-level', 'debug']);
    await using _ = postern;
    const headers = { authorization: 'Bearer SECRET', cookie: 'id=SECRET', 'x-auth-key': 'SECRET' };
    const request = { path: '/?token=SECRET', headers: Object.entries(headers) };
    assertStatus(await visit(postern, HOST, request), 200, 'a visitor');
    await fetch(`${postern.base}/client/v4/zones?token=SECRET`, { headers });
    const [line] = await untilLogged(postern, 1);
    assert.equal(line?.['path'], '/');
    await until('the call is logged', () => postern.logged('api_sign_in_failed').length === 1);
    const log = JSON.stringify(postern.logged());
    assert.ok(!log.includes(postern.token));
    assert.doesNotMatch(log, /SECRET|PRIVATE KEY|BEGIN /);
  });
});
