import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { accepts } from '../support/server-process.ts';
import { startStream } from './keep-alive.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, statusOf, visit } from './site.ts';
import { until } from './until.ts';
import { type KeptVisitor, keptVisitors, workerIn } from './visitors.ts';

const HOST = 'www.worked.test';
/** Longer than it takes to notice that a worker hangs, and to start another one. */
const HUNG = 60_000;

let application: EchoApplication;

before(async () => {
  application = await startEcho();
});
after(() => application?.[Symbol.asyncDispose]());

/** A Postern with so many workers and one host; the id of its zone. */
async function started(workers: number): Promise<{ readonly postern: Postern; readonly zone: string }> {
  const postern = await startPostern({ argv: ['--workers', String(workers)] });
  const zone = await createZone(postern, 'worked.test', null);
  await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
  await addRecord(postern, zone, { name: HOST, origin: { http_port: application.port } });
  return { postern, zone };
}

function pidsStarted(postern: Postern): readonly number[] {
  return postern.logged('worker_started').map(({ pid }) => Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface EdgeRow {
  readonly name: string;
  readonly connected: boolean;
  readonly applied_revision: number;
}

async function edgesOf(postern: Postern): Promise<readonly EdgeRow[]> {
  return (await postern.call<readonly EdgeRow[]>('GET', '/postern/v1/edges')).result;
}

/** Waits until so many workers have all that the others have. */
async function untilServing(postern: Postern, workers: number): Promise<readonly EdgeRow[]> {
  return until(
    `${workers} workers serve`,
    async () => {
      const rows = await edgesOf(postern);
      const same = new Set(rows.map(({ applied_revision }) => applied_revision)).size === 1;
      return rows.length === workers && same && rows.every(({ connected }) => connected) && rows;
    },
    HUNG,
  );
}

function leaveAll(visitors: readonly KeptVisitor[]): void {
  for (const { leave } of visitors) leave();
}

describe('two workers', () => {
  let postern: Postern;
  let zone: string;
  before(async () => {
    ({ postern, zone } = await started(2));
  });
  after(() => postern?.[Symbol.asyncDispose]());
  const at = () => ({ port: postern.https, host: HOST });

  test('are listed as edges, each with the newest revision', async () => {
    const rows = await untilServing(postern, 2);
    assert.deepEqual(rows.map(({ name }) => name).sort(), ['local-1', 'local-2']);
  });

  test('share visitors evenly, and tell the application where each comes from', async () => {
    const visitors = await keptVisitors(8, at());
    const counts = Map.groupBy(visitors, ({ worker }) => worker);
    assert.deepEqual(
      [...counts.values()].map(({ length }) => length),
      [4, 4],
    );
    const addresses = application.seen.at(-1)?.fields.filter(([name]) => name === 'X-Forwarded-For');
    assert.deepEqual(addresses, [['X-Forwarded-For', '127.0.0.1']]);
    leaveAll(visitors);
  });

  test('have a change in force, both of them, when the API answers', async () => {
    const visitors = await keptVisitors(4, at());
    assert.equal(new Set(visitors.map(({ worker }) => worker)).size, 2);
    for (const [mode, expected] of Array.from({ length: 10 }, (_, turn) =>
      turn % 2 === 0 ? (['off', 301] as const) : (['flexible', 200] as const),
    )) {
      const { messages } = await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: mode });
      assert.ok(!messages.some(({ code }) => code === PENDING), 'it is in force');
      for (const { ask } of visitors) assert.equal((await ask()).status, expected);
    }
    leaveAll(visitors);
  });

  test('when one is killed the visitors of the other notice nothing, new ones are served, and another takes its place', async () => {
    const visitors = await keptVisitors(6, at());
    const [victim = 0] = pidsStarted(postern);
    const before = pidsStarted(postern).length;
    process.kill(victim, 'SIGKILL');
    // Who was at the other worker: asked again and again while one is replaced.
    const outcomes = await Promise.all(
      visitors.map(async ({ ask, worker }) => {
        const answers: string[] = [];
        for (let round = 0; round < 30; round++) {
          answers.push(await ask().then(({ status, worker: now }) => `${status} ${now}`, String));
        }
        return { worker, answers };
      }),
    );
    const steady = outcomes.filter(({ worker, answers }) => answers.every((answer) => answer === `200 ${worker}`));
    const others = outcomes.filter(({ worker }) => worker === steady[0]?.worker);
    assert.ok(others.length > 0 && others.length < outcomes.length, JSON.stringify(outcomes));
    assert.deepEqual(steady, others);
    for (let round = 0; round < 10; round++) assertStatus(await visit(postern, HOST), 200, 'a new visitor');
    await until('it is replaced', () => pidsStarted(postern).length === before + 1, HUNG);
    const rows = await untilServing(postern, 2);
    assert.deepEqual(rows.map(({ name }) => name).sort(), ['local-1', 'local-2']);
    const lost = postern.logged('worker_lost').at(-1);
    assert.deepEqual([lost?.['pid'], lost?.['cause']], [victim, 'SIGKILL']);
    leaveAll(visitors);
  });

  test('are replaced one by one without a failed request, on kept connections and on new ones', async () => {
    await untilServing(postern, 2);
    const before = pidsStarted(postern);
    const stream = startStream(4, at());
    let over = false;
    const statuses: (string | number)[] = [];
    const comers = (async () => {
      while (!over) statuses.push(statusOf(await visit(postern, HOST)));
    })();
    await until('visitors are there', () => stream.answered() > 20);
    postern.signal('SIGUSR2');
    await until('all are replaced', () => postern.logged('reloaded').length > 0, HUNG);
    over = true;
    await comers;
    assert.deepEqual(await stream.stop(), []);
    assert.deepEqual(
      statuses.filter((status) => status !== 200),
      [],
    );
    assert.ok(statuses.length > 0);
    const now = pidsStarted(postern).slice(before.length);
    assert.equal(now.length, 2);
    assert.ok(before.every((pid) => !isAlive(pid)) && now.every(isAlive));
    await untilServing(postern, 2);
  });

  test('a stopped one delays a change until the deadline, is replaced, and delays nothing then', async () => {
    await untilServing(postern, 2);
    const stopped = pidsStarted(postern).at(-1) ?? 0;
    process.kill(stopped, 'SIGSTOP');
    const { messages } = await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
    const late = await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'full' });
    assert.ok(
      [...messages, ...late.messages].some(({ code }) => code === PENDING),
      'it is not in force everywhere',
    );
    await until('it is found out', () => postern.logged('worker_hung').length > 0, HUNG);
    await until('it is gone', () => !isAlive(stopped));
    const { messages: after } = await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
    assert.ok(!after.some(({ code }) => code === PENDING), 'nobody waits for one that is gone or not there yet');
    await untilServing(postern, 2);
    for (let round = 0; round < 4; round++) assertStatus(await visit(postern, HOST), 200, 'a visitor');
  });
});

