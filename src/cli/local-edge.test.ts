import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Feed } from '../control/feed.ts';
import { turns } from '../control/turns.ts';
import { revision } from '../domain/ids.ts';
import { EXIT, Failure } from './failure.ts';
import { joinLocalEdge } from './local-edge.ts';

const NEVER = 600_000;

async function* noKeys(): AsyncGenerator<never, void> {}

function parts({ failures = 0 } = {}) {
  const events: string[] = [];
  const log = (event: string) => void events.push(event);
  let left = failures;
  const greeting = () => ({
    keys: noKeys(),
    configuration: () => {
      if (left-- > 0) throw new Error('the vault is shut');
      return { revision: revision(7), zones: [] };
    },
  });
  const plane = new Feed({ inTurn: turns(), current: () => revision(7), greeting, log });
  return { plane, events, common: { name: 'local', plane, log, watch: () => undefined, readyWithin: NEVER } };
}

test('an edge is ready with its first acknowledgement, not before', async () => {
  const { plane, common } = parts();
  const told = Promise.withResolvers<() => void>();
  const local = joinLocalEdge({
    ...common,
    edge: {
      subscribe: (reply) => {
        reply({ kind: 'hello', edge: 'local' });
        return () => told.resolve(() => reply({ kind: 'applied', edge: 'local', revision: revision(7) }));
      },
    },
  });
  const acknowledge = await told.promise;
  assert.equal(await Promise.race([local.ready.then(() => 'ready'), Promise.resolve('waiting')]), 'waiting');
  assert.equal(plane.applied(), 0);
  acknowledge();
  await local.ready;
  assert.equal(plane.applied(), 7);
  local.close();
});

test('an edge that rejects its first configuration is a failure that says why', async () => {
  const { common } = parts();
  const local = joinLocalEdge({
    ...common,
    edge: {
      subscribe: (reply) => {
        reply({ kind: 'hello', edge: 'local' });
        return () => reply({ kind: 'rejected', edge: 'local', revision: revision(7), because: 'it is not whole' });
      },
    },
  });
  await assert.rejects(local.ready, (error) => {
    assert.ok(error instanceof Failure);
    assert.equal(error.message, 'The edge rejected the configuration that is stored: it is not whole.');
    return error.exitCode === EXIT.undetermined;
  });
  local.close();
});

test('a snapshot that could not be made is asked for again', async () => {
  const { common, events } = parts({ failures: 1 });
  const local = joinLocalEdge({
    ...common,
    edge: {
      subscribe: (reply) => {
        reply({ kind: 'hello', edge: 'local' });
        return () => reply({ kind: 'applied', edge: 'local', revision: revision(7) });
      },
    },
  });
  await local.ready;
  local.close();
  const story = ['edge_connected', 'snapshot_failed', 'edge_disconnected', 'local_edge_lost', 'edge_connected'];
  assert.deepEqual(events, [...story, 'edge_disconnected']);
});
