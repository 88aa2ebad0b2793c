import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseWanted, wantedFile, writeWanted } from '../../src/cli/declare/file.ts';
import { type Plan, planChanges } from '../../src/cli/declare/planner.ts';
import { NEW_ZONE, type Present, type PresentZone } from '../../src/cli/declare/state.ts';
import type { Step } from '../../src/cli/declare/step.ts';
import { type Hostname, ruleId } from '../../src/domain/ids.ts';
import type { RateLimitDraft } from '../../src/domain/rate-limit.ts';
import { nearestList } from '../../src/domain/visitor-authorities.ts';
import { accessBy } from '../../src/edge/access.ts';
import { ACCOUNTS, AWAY, CERTIFICATES, HOME, host, present, rivals, wanted, ZONES } from './zone-states.ts';

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

/** What the API does with a step, refusals included. */
function taken(state: Present, step: Step): Present {
  const zones = new Map(state.zones);
  const zone = zones.get(step.zone);
  if (step.kind === 'create_zone') {
    assert.equal(zone, undefined);
    return {
      ...state,
      zones: zones.set(step.zone, { ...NEW_ZONE, account: step.account, certificates: CERTIFICATES }),
    };
  }
  assert.ok(zone !== undefined, `${step.kind} in a zone that is not there`);
  if (step.kind === 'delete_zone') {
    zones.delete(step.zone);
    return { ...state, zones };
  }
  return { ...state, zones: zones.set(step.zone, takenInZone(zone, step)) };
}

function takenInZone(zone: PresentZone, step: Exclude<Step, { kind: 'create_zone' | 'delete_zone' }>): PresentZone {
  switch (step.kind) {
    case 'paused':
    case 'ssl':
    case 'alwaysUseHttps':
    case 'minTlsVersion':
    case 'compliance':
    case 'zoneLevel':
    case 'globalLevel':
      return { ...zone, choices: { ...zone.choices, [step.kind]: step.to } };
    case 'associate': {
      const hostnames = new Map(zone.hostnames);
      if (step.to === null) hostnames.delete(step.hostname);
      else hostnames.set(step.hostname, step.to);
      return { ...zone, hostnames };
    }
    case 'look_path': {
      const { hostname, to } = step;
      if (hostname === null) return { ...zone, looks: { ...zone.looks, path: to ?? assert.fail('a zone has a path') } };
      const hostnames = new Map(zone.looks.hostnames);
      if (to === null) assert.ok(hostnames.delete(hostname), 'nothing was said of it');
      else hostnames.set(hostname, to);
      return { ...zone, looks: { ...zone.looks, hostnames } };
    }
    case 'ask_visitors': {
      const visitors = new Map(zone.visitors);
      if (step.to === null) assert.ok(visitors.delete(step.hostname), 'the API would know of no list');
      else visitors.set(step.hostname, step.to);
      return { ...zone, visitors };
    }
    case 'access_rule':
      return { ...zone, accessRules: withAccessRule(zone, step) };
    case 'rate_limit':
      return { ...zone, rateLimits: withRule(zone.rateLimits, step) };
    case 'add_record':
      return withRecord(zone, zone.records, {
        ...step.record,
        id: `new ${zone.records.length} ${step.record.content}`,
      });
    case 'change_record':
      return withRecord(
        zone,
        zone.records.filter(({ id }) => id !== step.record.id),
        { ...step.to, id: step.record.id },
      );
    case 'remove_record':
      return { ...zone, records: zone.records.filter(({ id }) => id !== step.record.id) };
  }
}

function withAccessRule({ accessRules }: PresentZone, step: Extract<Step, { kind: 'access_rule' }>) {
  const all = withRule(accessRules, step);
  const networks = all.map(({ network }) => network);
  assert.equal(new Set(networks).size, networks.length, 'the API would refuse a second rule for a network');
  return all;
}

function withRule<Rule extends object>(
  all: readonly (Rule & { readonly id: string })[],
  { from, to }: { readonly from: { readonly id: string } | null; readonly to: Rule | null },
): readonly (Rule & { readonly id: string })[] {
  if (from === null)
    return to === null ? assert.fail('a step of nothing') : [...all, { ...to, id: `new ${all.length}` }];
  const others = all.filter(({ id }) => id !== from.id);
  assert.equal(others.length, all.length - 1, 'the API would know of no such rule');
  return to === null ? others : [...others, { ...to, id: from.id }];
}

function withRecord(zone: PresentZone, others: PresentZone['records'], added: PresentZone['records'][number]) {
  assert.ok(!others.some((other) => rivals(other, added)), `the API would refuse ${added.name} ${added.type}`);
  return { ...zone, records: [...others, added] };
}

