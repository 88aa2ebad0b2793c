import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Command, change } from './change.ts';
import type { Circumstances } from './circumstances.ts';
import { revision } from './ids.ts';
import { SSL_MODES } from './settings.ts';
import {
  after,
  authority,
  ca,
  certificateRequest,
  customDraft,
  draft,
  facts,
  frozen,
  holder,
  host,
  idOf,
  issuedDraft,
  later,
  NOW,
  newZone,
  OURS,
  origin,
  originCertificate,
  rotationDraft,
  THEIRS,
  to,
  trustedCa,
  wish,
  world,
} from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const LATER = later(1000);
const FULL = frozen(
  after(
    newZone(),
    to.serve('www.example.test'),
    to.upload('own', { level: 'hostname' }),
    to.upload('spare'),
    to.associate(wish('www.example.test', 'own')),
    to.trust('house'),
    to.ask('www.example.test', 'staff'),
    to.custom('shown'),
    { kind: 'request_certificate', request: certificateRequest('asked') },
    { kind: 'add_origin_certificate', certificate: originCertificate('17') },
    to.block('192.0.2.0/24'),
    to.limit('www.example.test/login'),
    { kind: 'revoke_certificate', target: { kind: 'serial', serial: '1f' }, reason: 'unspecified', force: false },
  ),
);

const OPEN: Command = {
  kind: 'open_lock',
  hostname: host('www.example.test'),
  lasts: 60_000,
  by: 'tester',
  because: 'a test',
};
const PAUSE: Command = { kind: 'pause_looks', lasts: 3_600_000, by: 'ops', because: 'maintenance' };
const ROTATING = frozen(after(FULL, { kind: 'start_rotation', draft: rotationDraft('first') }));

const AWAY = frozen(after(FULL, { kind: 'forget_root_key', standby: null, signer: null }));

/** What those work on that do not work on `FULL`. */
const BEFORE: Readonly<Record<string, Zone>> = {
  move_rotation: ROTATING,
  steer_rotation: ROTATING,
  renew_within_rotation: ROTATING,
  restore_root_key: AWAY,
  close_lock: frozen(after(FULL, OPEN)),
  resume_looks: frozen(after(FULL, PAUSE)),
  settle_openings: frozen(after(FULL, { ...OPEN, lasts: 900 })),
};