/** The API's word for a change that is stored and not in force everywhere. */
const PENDING = 20_103;

describe('one worker', () => {
  test('is killed: visitors who come while there is none are served by the next', async () => {
    const { postern } = await started(1);
    await using _ = postern;
    const [first] = await keptVisitors(1, { port: postern.https, host: HOST });
    const [pid = 0] = pidsStarted(postern);
    process.kill(pid, 'SIGKILL');
    await until('it is gone', () => postern.logged('worker_lost').length === 1);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => visit(postern, HOST)));
    const workers = outcomes.map((outcome) => workerIn(assertStatus(outcome, 200, 'a visitor in the gap')));
    assert.ok(workers.every((worker) => worker !== '' && worker !== first?.worker));
    first?.leave();
  });

  test('hangs and is killed: a visitor on the way to it, whom it never touched, is served by the next', async () => {
    const { postern } = await started(1);
    await using _ = postern;
    const [pid = 0] = pidsStarted(postern);
    process.kill(pid, 'SIGSTOP');
    const outcomes = Array.from({ length: 4 }, () => visit(postern, HOST));
    await until('somebody is connected', () => accepts(postern.https));
    process.kill(pid, 'SIGKILL');
    for (const outcome of outcomes) assertStatus(await outcome, 200, 'a visitor who waited');
  });

  test('is killed again and again, even before it can serve: in the end visitors are served', async () => {
    const { postern } = await started(1);
    await using _ = postern;
    for (let killed = 1; killed <= 4; killed++) {
      const pid = await until('another one is started', () => pidsStarted(postern).at(killed - 1) ?? null, HUNG);
      process.kill(pid, 'SIGKILL');
    }
    await until('another one is started', () => pidsStarted(postern).length === 5, HUNG);
    assertStatus(await visit(postern, HOST), 200, 'a visitor');
    assert.equal(postern.logged('worker_lost').length, 4);
  });

  test('stays where its successor does not come to serve', async () => {
    const { postern } = await started(1);
    await using _ = postern;
    const [old = 0] = pidsStarted(postern);
    postern.signal('SIGHUP');
    process.kill(await until('a successor is started', () => pidsStarted(postern)[1] ?? null), 'SIGKILL');
    await until('it is given up', () => postern.logged('reload_failed').length === 1);
    assert.ok(isAlive(old));
    assertStatus(await visit(postern, HOST), 200, 'a visitor');
    assert.equal((await edgesOf(postern)).length, 1);
  });

  test('logs through the main process, under its name', async () => {
    const { postern } = await started(1);
    await using _ = postern;
    await visit(postern, HOST, { rawRequest: 'GET / HTTP/1.1\r\n\r\n' });
    const line = await until('it is logged', () => postern.logged('request_refused')[0] ?? null);
    assert.equal(line['worker'], 'local-1');
    assert.equal(line['address'], '127.0.0.1');
  });

  test('ends with the main process, even by SIGKILL: nobody is left', async () => {
    const { postern } = await started(1);
    await using _ = postern;
    const [pid = 0] = pidsStarted(postern);
    assert.ok(isAlive(pid));
    postern.signal('SIGKILL');
    await until('the worker is gone', () => !isAlive(pid));
  });

  test('does not take a signal to the whole group for its own', async () => {
    const { postern } = await started(1);
    await using _ = postern;
    const [pid = 0] = pidsStarted(postern);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.kill(pid, signal);
    assertStatus(await visit(postern, HOST), 200, 'a visitor');
    assert.ok(isAlive(pid));
    assert.equal(postern.logged('worker_lost').length, 0);
  });
});
