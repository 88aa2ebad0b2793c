import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseWanted } from '../../src/cli/declare/file.ts';
import { planChanges } from '../../src/cli/declare/planner.ts';
import { NEW_ZONE, type Present } from '../../src/cli/declare/state.ts';
import { describeStep } from '../../src/cli/declare/step.ts';
import { host } from './zone-states.ts';

/** Which rules of a file are those that are there, and in what order they become so. */

const ZONE = host('one.test');

function wish(zone: object) {
  return parseWanted('FILE', JSON.stringify({ version: 1, zones: { [ZONE]: zone } }));
}

/** A zone with the rules of a file, and the steps from there to another. */
function steps(is: object, to: object, prune = false): readonly string[] {
  const was = wish(is).get(ZONE);
  const withIds = <Rule>(rules: readonly Rule[] | null | undefined) =>
    (rules ?? []).map((rule, index) => ({ ...rule, id: String(index) }));
  const rules = { accessRules: withIds(was?.accessRules), rateLimits: withIds(was?.rateLimits) };
  const present: Present = { zones: new Map([[ZONE, { ...NEW_ZONE, ...rules }]]), others: [], accounts: [] };
  const plan = planChanges(wish(to), present, { inside: prune, zones: false });
  assert.ok(plan.kind === 'steps');
  return plan.steps.map((step) => {
    const { sign, text } = describeStep(step);
    return `${sign} ${text}`;
  });
}

const limit = { url: 'one.test/login', methods: ['POST'], threshold: 5, period: 60 };

describe('rate limits', () => {
  const from = (limits: readonly object[], wanted: readonly object[], prune = false) =>
    steps({ rate_limits: limits }, { rate_limits: wanted }, prune);

  test('are known again by what they count, or by their description', () => {
    assert.deepEqual(from([limit], [{ ...limit, threshold: 9 }]), [
      '~ rate limit one.test/login: 5 in 60 s → 9 in 60 s',
    ]);
    const login = { ...limit, description: 'login' };
    assert.deepEqual(from([login], [{ ...login, url: 'one.test/session', methods: ['all'] }]), [
      '~ rate limit login (one.test/login): one.test/login → one.test/session, requests POST → all',
    ]);
    assert.deepEqual(from([limit], [login]), ['~ rate limit one.test/login: description "login"']);
    assert.deepEqual(from([{ ...limit, description: 'old' }], [login]), [
      '~ rate limit old (one.test/login): description "login"',
    ]);
  });

  test('that a file does not name are not taken for another that it names', () => {
    const [burst, long] = [
      { ...limit, description: 'burst' },
      { ...limit, description: 'long', threshold: 100, period: 3600 },
    ];
    assert.deepEqual(from([burst], [long]), ['+ rate limit long (one.test/login): POST, 100 in 3600 s, ban 3600 s']);
    assert.deepEqual(from([{ ...limit, methods: ['GET'] }], [limit]), [
      '+ rate limit one.test/login: POST, 5 in 60 s, ban 60 s',
    ]);
    assert.deepEqual(
      from(
        [burst, long],
        [
          { ...long, threshold: 90 },
          { ...burst, action: 'simulate' },
        ],
      ),
      [
        '~ rate limit long (one.test/login): 100 in 3600 s → 90 in 3600 s',
        '~ rate limit burst (one.test/login): ban 60 s → simulate 60 s',
      ],
    );
  });

  test('are as many as wanted, also where two are the same; how methods are listed does not matter', () => {
    assert.deepEqual(from([limit, limit], [limit, limit], true), []);
    assert.deepEqual(from([limit, limit], [limit]), []);
    assert.equal(from([limit, limit], [limit], true).length, 1);
    assert.equal(from([limit], [limit, limit]).length, 1);
    assert.deepEqual(from([{ ...limit, methods: ['PUT', 'POST'] }], [{ ...limit, methods: ['post', 'put'] }]), []);
  });

  test('begin before others end, and what is made weaker comes after what turns away', () => {
    const other = { ...limit, url: 'one.test/search' };
    assert.deepEqual(
      from(
        [limit, other],
        [
          { ...other, disabled: true },
          { ...limit, url: '*' },
        ],
        true,
      ),
      [
        '+ rate limit *: POST, 5 in 60 s, ban 60 s',
        '~ rate limit one.test/search: disabled',
        '- rate limit one.test/login: POST, 5 in 60 s, ban 60 s',
      ],
    );
  });
});

describe('access rules', () => {
  const rule = (network: string, mode = 'block') => ({ network, mode });
  const from = (rules: readonly object[], wanted: readonly object[], prune = false) =>
    steps({ access_rules: rules }, { access_rules: wanted }, prune);

  test('begin with the smallest network and end with the largest, changes stand between', () => {
    const wanted = [rule('0.0.0.0/0'), rule('198.51.100.0/24', 'allow'), rule('192.0.2.7', 'allow')];
    const is = [rule('203.0.113.1'), rule('203.0.113.0/24', 'allow'), rule('198.51.100.0/24')];
    assert.deepEqual(from(is, wanted, true), [
      '+ access rule 192.0.2.7: allow',
      '+ access rule 0.0.0.0/0: block',
      '~ access rule 198.51.100.0/24: block → allow',
      '- access rule 203.0.113.0/24: allow',
      '- access rule 203.0.113.1: block',
    ]);
  });

  test('are known again by their network, in whatever spelling', () => {
    assert.deepEqual(from([rule('2001:db8::1')], [rule('2001:DB8:0::1/128')], true), []);
    assert.deepEqual(from([rule('192.0.2.1')], [{ ...rule('192.0.2.1/32'), notes: 'bot' }]), [
      '~ access rule 192.0.2.1: notes "bot"',
    ]);
  });
});
