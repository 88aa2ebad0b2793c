import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { z } from 'zod';
import { CALLERS_BODY, type CallerReport } from '../wire/callers.ts';
import { failure, statusOf, success } from '../wire/envelope.ts';
import { faults } from '../wire/faults.ts';
import { type Asks, sendCallers } from './send-callers.ts';

const REPORT: CallerReport = {
  host: 'web-1',
  lock: 'www',
  batch: '9a1f0c7be4d25836aa4b1c90d7e2f358',
  hostnames: ['www.example.test'],
  counts: [],
};

/** A control plane that takes reports as `schema` says, in the words of the real one. */
async function controlPlane(schema: z.ZodType) {
  const received: unknown[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      received.push(body);
      const { error } = z.object({ body: schema }).safeParse({ body });
      const problems = error === undefined ? [] : faults(error.issues, { body }, { body: 'bad_body' });
      const isGood = problems.length === 0;
      response.statusCode = isGood ? 200 : statusOf(problems);
      response.end(JSON.stringify(isGood ? success({ batch: REPORT.batch, counted: true }, []) : failure(problems)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    received,
    access: { base: `http://127.0.0.1:${port}`, token: 'secret', trust: { kind: 'system' } } as const,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

function asking(said: string[]): Asks {
  return {
    terminal: { command: '0d3b5f9a77c14e02b6c8aa10f4e3d295', state: 'ready' },
    heard: (isAsked) => said.push(`asked: ${isAsked}`),
    unknown: () => said.push('unknown'),
  };
}

test('an older control plane that knows no terminal gets the report without it, and nobody is asked', async () => {
  await using older = await controlPlane(CALLERS_BODY.omit({ terminal: true }));
  const said: string[] = [];
  const send = sendCallers(older.access, 'zone', { told: (why) => said.push(why), asks: asking(said) });
  assert.equal(await send(REPORT), 'taken');
  assert.equal(await send(REPORT), 'taken');
  assert.deepEqual(said, ['unknown'], 'said once');
  assert.deepEqual(older.received.slice(1), [REPORT, REPORT], 'and it is not tried again');
});

test('one of today hears of the terminal', async () => {
  await using now = await controlPlane(CALLERS_BODY);
  const said: string[] = [];
  const asks = asking(said);
  assert.equal(await sendCallers(now.access, 'zone', { told: (why) => said.push(why), asks })(REPORT), 'taken');
  assert.deepEqual([said, now.received], [['asked: false'], [{ ...REPORT, terminal: asks.terminal }]]);
});

test('what is refused for another reason is told, and not sent again', async () => {
  await using now = await controlPlane(CALLERS_BODY);
  const said: string[] = [];
  const send = sendCallers(now.access, 'zone', { told: (why) => said.push(why), asks: asking(said) });
  assert.equal(await send({ ...REPORT, batch: 'short' }), 'refused');
  assert.deepEqual([now.received.length, said.length], [1, 1]);
  assert.match(said[0] ?? '', /batch is "short"/);
});

test('an older control plane that counts nobody by other names gets the rest, and that is said once', async () => {
  await using older = await controlPlane(CALLERS_BODY.omit({ terminal: true, by_other_names: true }));
  const said: string[] = [];
  const send = sendCallers(older.access, 'zone', { told: (why) => said.push(why), asks: asking(said) });
  const counts = { accepted: 0, without: 1, foreign: 0, unverified: 0, looks: 0 };
  const report = { ...REPORT, by_other_names: [{ at: '2031-01-31T12:00:00Z', ...counts, examples: [] }] };
  assert.equal(await send(report), 'taken');
  assert.equal(await send(report), 'taken');
  assert.deepEqual(older.received.slice(-2), [REPORT, REPORT]);
  assert.deepEqual([said.length, said.filter((line) => /by another name/.test(line)).length], [2, 1], said.join());
});