function stepsOf(plan: Plan): readonly Step[] {
  assert.equal(plan.kind, 'steps');
  return plan.kind === 'steps' ? plan.steps : [];
}

const NO_PRUNING = { inside: false, zones: false };
const ALL_PRUNING = { inside: true, zones: true };
const pruning = fc.constantFrom(NO_PRUNING, { inside: true, zones: false }, ALL_PRUNING);

describe('a plan', () => {
  test('leads to what is wanted, through states that the API accepts, and then there is nothing left to do', () => {
    fc.assert(
      fc.property(wanted, present, pruning, (wish, is, prune) => {
        const plan = planChanges(wish, is, prune);
        // Without --prune a CNAME may have something in its way; a zone to be created has no certificates yet.
        fc.pre(plan.kind === 'steps');
        const end = stepsOf(plan).reduce(taken, is);
        assert.deepEqual(stepsOf(planChanges(wish, end, prune)), []);
        if (prune.zones) assert.deepEqual(new Set(end.zones.keys()), new Set(wish.keys()));
      }),
      { numRuns: 1500 },
    );
  });

  test('with pruning has exactly the records that are wanted, and touches no section that the file does not have', () => {
    fc.assert(
      fc.property(wanted, present, (wish, is) => {
        const plan = planChanges(wish, is, ALL_PRUNING);
        fc.pre(plan.kind === 'steps');
        const end = stepsOf(plan).reduce(taken, is);
        for (const [zone, { records: drafts, hostnames, visitors, accessRules, rateLimits }] of wish) {
          const whole = (all: readonly object[]) => all.map((one) => ({ ...one, id: null })).toSorted(byText);
          const found = end.zones.get(zone);
          const before = is.zones.get(zone);
          assert.deepEqual(whole(found?.records ?? []), whole(drafts ?? before?.records ?? []));
          assert.deepEqual(whole(found?.accessRules ?? []), whole(accessRules ?? before?.accessRules ?? []));
          const limits = (all: readonly RateLimitDraft[]) => whole(all.map(inOrder));
          assert.deepEqual(limits(found?.rateLimits ?? []), limits(rateLimits ?? before?.rateLimits ?? []));
          if (hostnames === null) assert.deepEqual(found?.hostnames, before?.hostnames ?? new Map());
          if (visitors === null) assert.deepEqual(found?.visitors, before?.visitors ?? new Map());
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('never shows an origin less between than it does before and after, nor asks visitors for less', () => {
    fc.assert(
      fc.property(wanted, present, pruning, (wish, is, prune) => {
        const plan = planChanges(wish, is, prune);
        fc.pre(plan.kind === 'steps');
        const states = [is];
        for (const step of stepsOf(plan)) states.push(taken(states.at(-1) ?? is, step));
        for (const name of ZONES.flatMap((zone) => [host(`www.${zone}`), host(`api.${zone}`)])) {
          const shown = states.map((state) => showsCertificate(state, name));
          const plain = states.map((state) => refusesPlainHttp(state, name));
          const asks = states.map((state) => asksVisitors(state, name));
          for (const claims of [shown, plain, asks]) {
            if (claims.at(0) === true && claims.at(-1) === true) assert.ok(claims.every(Boolean), name);
          }
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('shows each address, on the way, no other rule than the one it had or the one it is to have', () => {
    fc.assert(
      fc.property(wanted, present, pruning, (wish, is, prune) => {
        const plan = planChanges(wish, is, prune);
        fc.pre(plan.kind === 'steps');
        const states = [is];
        for (const step of stepsOf(plan)) states.push(taken(states.at(-1) ?? is, step));
        for (const zone of ZONES) {
          for (const address of ['198.51.100.1', '192.0.1.1', '192.0.2.1', '192.0.2.7', '2001:db8::1', '2001:db8::2']) {
            const modes = states.map((state) => accessBy(ruled(state.zones.get(zone)))(address)?.mode ?? 'none');
            const told = modes.filter((mode, index) => mode !== modes[index - 1]);
            const apart = modes[0] === modes.at(-1) ? 1 : 2;
            assert.equal(told.length, apart, `${address}: ${told.join(', ')}`);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('switches a level on when the records are there, and another one off only after that', () => {
    fc.assert(
      fc.property(wanted, present, pruning, (wish, is, prune) => {
        const plan = planChanges(wish, is, prune);
        fc.pre(plan.kind === 'steps');
        const ranks = stepsOf(plan)
          .map(rank)
          .filter((one) => one !== null);
        assert.deepEqual(
          ranks,
          ranks.toSorted((a, b) => a - b),
        );
      }),
      { numRuns: 500 },
    );
  });
});

/** How a limit was listed does not matter. */
function inOrder({ match, ...limit }: RateLimitDraft): RateLimitDraft {
  return { ...limit, match: { ...match, methods: match.methods.toSorted() } };
}

function ruled(zone: PresentZone | undefined) {
  return (zone?.accessRules ?? []).map(({ mode, network }, index) => {
    return { mode, network, id: ruleId(String(index).padStart(32, '0')) ?? assert.fail('an id') };
  });
}

function rank(step: Step): number | null {
  if (step.kind === 'create_zone') return 0;
  if (step.kind === 'add_record' || step.kind === 'change_record') return 1;
  if (step.kind === 'zoneLevel' || step.kind === 'globalLevel') return step.to ? 2 : 3;
  if (step.kind === 'delete_zone') return 4;
  // The other kinds have their own place; they may stand anywhere between these.
  return null;
}

function zoneOf(state: Present, name: Hostname): PresentZone | undefined {
  return [...state.zones].find(([zone]) => name.endsWith(`.${zone}`))?.[1];
}

function showsCertificate(state: Present, name: Hostname): boolean {
  const zone = zoneOf(state, name);
  if (zone === undefined || ['off', 'flexible'].includes(zone.choices.ssl)) return false;
  return zone.hostnames.get(name)?.enabled ?? (zone.choices.zoneLevel || zone.choices.globalLevel);
}

function asksVisitors(state: Present, name: Hostname): boolean {
  return nearestList(zoneOf(state, name)?.visitors ?? new Map(), name) !== undefined;
}

function refusesPlainHttp(state: Present, name: Hostname): boolean {
  const choices_ = zoneOf(state, name)?.choices;
  if (choices_ === undefined || ['off', 'flexible'].includes(choices_.ssl)) return false;
  return choices_.alwaysUseHttps || choices_.ssl === 'origin_pull';
}

describe('a file', () => {
  test('that was written from what is wants exactly that', () => {
    fc.assert(
      fc.property(present, (is) => {
        const wish = parseWanted('export', writeWanted(wantedFile(is, HOME?.id ?? null), 'a test'));
        assert.deepEqual(stepsOf(planChanges(wish, is, ALL_PRUNING)), []);
      }),
      { numRuns: 200 },
    );
  });

  test('may name a certificate by fingerprint, with colons or without, and one that is not there stops everything', () => {
    const zone = host('one.test');
    const found = { ...NEW_ZONE, certificates: CERTIFICATES };
    const is: Present = { zones: new Map([[zone, found]]), others: [], accounts: [] };
    const wish = (certificate: string) =>
      parseWanted(
        'FILE',
        `version: 1\nzones: {one.test: {settings: {ssl: full}, origin_pulls: {hostnames: {www.one.test: {certificate: '${certificate}'}}}}}`,
      );
    const colons = (CERTIFICATES[1]?.fingerprint ?? '').match(/../g)?.join(':') ?? '';
    const steps = stepsOf(planChanges(wish(`sha256:${colons}`), is, NO_PRUNING));
    assert.deepEqual(
      steps.map(({ kind }) => kind),
      ['associate', 'ssl'],
    );
    const conflict = planChanges(wish('f'.repeat(64)), is, NO_PRUNING);
    assert.ok(
      conflict.kind === 'conflicts' && /postern certs upload --zone one\.test/.test(conflict.conflicts[0] ?? ''),
    );
  });

  test('may name the account of a zone: one that is there stays where it is, and what cannot be stops everything', () => {
    const zone = host('one.test');
    const wish = (account: string) => parseWanted('FILE', `version: 1\nzones: {one.test: {account: '${account}'}}`);
    const nothing: Present = { zones: new Map(), others: [], accounts: ACCOUNTS };
    for (const text of ['account 2', '2'.repeat(32)]) {
      assert.deepEqual(stepsOf(planChanges(wish(text), nothing, NO_PRUNING)), [
        { kind: 'create_zone', zone, account: AWAY },
      ]);
    }
    const there = { ...nothing, zones: new Map([[zone, { ...NEW_ZONE, account: HOME ?? null }]]) };
    assert.deepEqual(stepsOf(planChanges(wish('account 1'), there, NO_PRUNING)), []);
    const twins = { ...nothing, accounts: [...ACCOUNTS, { id: '3'.repeat(32), name: 'account 2' }] };
    const faults: readonly (readonly [Present, string, RegExp])[] = [
      [there, 'account 2', /to be in the account account 2 and is in account 1: zones do not move/],
      [nothing, 'nobody', /there is no account nobody/],
      [twins, 'account 2', /2 accounts are called account 2: name one by its id \(2{32}, 3{32}\)/],
    ];
    for (const [is, account, says] of faults) {
      const plan = planChanges(wish(account), is, NO_PRUNING);
      assert.match(plan.kind === 'conflicts' ? plan.conflicts.join() : '', says);
    }
  });
});
