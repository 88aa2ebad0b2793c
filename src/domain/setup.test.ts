import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attestation } from './attestation.ts';
import { NO_CALLERS } from './callers.ts';
import { certificateId, hostname, instant } from './ids.ts';
import { SETUP_STEPS, SETUP_WAITS, type SetupFacts, setupStep } from './setup.ts';
import { VERDICTS, type Verdict } from './verdict.ts';

const HOST = hostname('www.example.test') ?? assert.fail();
const NOW_SHOWN = certificateId('7c1d0f52-93ab-4e0e-8f0a-2b6d5a91c3e4') ?? assert.fail();
const OTHER = certificateId('00000000-93ab-4e0e-8f0a-2b6d5a91c3e4') ?? assert.fail();
const ORIGIN = { hostname: HOST, address: '192.0.2.1', port: 443, serverName: null, hostHeader: null };
const BEGAN = instant(1_000);

const FACTS: SetupFacts = {
  began: BEGAN,
  configured: BEGAN,
  decided: null,
  records: 'proxied',
  pull: 'present',
  chosen: { server: 'nginx', mode: 'watch' },
  reports: [],
  counted: false,
  callers: NO_CALLERS,
  origins: [{ origin: ORIGIN, mayBePrivate: false, certificate: NOW_SHOWN, path: '/' }],
  attestations: [],
};

function seen(verdict: Verdict, change: Partial<Attestation> = {}): Attestation {
  const at = instant(2_000);
  const never = { lockedSince: null, lastOpen: null, lastBroken: null, findings: [] };
  return { origin: ORIGIN, verdict, since: at, at, fullAt: at, presented: NOW_SHOWN, ...never, ...change };
}

function step(change: Partial<SetupFacts>): string {
  const { kind, waitsFor } = setupStep({ ...FACTS, ...change });
  return `${kind} ${waitsFor ?? ''}`.trim();
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
  assert.equal(step({ counted: true }), 'watch edge');
  assert.equal(step({ counted: true, callers: { ...NO_CALLERS, looks: 9, without: 2 } }), 'watch edge');
  assert.equal(step({ counted: true, callers: { ...NO_CALLERS, accepted: 9, foreign: 1 } }), 'watch strangers');
  assert.equal(step({ counted: true, callers: { ...NO_CALLERS, accepted: 9, looks: 5 } }), 'enforce enforcing');
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
  const two = { origins: [...FACTS.origins, second], chosen: ENFORCING };
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

test('every wait belongs to a step', () => {
  for (const { step: name } of Object.values(SETUP_WAITS)) assert.ok(SETUP_STEPS.includes(name));
});

test('what a look found stands in the step, the worst origin first', () => {
  const found = (verdict: Verdict, ...findings: readonly string[]) => seen(verdict, { findings });
  const told = (attestation: Attestation) => setupStep({ ...FACTS, chosen: ENFORCING, attestations: [attestation] });
  assert.deepEqual(told(found('unknown', 'unmatched_names', 'tls_version')), {
    kind: 'enforce',
    waitsFor: 'not_known',
    found: 'unmatched_names',
  });
  assert.deepEqual(told(found('unknown')), { kind: 'enforce', waitsFor: 'not_known' });
  assert.deepEqual(told(found('open', 'optional')), { kind: 'enforce', waitsFor: 'still_open', found: 'optional' });
  const reports = [{ mode: 'enforce' as const, at }];
  const proving = setupStep({ ...FACTS, reports, attestations: [found('broken', 'edge_refused')] });
  assert.deepEqual(proving, { kind: 'prove', waitsFor: 'broken', found: 'edge_refused' });
});
