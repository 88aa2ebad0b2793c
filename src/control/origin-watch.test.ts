import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateId, type Hostname, hostname, revision, type ZoneId, zoneId } from '../domain/ids.ts';
import { originOf, type OriginSights, type ProofTask, type PullCount } from '../domain/proof.ts';
import type { FeedMessage } from '../wire/feed.ts';
import { recordingEdge, sure } from './control-plane.fixture.ts';
import { Feed } from './feed.ts';
import { turns } from './turns.ts';

// Long enough that a test which waits for it by mistake is seen to hang.
const NEVER = 600_000;

const idOf = (count: number): ZoneId => sure(zoneId(count.toString(16).padStart(32, '0')));
const certificateOf = (count: number) =>
  sure(certificateId(`00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`));
const nameOf = (count: number): Hostname => sure(hostname(`h${count}.example.test`));
const ZONE = idOf(1);
const [OLD, NEW] = [certificateOf(1), certificateOf(2)];

const taskOf = (count: number): ProofTask => ({
  hostname: nameOf(count),
  address: '192.0.2.1',
  port: 443,
  serverName: null,
  hostHeader: null,
  from: OLD,
  to: NEW,
});

const seenOf = (task: ProofTask, fault = 'not now'): OriginSights => ({
  origin: originOf(task),
  sights: [],
  fault,
});

type Edge = ReturnType<typeof recordingEdge>;

function feedOf() {
  const feed = new Feed({
    inTurn: turns(),
    current: () => revision(3),
    greeting: () => ({
      keys: { next: () => Promise.resolve({ done: true, value: undefined }) },
      configuration: () => ({ revision: revision(3), zones: [] }),
    }),
    log: () => undefined,
  });
  /** Joins an edge, which has its snapshot in force afterwards. */
  const join = async (name: string, edge = recordingEdge({ acknowledges: false })) => {
    const leave = feed.connect(edge.link);
    edge.say({ kind: 'hello', edge: name, empty: true });
    await edge.seen(({ kind }) => kind === 'snapshot');
    edge.say({ kind: 'applied', edge: name, revision: revision(3) });
    return { edge, leave };
  };
  return { feed, join };
}

const asked = ({ messages }: Edge) =>
  messages.filter((message): message is Extract<FeedMessage, { kind: 'prove' }> => message.kind === 'prove');
const watches = ({ messages }: Edge) =>
  messages.flatMap((one) => (one.kind === 'watch' ? [[one.zone, ...one.certificates]] : []));

/** Answers what the edge was asked last. */
function answer(edge: Edge, name: string, seen?: readonly OriginSights[]): void {
  const last = asked(edge).at(-1);
  assert.ok(last);
  const saw = seen ?? last.tasks.map((task) => seenOf(task, name));
  edge.say({ kind: 'proof', edge: name, id: last.id, seen: saw });
}

test('every edge that serves is asked, and what each saw comes by its name', async () => {
  const { feed, join } = feedOf();
  const one = await join('one');
  const two = await join('two');
  const empty = recordingEdge({ acknowledges: false });
  feed.connect(empty.link);
  empty.say({ kind: 'hello', edge: 'empty', empty: true });
  await empty.seen(({ kind }) => kind === 'snapshot');
  feed.expect('absent');
  assert.deepEqual(feed.origins.serving(), ['one', 'two']);
  const tasks = [taskOf(1), taskOf(2)];
  const seen = feed.origins.prove(ZONE, tasks, NEVER);
  assert.deepEqual(asked(empty), []);
  assert.deepEqual(
    [one, two].map(({ edge }) => asked(edge).map(({ zone, tasks: sent }) => ({ zone, sent }))),
    [[{ zone: ZONE, sent: tasks }], [{ zone: ZONE, sent: tasks }]],
  );
  answer(two.edge, 'two');
  answer(one.edge, 'one');
  assert.deepEqual(
    [...(await seen)],
    [
      ['one', tasks.map((task) => seenOf(task, 'one'))],
      ['two', tasks.map((task) => seenOf(task, 'two'))],
    ],
  );
  feed.close();
});

test('without edges nobody is waited for, and of no origins there is nothing to see', async () => {
  const { feed, join } = feedOf();
  assert.equal((await feed.origins.prove(ZONE, [taskOf(1)], NEVER)).size, 0);
  const { edge } = await join('one');
  assert.deepEqual([...(await feed.origins.prove(ZONE, [], NEVER))], [['one', []]]);
  assert.deepEqual(asked(edge), []);
  feed.close();
});

test('silent is who goes, who says hello anew, who answers something else, and who does not answer in time', async () => {
  const { feed, join } = feedOf();
  const gone = await join('gone');
  const anew = await join('anew');
  const wrong = await join('wrong');
  const good = await join('good');
  const seen = feed.origins.prove(ZONE, [taskOf(1)], NEVER);
  gone.leave();
  anew.edge.say({ kind: 'hello', edge: 'anew' });
  answer(wrong.edge, 'wrong', []);
  answer(good.edge, 'good');
  const kinds = [...(await seen)].map(([name, saw]) => [name, saw === 'silent' ? saw : saw.length]);
  assert.deepEqual(kinds, [
    ['gone', 'silent'],
    ['anew', 'silent'],
    ['wrong', 'silent'],
    ['good', 1],
  ]);
  anew.leave();
  const late = feed.origins.prove(ZONE, [taskOf(2)], 20);
  assert.equal((await late).get('good'), 'silent');
  const next = feed.origins.prove(ZONE, [taskOf(3)], NEVER);
  // What comes for an earlier question is no answer to this one.
  const before = asked(good.edge).at(-2);
  assert.ok(before);
  good.edge.say({ kind: 'proof', edge: 'good', id: before.id, seen: [seenOf(taskOf(2), 'late')] });
  answer(good.edge, 'good');
  answer(wrong.edge, 'wrong');
  const saw = (await next).get('good');
  assert.deepEqual(saw, [seenOf(taskOf(3), 'good')]);
  feed.close();
});

