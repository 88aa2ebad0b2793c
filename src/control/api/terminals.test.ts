import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, NOW, startApi } from './api.fixture.ts';

const HOST = 'www.example.test';
const COMMAND = 'c'.repeat(32);

let batches = 0;
function report(terminal?: { readonly command: string; readonly state: string }) {
  batches += 1;
  const batch = batches.toString(16).padStart(32, '0');
  return { host: 'web-1', lock: 'www', batch, hostnames: [HOST], counts: [], ...(terminal && { terminal }) };
}

async function started(t: Parameters<typeof startApi>[0]) {
  let now = NOW;
  const { call, zone } = await startApi(t, { clock: () => now });
  const id = await zone('example.test');
  const setUp = `/postern/v1/zones/${id}/setups/${HOST}`;
  return {
    tell: async (state?: string, command = COMMAND) => {
      const body = report(state === undefined ? undefined : { command, state });
      return (await call('POST', `/postern/v1/zones/${id}/origins/callers`, body)).result['enforcing_asked_on'];
    },
    choose: (mode: string) => call('PUT', setUp, { choices: { server: 'nginx', mode } }),
    terminal: async () => (await call('GET', setUp)).result['terminal'],
    end: () => call('DELETE', setUp),
    pass: (milliseconds: number) => {
      now = after(now - NOW + milliseconds);
    },
    audit: async () => JSON.stringify((await call('GET', '/postern/v1/audit')).result),
  };
}

test('a terminal is told of a decision while it counts, and only who can ask somebody', async (t) => {
  const { tell, choose, terminal, pass, audit } = await started(t);
  await choose('watch');
  assert.equal(await tell('ready'), null, 'nothing is decided');
  assert.deepEqual(await terminal(), { host: 'web-1', lock: 'www', state: 'ready' });
  pass(1_000);
  await choose('enforce');
  assert.match(await audit(), /"update_setup"/);
  assert.equal(await tell(), null, 'nobody could be asked');
  assert.equal(await tell('asking'), new Date(NOW + 1_000).toISOString());
  assert.deepEqual(await terminal(), { host: 'web-1', lock: 'www', state: 'asking' });
  pass(16_000);
  assert.equal(await terminal(), null, 'it has ended');
  pass(15 * 60_000);
  assert.equal(await tell('ready'), null, 'who decided is gone');
});

test('it is taken back with the decision, with the set-up, and by a no', async (t) => {
  const { tell, choose, terminal, end } = await started(t);
  await choose('watch');
  await tell('ready');
  await choose('enforce');
  assert.notEqual(await tell('asking'), null);
  await choose('watch');
  assert.equal(await tell('asking'), null);
  await choose('enforce');
  assert.notEqual(await tell('asking'), null);
  await tell('declined');
  assert.equal(await terminal(), null);
  assert.notEqual(await tell('ready'), null, 'in the same moment');
  await end();
  assert.equal(await tell('asking'), null);
});

test('who says that it enforces without having been asked is not believed', async (t) => {
  const { tell, choose, terminal, pass } = await started(t);
  await choose('watch');
  await choose('enforce');
  pass(1_000);
  assert.equal(await tell('enforced'), null, 'it was not heard of before');
  assert.equal(await terminal(), null);
});

test('another that names the same machine and lock neither silences nor crowds out the one that asks', async (t) => {
  const { tell, choose, terminal, pass } = await started(t);
  await choose('watch');
  await tell('ready');
  pass(1_000);
  await choose('enforce');
  pass(1_000);
  const stranger = (one: number) => one.toString(16).padStart(32, '0');
  assert.equal(await tell('ready', stranger(1)), null, 'it began after the decision');
  await tell('declined', stranger(1));
  for (let one = 1; one <= 40; one++) await tell('ready', stranger(one));
  assert.notEqual(await tell('asking'), null);
  assert.deepEqual(await terminal(), { host: 'web-1', lock: 'www', state: 'asking' });
});

test('whoever ended makes room for the next, and one that is heard of does not', async (t) => {
  const { tell, choose, terminal, pass } = await started(t);
  await choose('watch');
  for (let one = 1; one <= 8; one++) await tell('ready', one.toString(16).padStart(32, '0'));
  pass(1_000);
  await tell('ready');
  pass(15_500);
  assert.equal(await terminal(), null, 'there was no room for it');
  await tell('ready');
  await choose('enforce');
  assert.notEqual(await tell('ready'), null);
});
