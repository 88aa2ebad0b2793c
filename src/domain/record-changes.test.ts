import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Circumstances, Holder } from './circumstances.ts';
import type { Hostname, RecordId } from './ids.ts';
import type { Problem } from './problems.ts';
import {
  changeRecords,
  type RecordCreation,
  type RecordDraft,
  type RecordStep,
  type RecordUpdate,
} from './record-changes.ts';
import {
  after,
  frozen,
  holder,
  host,
  idOf,
  later,
  NOW,
  newZone,
  origin,
  recordDraft,
  THEIRS,
  to,
  world,
} from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const EXAMPLE = holder('example.test');
const ZONE = frozen(after(newZone(), to.serve('www.example.test')));
const WWW = idOf.record('www.example.test');
const NEW = idOf.record('new');

describe('a new record', () => {
  test('is kept as it was drafted, with its times', () => {
    const draft = recordDraft('api.example.test', { comment: 'ours', ttl: 300, proxied: false, originSent: '{}' });
    const zone = expectZone(createRecord(ZONE, { id: NEW, draft: frozen(draft) }, world()));
    assert.deepEqual(zone.records.get(NEW), {
      ...draft,
      id: NEW,
      mayBePrivate: false,
      createdAt: NOW,
      modifiedAt: NOW,
    });
    assert.equal(zone.records.size, 2);
  });

  test('lies in the zone, by whole labels', () => {
    for (const name of ['example.test', 'a.b.example.test', '*.example.test']) {
      assert.ok(expectZone(createRecord(ZONE, { id: NEW, draft: recordDraft(name) }, world())));
    }
    for (const name of ['test', 'notexample.test', 'example.test.evil.test', 'other.test']) {
      expectProblem(createRecord(ZONE, { id: NEW, draft: recordDraft(name) }, world()), 'record_outside_zone', '/name');
    }
  });

  test('does not take a name that lies in a zone of its own below: an edge knows each name once', () => {
    const nested = world({}, [EXAMPLE, holder('sub.example.test')]);
    for (const name of ['sub.example.test', 'a.sub.example.test', '*.sub.example.test']) {
      expectProblem(createRecord(ZONE, { id: NEW, draft: recordDraft(name) }, nested), 'record_outside_zone', '/name');
    }
    assert.ok(expectZone(createRecord(ZONE, { id: NEW, draft: recordDraft('notsub.example.test') }, nested)));
  });

  test('may be one of several origins of its name', () => {
    for (const over of [
      { content: '192.0.2.2' },
      { type: 'AAAA', content: '2001:db8::1' },
      { origin: origin({ httpsPort: 8443 }) },
      { origin: origin({ httpPort: 8080 }) },
    ] as const) {
      const zone = expectZone(createRecord(ZONE, { id: NEW, draft: recordDraft('www.example.test', over) }, world()));
      assert.equal(zone.records.size, 2);
    }
  });

  test('is refused where it says the same as another, whatever else differs', () => {
    const same = recordDraft('www.example.test', { ttl: 300, proxied: false, comment: 'again' });
    expectProblem(createRecord(ZONE, { id: NEW, draft: same }, world()), 'record_exists', undefined, WWW);
    const named = recordDraft('www.example.test', { origin: origin({ serverName: host('a.example.test') }) });
    expectProblem(createRecord(ZONE, { id: NEW, draft: named }, world()), 'record_exists');
  });

  test('a CNAME stands alone at its name and never names itself', () => {
    const cname = (name: string, content: string) => recordDraft(name, { type: 'CNAME', content });
    expectProblem(
      createRecord(ZONE, { id: NEW, draft: cname('www.example.test', 'b.test') }, world()),
      'record_conflict',
    );
    const aliased = after(newZone(), to.serve('a.example.test', { type: 'CNAME', content: 'b.test' }));
    expectProblem(createRecord(aliased, { id: NEW, draft: recordDraft('a.example.test') }, world()), 'cname_exists');
    expectProblem(
      createRecord(aliased, { id: NEW, draft: cname('a.example.test', 'c.test') }, world()),
      'record_conflict',
    );
    expectProblem(
      createRecord(aliased, { id: NEW, draft: cname('a.example.test', 'b.test') }, world()),
      'record_exists',
    );
    const itself = cname('b.example.test', 'b.example.test');
    expectProblem(createRecord(ZONE, { id: NEW, draft: itself }, world()), 'bad_record', '/content');
  });
});

