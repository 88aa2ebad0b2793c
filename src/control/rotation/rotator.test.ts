import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import { zoneCertificate } from '../../domain/compile.ts';
import { endingWithin } from '../../domain/rotation-renewal.ts';
import { rotationDue } from '../../domain/rotation-due.ts';
import { EMERGENCY_PACE, USUAL_PACE } from '../../domain/rotation-pace.ts';
import { ACTOR, DAY, NOW, name, record, recordIdOf, sure } from '../control-plane.fixture.ts';
import { began, HOUR, inPhase, REQUEST, until, world } from './rotator.fixture.ts';

/** How often a rotation is looked after where the test turns the timers: all that lie in a turn go off one by one. */
const TURNED = 1_000;

test('a rotation goes on with the clock, and the key of the old certificate leaves vault and edge at its end', async (t) => {
  const { plane, zone, join, turn } = await world(t);
  const edge = await join(plane);
  const begun = await began(plane, zone);
  const [succession] = sure(begun.rotation).successions;
  await until(plane, zone, inPhase('canary'));
  turn(HOUR);
  await until(plane, zone, inPhase('watching'));
  turn(HOUR);
  await until(plane, zone, inPhase('draining'));
  turn(HOUR);
  const ended = await until(plane, zone, inPhase('ended'));
  assert.ok(ended.phase.kind === 'ended' && ended.phase.outcome === 'done');
  const dropped = edge.messages.filter(({ kind }) => kind === 'key_dropped');
  assert.deepEqual(dropped, [{ kind: 'key_dropped', certificate: succession?.from }]);
  const [, secondToLast] = edge.messages.toReversed().filter(({ kind }) => kind === 'watch');
  assert.ok(secondToLast?.kind === 'watch' && secondToLast.certificates[0] === succession?.to);
  const over = await plane.commit({
    zone,
    command: { kind: 'steer_rotation', wish: { id: ended.id, by: 'tester', because: '', wish: { kind: 'undo' } } },
    actor: ACTOR,
  });
  assert.ok(over.kind === 'problem' && over.code === 'rotation_over');
});

test('after a restart it goes on where it was, and looks at origins anew', async (t) => {
  const refusing = new Set(['b.example.test']);
  const { plane, open, zone, join, turn } = await world(t, { refuses: ({ hostname }) => refusing.has(hostname) });
  await join(plane);
  await began(plane, zone, { what: 'root' });
  await until(plane, zone, inPhase('canary'));
  const before = sure(sure(plane.zones.get(zone)).rotation);
  const authority = sure(plane.zones.get(zone)).authority;
  await plane.close();

  const again = await open();
  assert.deepEqual(sure(again.zones.get(zone)).rotation, before);
  assert.deepEqual(sure(again.zones.get(zone)).authority, authority);
  await join(again);
  turn(HOUR);
  await until(again, zone, inPhase('switching'));
  await until(again, zone, () => again.rotationSight(zone)?.waits === 'proof');
  const held = sure(again.rotationSight(zone)).origins.filter(({ evidence }) => evidence !== null);
  assert.equal(held.length, 2);
  refusing.clear();
  turn(HOUR);
  await until(again, zone, inPhase('watching'));
  turn(HOUR);
  await until(again, zone, inPhase('draining'));
  assert.notEqual(sure(again.zones.get(zone)).authority.id, authority.id);
});

test('what a CA that retires was and is comes back from the store', async (t) => {
  const { open, plane, zone, join, turn } = await world(t);
  await join(plane);
  await began(plane, zone, { what: 'root' });
  for (const kind of ['canary', 'watching', 'draining'] as const) {
    await until(plane, zone, inPhase(kind));
    turn(HOUR);
  }
  await until(plane, zone, inPhase('retiring'));
  const { authority } = sure(plane.zones.get(zone));
  assert.equal(authority.retiring?.trusted, true);
  await plane.close();
  const again = await open();
  assert.deepEqual(sure(again.zones.get(zone)).authority, authority);
});

test('what is due is rotated by itself where it is shown, through years that pass in a moment', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  const { plane, zone, join, turn } = await world(t, {}, TURNED);
  await join(plane);
  const present = () => sure(plane.zones.get(zone));
  const leafs = new Set<string>();
  const authorities = new Set<string>();
  const roots = new Set<string>();
  // Two thirds of the root's ten years are over before the end.
  for (let now = NOW; now < NOW + 7.5 * 365 * DAY; now = turn(9 * DAY)) {
    if (rotationDue(present(), now) !== null) {
      mock.timers.tick(300_000);
      await until(plane, zone, ({ startedAt }) => startedAt >= now);
      for (let phase = ''; phase !== 'ended'; now = turn(phase === 'retiring' || phase === 'confirming' ? DAY : HOUR)) {
        mock.timers.tick(TURNED);
        await new Promise((resolve) => setTimeout(resolve, 1));
        phase = sure(present().rotation).phase.kind;
      }
    }
    const { certificates, authority } = present();
    const shown = [...certificates.values()].filter(({ wish }) => wish.kind === 'deploy');
    assert.equal(shown.length, 1);
    for (const { leaf } of shown) {
      assert.ok(leaf.notAfter > now, new Date(now).toISOString());
      leafs.add(leaf.fingerprint);
    }
    assert.ok(authority.intermediate.notAfter > now && authority.root.notAfter > now);
    assert.deepEqual([authority.next, authority.retiring], [null, null]);
    authorities.add(authority.id);
    roots.add(authority.root.fingerprint);
  }
  assert.ok(leafs.size > 100, String(leafs.size));
  assert.equal(roots.size, 2);
  assert.equal(authorities.size, 3, 'the first, one with another intermediate, one with another root');
});