test('an edge cannot answer for another', async () => {
  const { feed, join } = feedOf();
  const one = await join('one');
  const two = await join('two');
  const seen = feed.origins.prove(ZONE, [taskOf(1)], NEVER);
  const [question] = asked(one.edge);
  assert.ok(question);
  two.edge.say({ kind: 'proof', edge: 'one', id: question.id, seen: [seenOf(taskOf(1), 'foreign')] });
  answer(two.edge, 'two');
  answer(one.edge, 'one');
  assert.deepEqual((await seen).get('one'), [seenOf(taskOf(1), 'one')]);
  feed.close();
});

test('a long list goes in pieces, each after the answer to the one before', async () => {
  const { feed, join } = feedOf();
  const { edge } = await join('one');
  const tasks = Array.from({ length: 450 }, (_, count) => taskOf(count));
  const seen = feed.origins.prove(ZONE, tasks, NEVER);
  const sizes = () => asked(edge).map(({ tasks: piece }) => piece.length);
  assert.deepEqual(sizes(), [200]);
  answer(edge, 'one');
  assert.deepEqual(sizes(), [200, 200]);
  answer(edge, 'one');
  answer(edge, 'one');
  assert.deepEqual(sizes(), [200, 200, 50]);
  assert.equal(new Set(asked(edge).map(({ id }) => id)).size, 3);
  assert.deepEqual(
    (await seen).get('one'),
    tasks.map((task) => seenOf(task, 'one')),
  );
  feed.close();
});

test('the end of the feed ends all questions', async () => {
  const { feed, join } = feedOf();
  await join('one');
  const seen = feed.origins.prove(ZONE, [taskOf(1)], NEVER);
  feed.close();
  assert.deepEqual([...(await seen)], [['one', 'silent']]);
});

test('an edge whose carrier fails is silent', async () => {
  const { feed, join } = feedOf();
  const broken = recordingEdge({ acknowledges: false });
  await join('broken', {
    ...broken,
    link: {
      ...broken.link,
      send: (message) => {
        if (message.kind === 'prove') throw new Error('the channel is closed');
        broken.link.send(message);
      },
    },
  });
  assert.deepEqual([...(await feed.origins.prove(ZONE, [taskOf(1)], NEVER))], [['broken', 'silent']]);
  assert.deepEqual(feed.origins.serving(), []);
});

test('watches go to every edge at once, and to those that come later after their snapshot', async () => {
  const { feed, join } = feedOf();
  const early = await join('early');
  const empty = recordingEdge({ acknowledges: false });
  feed.connect(empty.link);
  empty.say({ kind: 'hello', edge: 'empty', empty: true });
  await empty.seen(({ kind }) => kind === 'snapshot');
  feed.origins.watch(ZONE, [OLD, NEW]);
  feed.origins.watch(idOf(2), [OLD]);
  feed.origins.watch(idOf(2), []);
  const all = [[ZONE, OLD, NEW], [idOf(2), OLD], [idOf(2)]];
  assert.deepEqual(watches(early.edge), all);
  assert.deepEqual(watches(empty), all);
  const late = await join('late');
  assert.deepEqual(watches(late.edge), [[ZONE, OLD, NEW]]);
  assert.deepEqual(
    late.edge.messages.map(({ kind }) => kind),
    ['snapshot', 'watch'],
  );
  feed.close();
});

test('counts of all edges are summed until they are taken; what is no count, or not watched, is left out', async () => {
  const { feed, join } = feedOf();
  const one = await join('one');
  const two = await join('two');
  const origin = { hostname: nameOf(1), address: '192.0.2.1', port: 443, serverName: null, hostHeader: null };
  const count = (answered: number, refused: number, more: Partial<PullCount> = {}): PullCount => ({
    origin,
    certificate: NEW,
    answered,
    refused,
    ...more,
  });
  const say = ({ edge }: typeof one, ...counts: readonly PullCount[]) =>
    edge.say({ kind: 'pulled', edge: 'any', zone: ZONE, counts });
  say(one, count(1, 1));
  assert.deepEqual(feed.origins.takeCounts(ZONE), [], 'nobody watches yet');
  feed.origins.watch(ZONE, [NEW]);
  say(one, count(2, 0), count(5, 5, { certificate: OLD }));
  say(two, count(3, 1), count(1, 0, { origin: { ...origin, port: 444 } }));
  say(two, count(Number.NaN, -1), count(0.5, Number.POSITIVE_INFINITY));
  assert.deepEqual(feed.origins.takeCounts(ZONE), [count(5, 1), count(1, 0, { origin: { ...origin, port: 444 } })]);
  assert.deepEqual(feed.origins.takeCounts(ZONE), []);
  say(one, count(Number.MAX_SAFE_INTEGER, 0));
  say(two, count(Number.MAX_SAFE_INTEGER, 0));
  feed.origins.watch(ZONE, [OLD, NEW]);
  assert.deepEqual(feed.origins.takeCounts(ZONE), [count(Number.MAX_SAFE_INTEGER, 0)]);
  say(one, count(1, 0));
  feed.origins.watch(ZONE, []);
  assert.deepEqual(feed.origins.takeCounts(ZONE), []);
  feed.close();
});