/** One of each kind that works on `FULL`, or on what `BEFORE` says. The type makes sure that none is forgotten. */
const WORKS: { readonly [Kind in Exclude<Command['kind'], 'create_zone'>]: Command } = {
  delete_zone: { kind: 'delete_zone' },
  edit_zone: { kind: 'edit_zone', paused: true },
  set: to.set({ ssl: 'full' }),
  create_record: to.serve('new.example.test'),
  update_record: { kind: 'update_record', id: idOf.record('www.example.test'), draft: { content: '192.0.2.9' } },
  delete_record: { kind: 'delete_record', id: idOf.record('www.example.test') },
  batch_records: {
    kind: 'batch_records',
    steps: [{ at: '/deletes/0', step: { kind: 'delete_record', id: idOf.record('www.example.test') } }],
  },
  add_certificate: to.upload('new'),
  issue_certificate: {
    kind: 'issue_certificate',
    draft: issuedDraft('made'),
    hostnames: [host('www.example.test')],
    present: true,
  },
  delete_certificate: to.drop('spare'),
  request_certificate: { kind: 'request_certificate', request: certificateRequest('asked anew') },
  withdraw_certificate_request: { kind: 'withdraw_certificate_request', id: idOf.certificate('asked') },
  answer_certificate_request: { kind: 'answer_certificate_request', draft: draft('asked', { level: 'hostname' }) },
  associate: to.associate(wish('www.example.test', 'own', 'veto')),
  trust_ca: to.trust('other'),
  distrust_ca: to.distrust('house'),
  require_visitors: to.ask('shop.example.test', 'staff'),
  drop_visitor_authorities: to.askNothing('www.example.test'),
  add_origin_certificate: { kind: 'add_origin_certificate', certificate: originCertificate('18') },
  revoke_origin_certificate: { kind: 'revoke_origin_certificate', id: '17' },
  add_custom_certificate: to.custom('other shown'),
  replace_custom_certificate: {
    kind: 'replace_custom_certificate',
    id: idOf.certificate('shown'),
    over: facts('shown').fingerprint,
    draft: customDraft('renewed'),
  },
  put_access_rule: to.block('198.51.100.0/24'),
  delete_access_rule: { kind: 'delete_access_rule', id: idOf.rule('192.0.2.0/24') },
  put_rate_limit: to.limit('www.example.test/search*'),
  delete_rate_limit: { kind: 'delete_rate_limit', id: idOf.rule('www.example.test/login') },
  revoke_certificate: {
    kind: 'revoke_certificate',
    target: { kind: 'serial', serial: '2f' },
    reason: 'keyCompromise',
    force: false,
  },
  revoke_intermediate: { kind: 'revoke_intermediate', intermediate: ca('replaced', 'root'), reason: 'superseded' },
  forget_revocations: { kind: 'forget_revocations', keys: [...FULL.revocations.keys()] },
  delete_custom_certificate: { kind: 'delete_custom_certificate', id: idOf.certificate('shown') },
  open_lock: OPEN,
  close_lock: { kind: 'close_lock', hostname: host('www.example.test') },
  settle_openings: { kind: 'settle_openings', hostnames: [host('www.example.test')] },
  set_look_paths: { kind: 'set_look_paths', path: '/status', paths: new Map() },
  pause_looks: PAUSE,
  resume_looks: { kind: 'resume_looks' },
  start_rotation: { kind: 'start_rotation', draft: rotationDraft('first') },
  move_rotation: {
    kind: 'move_rotation',
    move: { id: idOf.rotation('first'), over: revision(10), step: { kind: 'promote' } },
  },
  forget_root_key: { kind: 'forget_root_key', standby: ca('ahead', 'root'), signer: facts('signer') },
  restore_root_key: { kind: 'restore_root_key' },
  renew_within_rotation: {
    kind: 'renew_within_rotation',
    rotation: idOf.rotation('first'),
    over: revision(10),
    renewed: [{ from: idOf.certificate('first leaf'), draft: draft('first leaf anew', { source: 'managed' }) }],
  },
  steer_rotation: {
    kind: 'steer_rotation',
    wish: { id: idOf.rotation('first'), by: 'tester', because: '', wish: { kind: 'pause' } },
  },
  prioritize_custom_certificates: {
    kind: 'prioritize_custom_certificates',
    wishes: [{ id: idOf.certificate('shown'), priority: 7 }],
  },
};

function changed(zone: Zone | null, command: Command, circumstances: Partial<Circumstances> = {}): Zone {
  const outcome = change(zone, frozen(command), world({ now: LATER, ...circumstances }));
  if (outcome.kind === 'problem' || outcome.zone === null) assert.fail(JSON.stringify(outcome));
  return outcome.zone;
}

describe('every command', () => {
  for (const [kind, command] of Object.entries(WORKS)) {
    test(`${kind} needs a zone`, () => {
      const outcome = change(null, command, world());
      assert.deepEqual(outcome, { kind: 'problem', code: 'zone_not_found', detail: '' });
    });

    test(`${kind} leaves the zone it was given as it was, and the new one knows when it changed`, () => {
      const zone = BEFORE[kind] ?? FULL;
      const before = structuredClone(zone);
      const outcome = change(zone, frozen(command), world({ now: LATER }));
      assert.ok(outcome.kind === 'changed', JSON.stringify(outcome));
      assert.notEqual(outcome.zone, zone);
      assert.deepEqual(structuredClone(zone), before);
      if (outcome.zone === null) return;
      assert.equal(outcome.zone.modifiedAt, LATER);
      assert.equal(outcome.zone.createdAt, NOW);
    });
  }
});

