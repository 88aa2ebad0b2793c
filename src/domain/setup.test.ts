import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attestation } from './attestation.ts';
import { NO_CALLERS } from './callers.ts';
import { certificateId, hostname, instant } from './ids.ts';
import { SETUP_STEPS, SETUP_WAITS, type SetupFacts, type SetupName, setupStep } from './setup.ts';
import { VERDICTS, type Verdict } from './verdict.ts';

const HOST = hostname('www.example.test') ?? assert.fail();
const NOW_SHOWN = certificateId('7c1d0f52-93ab-4e0e-8f0a-2b6d5a91c3e4') ?? assert.fail();
const OTHER = certificateId('00000000-93ab-4e0e-8f0a-2b6d5a91c3e4') ?? assert.fail();
const ORIGIN = { hostname: HOST, address: '192.0.2.1', port: 443, serverName: null, hostHeader: null };
const BEGAN = instant(1_000);

const NAME: SetupName = {
  hostname: HOST,
  records: 'proxied',
  pull: 'present',
  reports: [],
  counted: false,
  came: false,
  callers: NO_CALLERS,
  origins: [{ origin: ORIGIN, mayBePrivate: false, certificate: NOW_SHOWN, path: '/' }],
  attestations: [],
};

const FACTS: Omit<SetupFacts, 'names'> = {
  began: BEGAN,
  configured: BEGAN,
  decided: null,
  chosen: { server: 'nginx', mode: 'watch' },
  byOtherNames: NO_CALLERS,
};

function seen(verdict: Verdict, change: Partial<Attestation> = {}): Attestation {
  const at = instant(2_000);
  const never = { lockedSince: null, lastHeld: null, lastOpen: null, lastBroken: null, findings: [] };
  return { origin: ORIGIN, verdict, since: at, at, fullAt: at, presented: NOW_SHOWN, ...never, ...change };
}

/** Of a set-up with one name, or with others beside it. */
function step(change: Partial<SetupFacts & SetupName>, ...others: readonly SetupName[]): string {
  const { kind, waitsFor, names } = setupStep({ ...FACTS, ...change, names: [{ ...NAME, ...change }, ...others] });
  return [kind, waitsFor ?? '', ...(others.length === 0 ? [] : names)].join(' ').trim();
}

const ENFORCING = { server: 'nginx', mode: 'enforce' } as const;
const at = instant(1_500);

test('each step waits for what is missing, in the order in which it is needed', () => {
  assert.equal(step({ records: 'none' }), 'records record');
  assert.equal(step({ records: 'dns_only' }), 'records proxied');
  assert.equal(step({ pull: 'plaintext' }), 'records tls');
  assert.equal(step({ pull: 'without' }), 'records origin_pulls');
  assert.equal(step({ pull: 'refuse' }), 'records origin_pulls');
  assert.equal(step({ chosen: { server: null, mode: 'watch' } }), 'server choice');
  assert.equal(step({}), 'configure origin');
  assert.equal(step({ reports: [{ mode: 'watch', at }] }), 'watch counts');
  assert.equal(step({ counted: true }), 'configure first', 'an empty log is there before the server has loaded it');
  assert.equal(step({ counted: true, reports: [{ mode: 'watch', at }] }), 'watch edge', 'the lock itself says so');
  const looked = { counted: true, callers: { ...NO_CALLERS, looks: 9 } };
  assert.equal(step(looked), 'configure visit', 'it is loaded, and Postern alone came');
  const byAddress = { counted: true, byOtherNames: { ...NO_CALLERS, looks: 1 } };
  assert.equal(step(byAddress), 'configure visit', 'a look by the address stands in the same log');
  assert.equal(step({ ...looked, counted: false }), 'configure origin', 'of a configuration of before');
  assert.equal(
    step({ ...looked, reports: [{ mode: 'watch', at }] }),
    'watch edge',
    'the lock itself says that it watches',
  );
  const counted = { counted: true, came: true };
  assert.equal(step({ ...counted, callers: { ...NO_CALLERS, looks: 9, without: 2 } }), 'watch edge');
  assert.equal(step({ ...counted, callers: { ...NO_CALLERS, accepted: 9, foreign: 1 } }), 'watch strangers');
  assert.equal(step({ ...counted, callers: { ...NO_CALLERS, accepted: 9, looks: 5 } }), 'enforce enforcing');
  const calm = { ...counted, callers: { ...NO_CALLERS, accepted: 9 } };
  assert.equal(step({ ...calm, byOtherNames: { ...NO_CALLERS, without: 1 } }), 'watch strangers');
  assert.equal(step({ ...calm, byOtherNames: { ...NO_CALLERS, accepted: 1 } }), 'enforce enforcing');
  assert.equal(step({ reports: [{ mode: 'enforce', at }] }), 'prove look');
  for (const verdict of VERDICTS.filter((one) => one !== 'locked'))
    assert.equal(step({ reports: [{ mode: 'enforce', at }], attestations: [seen(verdict)] }), `prove ${verdict}`);
});