describe('a changed record', () => {
  test('keeps what was not named, its id and when it was made', () => {
    const before = ZONE.records.get(WWW);
    const zone = expectZone(
      updateRecord(ZONE, { id: WWW, draft: frozen({ proxied: false }) }, world({ now: later(1) })),
    );
    assert.deepEqual(zone.records.get(WWW), { ...before, proxied: false, modifiedAt: later(1) });
  });

  test('may stay what it is: it does not conflict with itself', () => {
    assert.ok(expectZone(updateRecord(ZONE, { id: WWW, draft: recordDraft('www.example.test') }, world())));
    assert.ok(expectZone(updateRecord(ZONE, { id: WWW, draft: { type: 'CNAME', content: 'b.test' } }, world())));
  });

  test('meets the rules that a new one meets', () => {
    const two = frozen(after(ZONE, to.serve('www.example.test', { content: '192.0.2.2' }, 'second')));
    expectProblem(updateRecord(two, { id: WWW, draft: { content: '192.0.2.2' } }, world()), 'record_exists');
    expectProblem(
      updateRecord(two, { id: WWW, draft: { type: 'CNAME', content: 'b.test' } }, world()),
      'record_conflict',
    );
    expectProblem(
      updateRecord(two, { id: WWW, draft: { name: host('other.test') } }, world()),
      'record_outside_zone',
      '/name',
    );
    const theirs = world({}, [EXAMPLE, holder('other.test', { account: THEIRS })]);
    const named = { origin: origin({ serverName: host('other.test') }) };
    expectProblem(updateRecord(two, { id: WWW, draft: named }, theirs), 'server_name_not_yours', '/origin/server_name');
  });

  test('must exist', () => {
    expectProblem(updateRecord(ZONE, { id: NEW, draft: { ttl: 300 } }, world()), 'record_not_found');
  });
});

describe('a proxied record has an automatic TTL', () => {
  test('whatever was asked for', () => {
    const zone = expectZone(
      createRecord(ZONE, { id: NEW, draft: recordDraft('api.example.test', { ttl: 300 }) }, world()),
    );
    assert.equal(zone.records.get(NEW)?.ttl, 1);
    assert.equal(expectZone(updateRecord(ZONE, { id: WWW, draft: { ttl: 300 } }, world())), ZONE, 'nothing differs');
  });

  test('also from the moment on that it is proxied', () => {
    const hidden = recordDraft('api.example.test', { ttl: 300, proxied: false });
    const zone = expectZone(createRecord(ZONE, { id: NEW, draft: hidden }, world()));
    const proxied = expectZone(updateRecord(zone, { id: NEW, draft: { proxied: true } }, world({ now: later(1) })));
    assert.deepEqual([proxied.records.get(NEW)?.ttl, proxied.records.get(NEW)?.modifiedAt], [1, later(1)]);
    const again = expectZone(updateRecord(proxied, { id: NEW, draft: { proxied: false, ttl: 600 } }, world()));
    assert.equal(again.records.get(NEW)?.ttl, 600);
  });
});

