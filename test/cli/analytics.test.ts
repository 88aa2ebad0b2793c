import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AnalyticsView, HostnameTraffic } from '../../src/wire/analytics.ts';
import { addRecord, createZone, visit } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { type CommandLine, startCommandLine } from './command-line.ts';

const HOST = 'www.seen.test';

let line: CommandLine;
let application: EchoApplication;

before(async () => {
  [line, application] = await Promise.all([startCommandLine(), startEcho()]);
  const zone = await createZone(line.postern, 'seen.test', null);
  await line.good('settings', 'set', '--zone', 'seen.test', 'ssl', 'flexible');
  await addRecord(line.postern, zone, { name: HOST, origin: { http_port: application.port } });
});
after(async () => {
  await line?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

test('before anybody came there is nothing, and that is said', async () => {
  assert.equal(await line.good('analytics', 'hostnames'), 'No pull in the last hour.\n');
  const text = await line.good('analytics', '--zone', 'seen.test');
  assert.match(text, /^the last 1h, in steps of 1m; counted since 20/);
  assert.match(text, /^answered +0 +[·▁]{60}$/m);
  assert.match(text, /^0 of 0 pulls in the last hour had no certificate \(0 hostnames\)\.$/m);
});

test('pulls are drawn, and named by hostname', async () => {
  for (let time = 0; time < 3; time++) await visit(line.postern, HOST);
  await until('they are counted', async () => {
    const { totals } = await line.json<AnalyticsView>('analytics', '--last', '15m');
    return totals.pulls.all === 3;
  });
  for (const asked of [[], ['--zone', 'seen.test', '--last', '7d']]) {
    const text = await line.good('analytics', ...asked);
    assert.match(text, /^PULLS +COUNT +OVER TIME$/m);
    assert.match(text, /^answered +3 +[·▁▂-▇█]+$/m);
    assert.match(text, /^refused +0 /m);
    assert.match(text, /^over plain HTTP +3 /m);
    assert.match(text, /^first byte +p50 \d+\.\d ms, p90 /m);
    assert.match(text, /^3 of 3 pulls in the last hour had no certificate \(1 hostnames\)\.$/m);
  }
  const rows = await line.json<readonly HostnameTraffic[]>('analytics', 'hostnames', '--zone', 'seen.test');
  assert.deepEqual(
    rows.map(({ hostname, pulls, plaintext }) => [hostname, pulls, plaintext]),
    [[HOST, 3, 3]],
  );
  const found = await line.good('analytics', 'hostnames', '--search', 'www.s');
  assert.match(found, /^www\.seen\.test +3 +0 +3 +0 +0 +20\d\d-/m);
  assert.match(await line.good('analytics', 'hostnames', '--search', 'else'), /^No pull/);
});

test('a span that nobody keeps, and a zone that is none, are refused with what would do', async () => {
  const span = await line.run('analytics', '--last', '2h');
  assert.equal(span.code, 2);
  assert.match(span.stderr, /15m, 1h, 6h, 24h, 7d/);
  const zone = await line.run('analytics', '--zone', 'sean.test');
  assert.equal(zone.code, 2);
  assert.match(zone.stderr, /seen\.test/);
});