test('a decision is carried out where the origin says so, or where strangers were seen refused after it', () => {
  const decided = { chosen: ENFORCING, decided: instant(1_500) };
  assert.equal(step(decided), 'enforce carry_out');
  const watching = (time: number) => [{ mode: 'watch', at: instant(time) } as const];
  assert.equal(step({ ...decided, reports: watching(1_499) }), 'enforce carry_out', 'said before it was decided');
  assert.equal(step({ ...decided, reports: watching(1_500) }), 'enforce still_watching');
  assert.equal(step({ ...decided, reports: [{ mode: 'enforce', at }] }), 'prove look');
  const looked = (verdict: Verdict, time: number) => ({ attestations: [seen(verdict, { fullAt: instant(time) })] });
  for (const verdict of VERDICTS.filter((one) => one !== 'locked'))
    assert.equal(step({ ...decided, ...looked(verdict, 1_400) }), 'enforce carry_out', `${verdict} before`);
  assert.equal(step({ ...decided, ...looked('open', 1_600) }), 'enforce still_open');
  assert.equal(step({ ...decided, ...looked('unknown', 1_600) }), 'enforce not_known');
  assert.equal(step({ ...decided, ...looked('broken', 1_600) }), 'prove broken');
  assert.equal(step({ ...decided, ...looked('locked', 1_600) }), 'proved');
  const reports = [{ mode: 'enforce', at } as const];
  assert.equal(step({ ...decided, reports, ...looked('open', 1_400) }), 'prove look', 'seen before it was decided');
});

test('what the origin said of another configuration than the one of now counts for nothing', () => {
  const configured = instant(1_500);
  assert.equal(step({ configured, reports: [{ mode: 'watch', at: instant(1_499) }] }), 'configure origin');
  assert.equal(step({ configured, reports: [{ mode: 'watch', at: instant(1_500) }] }), 'watch counts');
});

test('it ends only where every origin was seen locked, in every way, with the identity of now, since it began', () => {
  const locked = seen('locked');
  assert.equal(step({ attestations: [locked] }), 'proved');
  assert.equal(step({ attestations: [locked], chosen: { server: null, mode: 'watch' } }), 'proved');
  const proves = (attestation: Attestation) => step({ chosen: ENFORCING, attestations: [attestation] });
  assert.equal(proves(seen('locked', { fullAt: instant(999) })), 'enforce carry_out');
  assert.equal(proves(seen('locked', { fullAt: null })), 'enforce carry_out');
  assert.equal(proves(seen('locked', { presented: OTHER })), 'enforce carry_out');
  assert.equal(proves(seen('locked', { presented: null })), 'enforce carry_out');
  const second = { origin: { ...ORIGIN, port: 8443 }, mayBePrivate: false, certificate: NOW_SHOWN, path: '/' };
  const two = { origins: [...NAME.origins, second], chosen: ENFORCING };
  assert.equal(step({ ...two, attestations: [locked] }), 'enforce carry_out');
  assert.equal(step({ ...two, attestations: [locked, seen('open', { origin: second.origin })] }), 'enforce still_open');
  assert.equal(step({ ...two, origins: [], attestations: [] }), 'enforce carry_out');
  assert.equal(step({ records: 'none', attestations: [locked] }), 'records record');
});