describe('several steps', () => {
  const api = recordDraft('api.example.test');
  const cname = { type: 'CNAME', content: 'b.test' } as const;
  const drop = { at: '/deletes/0', step: { kind: 'delete_record', id: WWW } } as const;
  const add = (draft: RecordDraft, at = '/posts/0') => {
    return { at, step: { kind: 'create_record', id: idOf.record(at), draft } } as const;
  };

  test('are held against what those before them left', () => {
    const alias = add(recordDraft('www.example.test', cname));
    expectProblem(changeRecords(ZONE, [alias], world()), 'record_conflict', '/posts/0');
    const zone = expectZone(changeRecords(ZONE, [drop, alias], world()));
    assert.deepEqual(
      [...zone.records.values()].map(({ type, content }) => [type, content]),
      [['CNAME', 'b.test']],
    );
    expectProblem(changeRecords(ZONE, [alias, drop], world()), 'record_conflict', '/posts/0');
  });

  test('happen all or not at all, and the problem says which one it is', () => {
    const outside = add(recordDraft('other.test'), '/posts/1');
    expectProblem(changeRecords(ZONE, [drop, add(api), outside], world()), 'record_outside_zone', '/posts/1/name');
    expectProblem(changeRecords(ZONE, [add(api), add(api, '/posts/1')], world()), 'record_exists', '/posts/1');
    expectProblem(
      changeRecords(ZONE, [drop, { ...drop, at: '/deletes/1' }], world()),
      'record_not_found',
      '/deletes/1',
    );
    assert.equal(ZONE.records.size, 1);
  });

  test('each carry what whoever asks may do, and never more', () => {
    const granted = add(api);
    const steps = [
      { ...granted, step: { ...granted.step, privateOrigins: true } },
      add(recordDraft('b.example.test'), '/posts/1'),
    ];
    const { records } = expectZone(changeRecords(ZONE, steps, world()));
    assert.deepEqual(
      steps.map(({ step }) => records.get(step.id)?.mayBePrivate),
      [true, false],
    );
  });

  test('property: come to the same as one after the other, or to the problem of the first that cannot be', () => {
    const name = fc.constantFrom('www.example.test', 'a.example.test', 'b.example.test').map(host);
    const id = fc.constantFrom(WWW, idOf.record('one'), idOf.record('two'));
    const said = fc.constantFrom<Partial<RecordDraft>>(cname, { type: 'A', content: '192.0.2.1' }, {
      type: 'A',
      content: '192.0.2.2',
    } as const);
    const step: fc.Arbitrary<RecordStep> = fc.oneof(
      fc.record({ kind: fc.constant('delete_record'), id }),
      fc.record({ kind: fc.constant('update_record'), id, draft: fc.oneof(fc.record({ name }), said) }),
      fc.record({ kind: fc.constant('create_record'), id, name, said }).map(({ kind, name, said, ...rest }) => {
        return { ...rest, kind, draft: recordDraft(name, said) };
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        const whole = changeRecords(
          ZONE,
          steps.map((step, at) => ({ at: `/${at}`, step })),
          world(),
        );
        assert.deepEqual(whole, oneByOne(steps));
      }),
    );
  });

  test('name the same record in a conflict as one after the other, where one of before moves to a name of another step', () => {
    const b = host('b.example.test');
    const steps: readonly RecordStep[] = [
      { kind: 'create_record', id: idOf.record('one'), draft: recordDraft(b, { type: 'A', content: '192.0.2.2' }) },
      { kind: 'update_record', id: WWW, draft: { name: b } },
      { kind: 'create_record', id: idOf.record('two'), draft: recordDraft(b, cname) },
    ];
    const placed = steps.map((step, at) => ({ at: `/${at}`, step }));
    const whole = changeRecords(ZONE, placed, world());
    assert.ok('code' in whole && whole.code === 'record_conflict');
    assert.deepEqual(whole, oneByOne(steps));
  });

  test('that change nothing leave the very same zone', () => {
    assert.equal(changeRecords(ZONE, [], world()), ZONE);
    const same = { at: '/patches/0', step: { kind: 'update_record', id: WWW, draft: { comment: null } } } as const;
    assert.equal(changeRecords(ZONE, [same, same], world({ now: later(1) })), ZONE);
  });
});

function oneByOne(steps: readonly RecordStep[]): Zone | Problem {
  let zone: Zone = ZONE;
  for (const [at, step] of steps.entries()) {
    const next = changeRecords(zone, [{ at: `/${at}`, step }], world());
    if ('code' in next) return next;
    zone = next;
  }
  return zone;
}

test('a deleted record is gone, and only once', () => {
  const zone = expectZone(deleteRecord(ZONE, WWW));
  assert.equal(zone.records.size, 0);
  expectProblem(deleteRecord(zone, WWW), 'record_not_found');
});

describe('a server name', () => {
  const PROBLEMS_BY_HOLDER: readonly (readonly [string, Holder | null, boolean, string | null])[] = [
    ['that no zone here holds is free', null, false, null],
    ['that no zone here holds is free, also with the shared identity', null, true, null],
    ['of the zone itself is free', EXAMPLE, false, null],
    ['of the zone itself is free, also with the shared identity', { ...EXAMPLE, globalPull: true }, true, null],
    ['of another zone of the account is free', holder('other.test'), false, null],
    ['of another zone that is locked with the shared identity is refused', shared('other.test'), false, 'shared'],
    ['of another zone is refused while this one shows the shared identity', holder('other.test'), true, 'shared'],
    ['of another account is refused', holder('other.test', { account: THEIRS }), false, 'not_yours'],
    ['of another account is refused before all else', { ...shared('other.test'), account: THEIRS }, true, 'not_yours'],
  ];

  for (const [rule, named, globalPull, problem] of PROBLEMS_BY_HOLDER) {
    test(rule, () => {
      const zone = { ...ZONE, settings: { ...ZONE.settings, globalPull } };
      const serverName: Hostname = host(named === null ? 'nobody.test' : `www.${named.name}`);
      const draft = recordDraft('api.example.test', { origin: origin({ serverName }) });
      const outcome = createRecord(frozen(zone), { id: NEW, draft }, around(named));
      if (problem === null) assert.equal(expectZone(outcome).records.get(NEW)?.origin.serverName, serverName);
      else expectProblem(outcome, `server_name_${problem}`, '/origin/server_name');
    });
  }

  test('belongs to the nearest zone above it', () => {
    const nested = world({}, [EXAMPLE, holder('sub.example.test', { globalPull: true })]);
    const draft = recordDraft('api.example.test', { origin: origin({ serverName: host('a.sub.example.test') }) });
    expectProblem(createRecord(ZONE, { id: NEW, draft }, nested), 'server_name_shared', '/origin/server_name');
  });
});