test('what would change nothing answers the zone itself', () => {
  const id = idOf.record('www.example.test');
  const { origin: present, ...rest } = FULL.records.get(id) ?? assert.fail('the record is there');
  const nothing: readonly Command[] = [
    { kind: 'edit_zone', paused: false },
    to.set({}),
    to.set({ ...FULL.settings }),
    { kind: 'update_record', id, draft: {} },
    { kind: 'update_record', id, draft: { content: rest.content, origin: { ...present } } },
    to.associate(wish('www.example.test', 'own')),
    to.associate(wish('api.example.test', 'own', 'void')),
    to.associate(wish('www.example.test', 'own'), wish('www.example.test', 'own')),
  ];
  for (const command of nothing) {
    const outcome = change(FULL, frozen(command), world({ now: LATER }));
    assert.ok(outcome.kind === 'changed' && outcome.zone === FULL, JSON.stringify(command));
  }
});

test('an association that stays as it is keeps its times and its revision when another one changes', () => {
  const both = to.associate(wish('www.example.test', 'own'), wish('api.example.test', 'own'));
  const { associations } = changed(FULL, both, { revision: revision(50) });
  assert.equal(associations.get(host('www.example.test')), FULL.associations.get(host('www.example.test')));
  assert.equal(associations.get(host('api.example.test'))?.revision, 50);
});

test('delete_zone leaves nothing', () => {
  assert.deepEqual(change(FULL, { kind: 'delete_zone' }, world()), { kind: 'changed', zone: null });
});

test('edit_zone pauses a zone and sets it going again', () => {
  const paused = changed(FULL, { kind: 'edit_zone', paused: true });
  assert.deepEqual(paused, { ...FULL, paused: true, modifiedAt: LATER });
  assert.deepEqual(changed(paused, { kind: 'edit_zone', paused: false }), { ...FULL, modifiedAt: LATER });
});

describe('create_zone', () => {
  const create = (over: Partial<Extract<Command, { kind: 'create_zone' }>> = {}): Command => ({
    kind: 'create_zone',
    id: idOf.zone('example'),
    account: OURS,
    name: host('example.test'),
    authority: authority(),
    managed: draft('managed', { source: 'managed' }),
    ...over,
  });

  test('makes a zone that verifies origins, redirects to https, serves nothing, and has a managed certificate', () => {
    const zone = changed(null, create(), { now: NOW, revision: revision(1) });
    assert.deepEqual(zone, newZone());
    const tls = { minTlsVersion: '1.2', compliance: 'none' } as const;
    assert.deepEqual(zone.settings, {
      ssl: 'strict',
      alwaysUseHttps: true,
      globalPull: false,
      zonePull: false,
      ...tls,
    });
  });

  test('never replaces a zone', () => {
    assertProblem(change(FULL, create(), world()), 'zone_exists');
    const same = world({}, [holder('example.test')]);
    assertProblem(change(null, create(), same), 'zone_exists', '/name');
  });

  test('a zone of that name in another account exists, too', () => {
    const theirs = world({}, [holder('example.test', { account: THEIRS })]);
    assertProblem(change(null, create(), theirs), 'zone_exists', '/name');
  });

  test('above or below a zone of another account it is refused, within the account not', () => {
    for (const name of ['test', 'sub.example.test', 'a.b.example.test']) {
      const theirs = world({}, [holder(name, { account: THEIRS })]);
      assertProblem(change(null, create(), theirs), 'zone_of_other_account', '/name');
      assert.equal(change(null, create(), world({}, [holder(name)])).kind, 'changed');
    }
    const mixed = world({}, [holder('a.example.test'), holder('b.example.test', { account: THEIRS })]);
    assertProblem(change(null, create(), mixed), 'zone_of_other_account', '/name');
  });

  test('names that only share letters with another zone are free', () => {
    const theirs = world({}, [holder('ample.test', { account: THEIRS })]);
    assert.equal(change(null, create(), theirs).kind, 'changed');
  });

  test('a wildcard or a lone label is no zone', () => {
    for (const name of ['*.example.test', 'test', 'localhost']) {
      assertProblem(change(null, create({ name: host(name) }), world()), 'bad_zone_name', '/name');
    }
  });
});