test('what locks said before it began counts for nothing, and one that watches outweighs those that enforce', () => {
  assert.equal(step({ reports: [{ mode: 'enforce', at: instant(999) }] }), 'configure origin');
  const both = [{ mode: 'enforce', at } as const, { mode: 'watch', at } as const];
  assert.equal(step({ reports: both }), 'watch counts');
});

const SHOP = hostname('shop.example.test') ?? assert.fail();
const SHOP_ORIGIN = { ...ORIGIN, hostname: SHOP };

function shop(change: Partial<SetupName>): SetupName {
  const origins = NAME.origins.map((one) => ({ ...one, origin: SHOP_ORIGIN }));
  return { ...NAME, hostname: SHOP, origins, ...change };
}

test('each name is waited for by its name until the edge pulled it, also one without a record', () => {
  const came = (accepted: number, without = 0) => ({
    counted: true,
    came: true,
    callers: { ...NO_CALLERS, accepted, without },
  });
  assert.equal(step(came(0), shop(came(0))), 'watch edge');
  assert.equal(step(came(9), shop(came(0))), 'watch each shop.example.test');
  assert.equal(step(came(0), shop(came(9))), 'watch each www.example.test');
  assert.equal(step(came(9), shop({})), 'enforce enforcing', 'nobody tells of it');
  assert.equal(step(came(9), shop({ ...came(0, 2), records: 'none' })), 'watch each shop.example.test');
  assert.equal(step(came(9), shop(came(9, 2))), 'watch strangers shop.example.test');
  assert.equal(step(came(9, 1), shop(came(9))), 'watch strangers www.example.test');
});

test('the lock is proved where each name that the edge serves was seen locked', () => {
  const decided = { chosen: ENFORCING, decided: instant(1_500), attestations: [seen('locked')] };
  const looked = (verdict: Verdict) => ({ attestations: [seen(verdict, { origin: SHOP_ORIGIN })] });
  assert.equal(step(decided, shop({})), 'enforce carry_out shop.example.test');
  assert.equal(step(decided, shop(looked('locked'))), 'proved');
  assert.equal(step(decided, shop(looked('open'))), 'enforce still_open shop.example.test');
  assert.equal(step(decided, shop({ records: 'proxied', origins: [] })), 'enforce carry_out shop.example.test');
  assert.equal(step(decided, shop({ records: 'none', origins: [] })), 'proved', 'nothing can be looked at there');
  const reports = [{ mode: 'enforce', at } as const];
  assert.equal(step({ ...decided, reports }, shop({})), 'prove look shop.example.test');
  assert.equal(step({ ...decided, reports }, shop(looked('broken'))), 'prove broken shop.example.test');
  const watching = shop({ reports: [{ mode: 'watch', at }] });
  assert.equal(step({ ...decided, reports }, watching), 'enforce still_watching shop.example.test');
});

test('every wait belongs to a step', () => {
  for (const { step: name } of Object.values(SETUP_WAITS)) assert.ok(SETUP_STEPS.includes(name));
});

test('what a look found stands in the step, the worst origin first', () => {
  const found = (verdict: Verdict, ...findings: readonly string[]) => seen(verdict, { findings });
  const told = (attestation: Attestation, change: Partial<SetupName> = {}) =>
    setupStep({ ...FACTS, chosen: ENFORCING, names: [{ ...NAME, ...change, attestations: [attestation] }] });
  const names = [HOST];
  assert.deepEqual(told(found('unknown', 'unmatched_names', 'tls_version')), {
    kind: 'enforce',
    waitsFor: 'not_known',
    names,
    found: 'unmatched_names',
  });
  assert.deepEqual(told(found('unknown')), { kind: 'enforce', waitsFor: 'not_known', names });
  const optional = { kind: 'enforce', waitsFor: 'still_open', names, found: 'optional' };
  assert.deepEqual(told(found('open', 'optional')), optional);
  const proving = told(found('broken', 'edge_refused'), { reports: [{ mode: 'enforce', at }] });
  assert.deepEqual(proving, { kind: 'prove', waitsFor: 'broken', names, found: 'edge_refused' });
});
