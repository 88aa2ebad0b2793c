import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import type { CallerReport } from '../../wire/callers.ts';
import { callerRound, type SendCallers } from './caller-round.ts';

const NOW = Date.parse('2031-01-31T12:10:00Z');
const line = (path: string) =>
  `2031-01-31T12:09:00+00:00 verify="NONE" from=192.0.2.7 sni="" host="www.example.test" request="GET ${path} HTTP/1.1"\n`;

function origin(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'postern-callers-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const log = join(directory, 'watch.log');
  const watched = {
    host: 'web-1',
    lock: 'www',
    hostnames: ['www.example.test'],
    lockNames: ['www.example.test', 'example.test'],
    logs: [log],
    since: null,
    state: join(directory, 's'),
  };
  const taken = new Map<string, CallerReport>();
  const send: SendCallers = async (report) => {
    taken.set(report.batch, report);
    return 'taken';
  };
  const round = (how: SendCallers = send) => callerRound(watched, { send: how, now: () => NOW });
  const counted = () =>
    [...taken.values()].flatMap(({ counts }) => counts).reduce((sum, { without }) => sum + without, 0);
  return { log, watched, send, round, counted, taken };
}

test('each line counts once: also one that was cut, moved aside, or written over', async (t) => {
  const { log, round, counted } = origin(t);
  assert.deepEqual((await round()).notes, [`There is no log ${log} yet.`]);
  writeFileSync(log, line('/1') + line('/2') + line('/3').slice(0, 40));
  await round();
  assert.equal(counted(), 2);
  appendFileSync(log, line('/3').slice(40));
  await round();
  assert.equal(counted(), 3);
  appendFileSync(log, line('/4'));
  renameSync(log, `${log}.1`);
  writeFileSync(log, line('/5'));
  await round();
  assert.equal(counted(), 5);
  truncateSync(log);
  appendFileSync(log, line('/written-over') + line('/7'));
  await round();
  assert.equal(counted(), 7);
  await round();
  assert.equal(counted(), 7);
});

test('what was logged before the lock was there is not counted', async (t) => {
  const { log, watched, send, counted } = origin(t);
  writeFileSync(log, line('/1'));
  const since = (text: string) => instant(Date.parse(text));
  await callerRound({ ...watched, since: since('2031-01-31T12:09:01Z') }, { send, now: () => NOW });
  assert.equal(counted(), 0);
  appendFileSync(log, line('/2').replace('12:09:00', '12:09:01'));
  await callerRound({ ...watched, since: since('2031-01-31T12:09:01Z') }, { send, now: () => NOW });
  assert.equal(counted(), 1);
});

test('a report that nobody answered is sent again as it was, before anything new is read', async (t) => {
  const { log, round, send, counted, taken } = origin(t);
  writeFileSync(log, line('/1'));
  const lost: SendCallers = async (report) => {
    await send(report);
    throw new Error('the answer was lost');
  };
  await assert.rejects(round(lost), /lost/);
  appendFileSync(log, line('/2'));
  const { reports } = await round();
  assert.equal(reports.length, 2);
  assert.equal(taken.size, 2, 'the first keeps its batch');
  assert.equal(counted(), 2);
});

test('who came by no name of the lock is told apart, and sent again as it was where nobody answered', async (t) => {
  const { log, round, send, taken } = origin(t);
  const unknown = line('/3').replace('www.example.test', '192.0.2.1');
  writeFileSync(log, line('/1') + line('/2').replace('www.', '') + unknown);
  const lost: SendCallers = async () => {
    throw new Error('nobody is there');
  };
  await assert.rejects(round(lost), /nobody/);
  await round(send);
  const [report] = taken.values();
  assert.deepEqual(
    report?.counts.map(({ hostname, without }) => [hostname, without]),
    [['www.example.test', 1]],
  );
  assert.deepEqual(
    report?.by_other_names?.map(({ without, examples }) => [without, examples]),
    [[1, [{ address: '192.0.2.7', count: 1 }]]],
  );
  assert.ok(
    [...taken.values()].slice(1).every((one) => one.by_other_names === undefined),
    'left out where nobody did',
  );
});

test('a log of Caddy tells of other sites too, unless a lock alone writes to it', async (t) => {
  const { watched, send, taken } = origin(t);
  const caddy = {
    ts: NOW / 1_000,
    request: { remote_ip: '192.0.2.7', host: 'blog.test', uri: '/', headers: {}, tls: { server_name: 'blog.test' } },
  };
  const others = async (name: string) => {
    const log = join(watched.state, '..', name);
    writeFileSync(log, `${JSON.stringify(caddy)}\n`);
    taken.clear();
    await callerRound({ ...watched, logs: [log] }, { send, now: () => NOW });
    return [...taken.values()].flatMap((report) => report.by_other_names ?? []).length;
  };
  assert.deepEqual([await others('access.log'), await others('postern-watch-www_example_test_12345678.log')], [0, 1]);
});

test('one that is refused for good is not sent again', async (t) => {
  const { log, round, counted } = origin(t);
  writeFileSync(log, line('/1'));
  assert.equal((await round(async () => 'refused')).refused, true);
  await round();
  assert.equal(counted(), 0);
});

test('two at once do not count the same lines', async (t) => {
  const { log, round, send, counted } = origin(t);
  writeFileSync(log, line('/1'));
  const asked = Promise.withResolvers<void>();
  const slow: SendCallers = async (report) => {
    await asked.promise;
    return send(report);
  };
  const first = round(slow);
  assert.deepEqual((await round()).notes, ['Another run reports who comes already.']);
  asked.resolve();
  await first;
  await round();
  assert.equal(counted(), 1);
});
