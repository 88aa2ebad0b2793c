import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AskedSetup, askedOn, type Terminal, terminalOf } from './asked-at-terminal.ts';
import { type Hostname, hostname, instant } from './ids.ts';

const START = 1_000_000;

function name(text: string): Hostname {
  const found = hostname(text);
  assert.ok(found !== null);
  return found;
}

/** Seconds after the configuration was made. */
function at(seconds: number) {
  return instant(START + seconds * 1_000);
}

function setUp(changed: Partial<AskedSetup> = {}): AskedSetup {
  return {
    hostname: name('www.example.test'),
    others: [name('example.test')],
    configured: at(0),
    decided: null,
    ...changed,
  };
}

function command(changed: Partial<Terminal> = {}): Terminal {
  const hostnames = [name('www.example.test'), name('example.test')];
  return { host: 'web-1', lock: 'www', hostnames, state: 'ready', since: at(10), at: at(60), ...changed };
}

test('a command that is heard of would ask; after the decision it is told to', () => {
  assert.equal(terminalOf(setUp(), [command()], at(61))?.host, 'web-1');
  assert.equal(askedOn(command(), [setUp()], at(61)), null, 'nothing is decided');
  const decided = setUp({ decided: at(60) });
  assert.equal(terminalOf(decided, [command()], at(61))?.host, 'web-1');
  assert.equal(askedOn(command(), [setUp({ hostname: name('a.example.test') }), decided], at(61)), at(60));
});

const NOT_ASKED = {
  'one that is not heard of any more': { terminal: {}, setup: {}, now: 80 },
  'one of another configuration': { terminal: { since: at(-1) }, setup: {}, now: 61 },
  'one that watches not all of its names': {
    terminal: { hostnames: [name('www.example.test')] },
    setup: { decided: at(60) },
    now: 61,
  },
  'one that watches more names than were decided': {
    terminal: { hostnames: [name('www.example.test'), name('example.test'), name('api.example.test')] },
    setup: { decided: at(60) },
    now: 61,
  },
  'one that was begun after the decision': { terminal: { since: at(50) }, setup: { decided: at(40) }, now: 61 },
  'one whose decision is long ago': {
    terminal: { at: at(1_000) },
    setup: { decided: at(60) },
    now: 1_001,
  },
  'one that has enforced for another decision': {
    terminal: { state: 'enforced' },
    setup: { decided: at(61) },
    now: 62,
  },
  'one that enforced before it was taken back': { terminal: { state: 'enforced' }, setup: {}, now: 61 },
} as const satisfies Readonly<
  Record<string, { readonly terminal: Partial<Terminal>; readonly setup: Partial<AskedSetup>; readonly now: number }>
>;

for (const [title, { terminal, setup, now }] of Object.entries(NOT_ASKED)) {
  test(`a set-up has nobody asked by ${title}`, () => {
    assert.equal(terminalOf(setUp(setup), [command(terminal)], at(now)), null);
  });
}

test('one that has enforced is known for a while, though it has ended', () => {
  const decided = setUp({ decided: at(50) });
  assert.equal(terminalOf(decided, [command({ state: 'enforced' })], at(600))?.state, 'enforced');
});