test('when everything has ended, the next start makes a new root and shows what it vouches for at once', async (t) => {
  const { plane, open, zone, join, turn } = await world(t, { refuses: () => true });
  const { authority } = sure(plane.zones.get(zone));
  await plane.close();
  const now = turn(20 * 365 * DAY);
  const again = await open();
  await join(again);
  const rotation = await until(again, zone, ({ standings }) => standings.size === 2);
  assert.equal(rotation.what, 'root');
  assert.deepEqual(
    [...rotation.standings.values()].map((standing) => standing.kind === 'switched' && standing.how),
    ['lapsed', 'lapsed'],
  );
  turn(HOUR);
  await until(again, zone, ({ phase }) => phase.kind === 'watching');
  turn(HOUR);
  await until(again, zone, ({ phase }) => phase.kind === 'draining');
  const after = sure(again.zones.get(zone));
  assert.notEqual(after.authority.root.fingerprint, authority.root.fingerprint);
  assert.ok(after.authority.root.notAfter > now && after.authority.intermediate.notAfter > now);
});

test('an emergency revokes what it has replaced, and --revoke-first before anything else', async (t) => {
  const { plane, zone, join, turn } = await world(t);
  await join(plane);
  const pace = { ...EMERGENCY_PACE, watchFor: HOUR, drainFor: HOUR };
  const begun = await began(plane, zone, { cause: 'emergency', pace });
  const [succession] = sure(begun.rotation).successions;
  assert.equal(begun.revocations.size, 0);
  await until(plane, zone, inPhase('watching'));
  turn(HOUR);
  await until(plane, zone, inPhase('draining'));
  turn(HOUR);
  await until(plane, zone, inPhase('ended'));
  const revoked = [...sure(plane.zones.get(zone)).revocations.values()];
  assert.deepEqual(
    revoked.map(({ certificate, reason }) => [certificate, reason]),
    [[succession?.from, 'keyCompromise']],
  );

  const first = await began(plane, zone, { cause: 'emergency', revokeFirst: true, pace });
  assert.equal(first.revocations.size, 2);
  const after = await until(plane, zone, inPhase('draining'));
  assert.equal(after.standings.size, 0, 'nothing was proved');
});

test('an emergency of the intermediate has the root revoke it', async (t) => {
  const { plane, zone, join, turn } = await world(t);
  await join(plane);
  const { authority } = sure(plane.zones.get(zone));
  await began(plane, zone, { what: 'intermediate', cause: 'emergency', pace: { ...EMERGENCY_PACE, watchFor: HOUR } });
  await until(plane, zone, inPhase('watching'));
  turn(HOUR);
  await until(plane, zone, inPhase('draining'));
  turn(HOUR);
  await until(plane, zone, inPhase('ended'));
  const now = sure(plane.zones.get(zone));
  const revoked = [...now.revocations.values()];
  assert.deepEqual(
    revoked.map(({ issuer, serial }) => [issuer, serial]),
    [[authority.root.fingerprint, authority.intermediate.serial]],
  );
  assert.equal(now.authority.root.fingerprint, authority.root.fingerprint);
  assert.notEqual(now.authority.id, authority.id);
});

test('a zone whose managed certificate was revoked has nothing to rotate until there is another', async (t) => {
  const { plane, zone } = await world(t);
  const [id] = [...sure(plane.zones.get(zone)).certificates.keys()];
  const target = { kind: 'certificate', id: sure(id) } as const;
  const command = { kind: 'revoke_certificate', target, reason: 'keyCompromise', force: true } as const;
  await plane.commit({ zone, command, actor: ACTOR });
  const refused = await plane.startRotation(zone, REQUEST, ACTOR);
  assert.ok(refused.kind === 'problem' && refused.code === 'rotation_nothing');
});

test('a second one is refused, and a token that does not see the zone finds none', async (t) => {
  const { plane, zone } = await world(t);
  await began(plane, zone);
  const again = await plane.startRotation(zone, REQUEST, ACTOR);
  assert.ok(again.kind === 'problem' && again.code === 'rotation_running');
  assert.equal((await plane.rotations(zone, { skip: 0, most: 10 })).total, 1);
  assert.equal(name('a.example.test'), 'a.example.test');
});

