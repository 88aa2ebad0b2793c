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
  assert.equal(step({ chosen: ENFORCING, reports: [{ mode: 'watch', at }] }), 'enforce still_watching');
  assert.equal(step({ chosen: ENFORCING }), 'prove look');
  assert.equal(step({ reports: [{ mode: 'enforce', at }] }), 'prove look');
  for (const verdict of VERDICTS.filter((one) => one !== 'locked'))
    assert.equal(step({ chosen: ENFORCING, attestations: [seen(verdict)] }), `prove ${verdict}`);
});

test('it ends only where every origin was seen locked, in every way, with the identity of now, since it began', () => {
  const locked = seen('locked');
  assert.equal(step({ attestations: [locked] }), 'proved');
  assert.equal(step({ attestations: [locked], chosen: { server: null, mode: 'watch' } }), 'proved');
  const proves = (attestation: Attestation) => step({ chosen: ENFORCING, attestations: [attestation] });
  assert.equal(proves(seen('locked', { fullAt: instant(999) })), 'prove look');
  assert.equal(proves(seen('locked', { fullAt: null })), 'prove look');
  assert.equal(proves(seen('locked', { presented: OTHER })), 'prove look');
  assert.equal(proves(seen('locked', { presented: null })), 'prove look');
  const second = { origin: { ...ORIGIN, port: 8443 }, mayBePrivate: false, certificate: NOW_SHOWN, path: '/' };
  const two = { origins: [...FACTS.origins, second], chosen: ENFORCING };
  assert.equal(step({ ...two, attestations: [locked] }), 'prove look');
  assert.equal(step({ ...two, attestations: [locked, seen('open', { origin: second.origin })] }), 'prove open');
  assert.equal(step({ ...two, origins: [], attestations: [] }), 'prove look');
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
