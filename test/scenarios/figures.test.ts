import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, createZone } from './site.ts';
import { until } from './until.ts';
import { type KeptVisitor, keptVisitors } from './visitors.ts';

const HOST = 'www.counted.test';
/** Longer than it takes to start a worker. */
const REPLACED = 60_000;
const REQUESTS = 'postern_requests_total{scheme="https",protocol="1.1",status="2xx"}';
const PULLS = 'postern_pulls_total{plan="plaintext",level="none",outcome="answered"}';

/** The figures of all workers, by series. */
async function figures({ base }: Postern): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${base}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const cut = line.lastIndexOf(' ');
      return [line.slice(0, cut), Number(line.slice(cut + 1))];
    }),
  );
}

interface EdgeRow {
  readonly name: string;
  readonly traffic: {
    readonly workers: number;
    readonly requests: number;
    readonly visitor_connections: number;
  } | null;
}

async function edgesOf(postern: Postern): Promise<readonly EdgeRow[]> {
  return (await postern.call<readonly EdgeRow[]>('GET', '/postern/v1/edges')).result;
}

/** Has each of the visitors ask so many times. */
async function askAll(visitors: readonly KeptVisitor[], times: number): Promise<void> {
  await Promise.all(
    visitors.map(async ({ ask }) => {
      for (let round = 0; round < times; round++) assert.equal((await ask()).status, 200);
    }),
  );
}

describe('the figures of two workers', () => {
  let application: EchoApplication;
  let postern: Postern;
  before(async () => {
    application = await startEcho();
    postern = await startPostern({ argv: ['--workers', '2'] });
    const zone = await createZone(postern, 'counted.test', null);
    await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
    await addRecord(postern, zone, { name: HOST, origin: { http_port: application.port } });
  });
  after(async () => {
    await postern?.[Symbol.asyncDispose]();
    await application?.[Symbol.asyncDispose]();
  });
  const at = () => ({ port: postern.https, host: HOST });
  const untilCounted = (series: string, count: number) =>
    until(`${series} is ${count}`, async () => (await figures(postern)).get(series) === count);

  test('are there before anybody has come', async () => {
    const known = await figures(postern);
    assert.equal(known.get('postern_processes{role="main"}'), 1);
    assert.equal(known.get('postern_processes{role="worker"}'), 2);
    assert.equal(known.get('postern_visitor_connections{scheme="https"}'), 0);
    assert.equal(known.get(REQUESTS), undefined);
    for (const { traffic } of await edgesOf(postern)) assert.equal(traffic?.requests, 0);
  });

  test('add up, and each worker shows its own', async () => {
    const visitors = await keptVisitors(4, at());
    assert.equal(new Set(visitors.map(({ worker }) => worker)).size, 2);
    await askAll(visitors, 24);
    await untilCounted(REQUESTS, 100);
    const known = await figures(postern);
    assert.equal(known.get(PULLS), 100);
    assert.equal(known.get('postern_request_seconds_count'), 100);
    assert.equal(known.get('postern_visitor_connections{scheme="https"}'), 4);
    const rows = await edgesOf(postern);
    assert.deepEqual(
      rows.map(({ traffic }) => [traffic?.workers, traffic?.visitor_connections, traffic?.requests]),
      [
        [1, 2, 50],
        [1, 2, 50],
      ],
    );
    for (const { leave } of visitors) leave();
  });

  test('outlive workers that are replaced in order: not one request is lost', async () => {
    const visitors = await keptVisitors(4, at());
    await askAll(visitors, 24);
    // At once: what the workers have counted since their last report must be in the one with which they end.
    postern.signal('SIGUSR2');
    await until('all are replaced', () => postern.logged('reloaded').length > 0, REPLACED);
    assert.equal((await figures(postern)).get(REQUESTS), 200);
    for (const { leave } of visitors) leave();
    const later = await keptVisitors(2, at());
    await untilCounted(REQUESTS, 202);
    assert.equal((await figures(postern)).get(PULLS), 202);
    assert.equal((await figures(postern)).get('postern_processes{role="worker"}'), 2);
    for (const { leave } of later) leave();
  });

  test('never fall when one is killed, and what it held is gone', async () => {
    const visitors = await keptVisitors(2, at());
    await untilCounted(REQUESTS, 204);
    const started = postern.logged('worker_started');
    process.kill(Number(started.at(-1)?.['pid']), 'SIGKILL');
    const seen: number[] = [];
    await until(
      'another one takes its place',
      async () => {
        const known = await figures(postern);
        seen.push(known.get(REQUESTS) ?? 0);
        const workers = known.get('postern_processes{role="worker"}');
        return postern.logged('worker_started').length > started.length && workers === 2;
      },
      REPLACED,
    );
    assert.ok(
      seen.every((count) => count === 204),
      seen.join(),
    );
    await untilCounted('postern_visitor_connections{scheme="https"}', 1);
    for (const { leave } of visitors) leave();
  });
});