describe('set', () => {
  test('changes what is named and leaves the rest', () => {
    for (const ssl of SSL_MODES) {
      assert.deepEqual(changed(FULL, to.set({ ssl })).settings, { ...FULL.settings, ssl });
    }
    const tls = { minTlsVersion: '1.3', compliance: 'fips_pqh' } as const;
    const all = { ssl: 'full', alwaysUseHttps: false, globalPull: true, zonePull: true, ...tls } as const;
    assert.deepEqual(changed(FULL, to.set(all)).settings, all);
    assert.deepEqual(changed(FULL, to.set({})).settings, FULL.settings);
  });

  test('levels are independent: switching one does not touch the others', () => {
    const both = changed(changed(FULL, to.set({ zonePull: true })), to.set({ globalPull: true }));
    assert.equal(both.settings.zonePull, true);
    assert.equal(both.associations, FULL.associations);
    assert.equal(changed(both, to.set({ zonePull: false })).settings.globalPull, true);
  });

  test('does not copy what it does not change', () => {
    const { records, certificates, associations, trustStore } = changed(FULL, to.set({ zonePull: true }));
    assert.deepEqual(
      [records === FULL.records, certificates === FULL.certificates, associations === FULL.associations],
      [true, true, true],
    );
    assert.equal(trustStore, FULL.trustStore);
  });

  test('the global level stays off while a record names a host of another zone: both would show one identity', () => {
    const naming = after(FULL, to.serve('a.example.test', { origin: origin({ serverName: host('www.other.test') }) }));
    const known = world({}, [holder('other.test'), holder('example.test')]);
    const outcome = change(frozen(naming), to.set({ globalPull: true, ssl: 'full' }), known);
    assertProblem(outcome, 'server_name_shared');
    assert.ok('detail' in outcome && outcome.detail.includes('a.example.test'));
    assert.equal(change(naming, to.set({ zonePull: true }), known).kind, 'changed');
    const nobodys = world({}, [holder('example.test')]);
    assert.equal(change(naming, to.set({ globalPull: true }), nobodys).kind, 'changed');
  });

  test('a server name within the zone does not keep the global level off', () => {
    const naming = after(FULL, to.serve('a.example.test', { origin: origin({ serverName: host('b.example.test') }) }));
    const known = world({}, [holder('example.test')]);
    assert.equal(change(naming, to.set({ globalPull: true }), known).kind, 'changed');
  });
});

describe('the trust store', () => {
  test('takes a CA and gives it up again', () => {
    const zone = changed(newZone(), to.trust('house'));
    assert.deepEqual([...zone.trustStore.values()], [trustedCa('house')]);
    assert.equal(changed(zone, to.distrust('house')).trustStore.size, 0);
  });

  test('holds no certificate twice', () => {
    const twice = { kind: 'trust_ca', ca: { ...trustedCa('house'), id: idOf.certificate('again') } } as const;
    const outcome = change(FULL, twice, world());
    assertProblem(outcome, 'certificate_exists', '/certificate');
    assert.ok('detail' in outcome && outcome.detail.includes(idOf.certificate('house')));
  });

  test('cannot give up what it does not hold', () => {
    assertProblem(change(FULL, to.distrust('unknown'), world()), 'certificate_not_found');
    assertProblem(change(FULL, to.distrust('own'), world()), 'certificate_not_found');
  });
});

function assertProblem(outcome: ReturnType<typeof change>, code: string, pointer?: string): void {
  assert.equal(outcome.kind, 'problem');
  assert.equal('code' in outcome && outcome.code, code);
  assert.equal('pointer' in outcome ? outcome.pointer : undefined, pointer);
}