test('a zone of more origins than are looked at in one go comes to its end all the same', async (t) => {
  let rooted = false;
  const { plane, zone, join, turn } = await world(t, { oldRefused: () => rooted });
  for (let index = 10; index < 160; index++) {
    const command = { kind: 'create_record', id: recordIdOf(index), draft: record(`h${index}.example.test`) } as const;
    await plane.commit({ zone, command, actor: ACTOR });
  }
  await join(plane);
  await began(plane, zone, { what: 'root', rehearsal: true });
  const rehearsed = await until(plane, zone, inPhase('ended'));
  assert.equal(rehearsed.lastly.length, 152);
  await began(plane, zone, { what: 'root' });
  await until(plane, zone, inPhase('canary'));
  turn(HOUR);
  await until(plane, zone, inPhase('watching'));
  turn(HOUR);
  await until(plane, zone, inPhase('draining'));
  turn(HOUR);
  await until(plane, zone, inPhase('retiring'));
  rooted = true;
  turn(HOUR);
  const ended = await until(plane, zone, inPhase('ended'));
  assert.ok(ended.phase.kind === 'ended' && ended.phase.because === '');
});

test('an origin that comes while others are looked at is not promoted with them', async (t) => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let watching = () => false;
  const held = () => {
    if (!watching()) return Promise.resolve();
    asked.resolve();
    return gate.promise;
  };
  const { plane, zone, join, turn } = await world(t, {
    refuses: ({ hostname }) => hostname === 'c.example.test',
    held,
  });
  watching = () => plane.zones.get(zone)?.rotation?.phase.kind === 'watching';
  await join(plane);
  await began(plane, zone);
  await until(plane, zone, inPhase('canary'));
  turn(HOUR);
  await asked.promise;
  const command = { kind: 'create_record', id: recordIdOf(2), draft: record('c.example.test') } as const;
  await plane.commit({ zone, command, actor: ACTOR });
  turn(HOUR);
  gate.resolve();
  const next = await until(plane, zone, ({ phase }) => phase.kind !== 'watching');
  assert.equal(next.phase.kind, 'switching', 'it was never seen accepting the new certificate');
});

test('a zone that goes takes along what edges count for its rotation', async (t) => {
  const { plane, zone, join } = await world(t, { refuses: () => true });
  const edge = await join(plane);
  await began(plane, zone);
  await until(plane, zone, () => plane.rotationSight(zone)?.waits === 'proof');
  await plane.commit({ zone, command: { kind: 'delete_zone' }, actor: ACTOR });
  const told = () => edge.messages.filter((message) => message.kind === 'watch' && message.zone === zone);
  const deadline = Date.now() + 3_000;
  const last = () => told().at(-1);
  const ended = () => {
    const message = last();
    return message?.kind === 'watch' && message.certificates.length === 0;
  };
  while (!ended()) {
    assert.ok(Date.now() < deadline, 'edges go on counting for nobody');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
});

test('a rotation that waits for months lets nothing end that it depends on, not even what lives for a day', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  const refusing = new Set(['a.example.test', 'b.example.test']);
  const { plane, zone, join, turn } = await world(t, { refuses: ({ hostname }) => refusing.has(hostname) }, TURNED);
  await join(plane);
  const present = () => sure(plane.zones.get(zone));
  const wish = { hostnames: [name('a.example.test')], present: true, lifetime: DAY };
  const issued = await plane.issueCertificate(zone, wish, ACTOR);
  assert.equal(issued.kind, 'issued');
  const begun = await began(plane, zone, { what: 'root', pace: { ...USUAL_PACE, noticeFor: 7 * DAY } });
  const first = sure(begun.rotation).successions;
  assert.equal(first.length, 2);
  const round = async (now: number) => {
    // A round that is still under way is not overtaken: so the timer goes off until there was one.
    await until(plane, zone, () => {
      const due = endingWithin(present(), instant(now)).length > 0;
      if (due) mock.timers.tick(300_000);
      return !due;
    });
    for (const { from, to } of sure(present().rotation).successions) {
      for (const id of [from, to]) {
        const one = sure(present().certificates.get(id));
        assert.equal(one.wish.kind, 'deploy');
        assert.ok(one.leaf.notAfter > now, `${one.level} at ${new Date(now).toISOString()}`);
      }
    }
    const named = sure(present().associations.get(name('a.example.test'))).certificate;
    assert.equal(present().certificates.get(named)?.wish.kind, 'deploy');
  };
  for (let now: number = NOW; now < NOW + 28 * DAY; now = turn(4 * HOUR)) await round(now);
  const { successions, phase, history } = sure(present().rotation);
  assert.equal(phase.kind, 'proving');
  assert.notDeepEqual(successions, first);
  assert.ok(history.some(({ did }) => did === 'renew'));
  const shown = zoneCertificate(present());
  assert.ok(
    successions.some(({ from }) => from === shown?.id),
    'the zone level shows the old one of the rotation',
  );

  refusing.clear();
  for (const wanted of ['canary', 'watching', 'draining', 'retiring'] as const) {
    mock.timers.tick(TURNED);
    const at = turn(HOUR);
    mock.timers.tick(TURNED);
    await until(plane, zone, ({ phase: { kind } }) => {
      mock.timers.tick(TURNED);
      return kind === wanted || kind === 'retiring';
    });
    await round(at);
  }
});