function shared(name: string): Holder {
  return holder(name, { globalPull: true });
}

function around(named: Holder | null): Circumstances {
  return world({}, named === null ? [EXAMPLE] : [EXAMPLE, named]);
}

function createRecord(zone: Zone, creation: RecordCreation, around: Circumstances): Zone | Problem {
  return taken(zone, { kind: 'create_record', ...creation }, around);
}

function updateRecord(zone: Zone, update: RecordUpdate, around: Circumstances): Zone | Problem {
  return taken(zone, { kind: 'update_record', ...update }, around);
}

function deleteRecord(zone: Zone, id: RecordId): Zone | Problem {
  return taken(zone, { kind: 'delete_record', id }, world());
}

function taken(zone: Zone, step: RecordStep, around: Circumstances): Zone | Problem {
  return changeRecords(zone, [{ at: '', step }], around);
}

function expectZone(outcome: Zone | Problem): Zone {
  return 'code' in outcome ? assert.fail(`${outcome.code}: ${outcome.detail}`) : outcome;
}

function expectProblem(outcome: Zone | Problem, code: string, pointer?: string, detail = ''): void {
  assert.ok('code' in outcome, `${code} expected`);
  assert.equal(outcome.code, code);
  assert.equal(outcome.pointer, pointer);
  assert.ok(outcome.detail.includes(detail), outcome.detail);
}

describe('the right to a private origin', () => {
  const named = recordDraft('a.example.test', { type: 'CNAME', content: 'b.test' });
  const right =
    (...updates: readonly Omit<RecordUpdate, 'id'>[]) =>
    (start: boolean) => {
      const made = createRecord(ZONE, { id: NEW, draft: named, privateOrigins: start }, world());
      const zone = updates.reduce(
        (was, update) => expectZone(updateRecord(was, { id: NEW, ...update }, world())),
        expectZone(made),
      );
      return zone.records.get(NEW)?.mayBePrivate;
    };

  test('is what whoever makes a record has', () => {
    assert.equal(right()(true), true);
    assert.equal(right()(false), false);
    const unsaid = expectZone(createRecord(ZONE, { id: NEW, draft: recordDraft('a.example.test') }, world()));
    assert.equal(unsaid.records.get(NEW)?.mayBePrivate, false);
  });

  test('is lost when somebody without it leads the record elsewhere', () => {
    const elsewhere: readonly RecordUpdate['draft'][] = [
      { content: 'c.test' },
      { type: 'A', content: '192.0.2.9' },
      { name: host('other.example.test') },
      { proxied: false },
      { origin: origin({ httpsPort: 22 }) },
      { origin: origin({ serverName: host('c.test') }) },
      { origin: origin({ hostHeader: 'c.test' }) },
    ];
    for (const draft of elsewhere) assert.equal(right({ draft })(true), false, JSON.stringify(draft));
  });

  test('stays when they touch nothing that leads anywhere, or write the same again', () => {
    for (const draft of [{ comment: 'ours' }, { ttl: 300 }, { originSent: '{}' }, named]) {
      assert.equal(right({ draft })(true), true, JSON.stringify(draft));
    }
  });

  test('comes with the content that somebody with it writes, and with nothing less', () => {
    assert.equal(right({ draft: { content: 'b.test' }, privateOrigins: true })(false), true);
    for (const draft of [{ comment: 'seen' }, { proxied: false }, { origin: origin({ httpsPort: 22 }) }]) {
      assert.equal(right({ draft, privateOrigins: true })(false), false, JSON.stringify(draft));
    }
  });

  test('cannot be carried to another place and back', () => {
    assert.equal(right({ draft: { content: 'c.test' } }, { draft: { content: 'b.test' } })(true), false);
  });
});
