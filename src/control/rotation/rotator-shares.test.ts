import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostname, instant, type ZoneId } from '../../domain/ids.ts';
import { originOf, type Sight } from '../../domain/proof.ts';
import type { FeedMessage } from '../../wire/feed.ts';
import { ACTOR, dataPath, NOW, openPlane, record, recordIdOf, recordingEdge, sure } from '../control-plane.fixture.ts';
import { began, inPhase, until } from './rotator.fixture.ts';

/** Rotations and locks of an account whose origins are dead, beside those of another one. */

const ANSWERED: Sight = { kind: 'answered', status: 200 };
const REFUSED: Sight = { kind: 'refused', how: 'alert', alert: 48 };
/** What an account may have under way at once, and more zones than that. */
const EACH = 12;
const DEAD = EACH + 3;

test('the dead origins of one account hold up neither the rotation of another one nor its own locks', async (t) => {
  let now = NOW;
  const plane = await openPlane(t, dataPath(t), { clock: () => now, rotationTick: 1 });
  const made = await plane.createAccount({ name: 'Other', type: 'standard' }, ACTOR);
  assert.ok(made.kind === 'account_changed');
  const served = async (name: string, account: typeof plane.installation.account): Promise<ZoneId> => {
    const created = await plane.createZone(sure(hostname(name)), account, ACTOR);
    assert.ok(created.kind === 'committed');
    const { id } = created.zone;
    const place = { kind: 'create_record', id: recordIdOf(1), draft: record(`www.${name}`) } as const;
    await plane.commit({ zone: id, command: place, actor: ACTOR });
    await plane.commit({ zone: id, command: { kind: 'set', settings: { zonePull: true } }, actor: ACTOR });
    return id;
  };
  const dead: ZoneId[] = [];
  for (let index = 0; index < DEAD; index++) dead.push(await served(`dead${index}.test`, plane.installation.account));
  const opened = await served('opened.test', plane.installation.account);
  const other = await served('other.test', made.account.id);

  // Whoever asks about a dead zone waits for ever; the same question is not asked twice.
  const asked: ZoneId[] = [];
  const edge = recordingEdge({ acknowledges: true });
  const send = (message: FeedMessage) => {
    edge.link.send(message);
    if (message.kind !== 'prove') return;
    if (dead.includes(message.zone)) return void asked.push(message.zone);
    const seen = message.tasks.map((task) => {
      const sights = [{ ip: task.address, from: ANSWERED, to: ANSWERED, none: REFUSED }];
      return { origin: originOf(task), sights, fault: null };
    });
    queueMicrotask(() => edge.say({ kind: 'proof', edge: 'edge', id: message.id, seen }));
  };
  plane.connect({ ...edge.link, send });
  edge.say({ kind: 'hello', edge: 'edge' });
  await edge.seen(({ kind }) => kind === 'snapshot');

  for (const zone of dead) await began(plane, zone);
  await until(plane, sure(dead[0]), () => asked.length === EACH);
  await began(plane, other);
  await until(plane, other, inPhase('canary'));

  const command = {
    kind: 'open_lock',
    hostname: sure(hostname('www.opened.test')),
    lasts: 60_000,
    by: '',
    because: '',
  } as const;
  await plane.commit({ zone: opened, command, actor: ACTOR });
  now = instant(now + 60_000);
  const deadline = Date.now() + 10_000;
  while (sure(plane.zones.get(opened)).openings.size > 0) {
    assert.ok(Date.now() < deadline, 'the lock was not looked at');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.equal(asked.length, EACH, 'of the dead ones no more than the share of their account');
});
