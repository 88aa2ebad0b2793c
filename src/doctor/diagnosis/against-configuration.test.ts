import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Verdict } from '../../domain/verdict.ts';
import type { Claim, ConfigurationReading } from '../configuration.ts';
import { diagnose } from './diagnose.ts';
import type { Finding } from './finding.ts';
import { HERE, judged } from './notation.fixture.ts';
import { refsOf } from './refs.ts';

const SHOP = '"<title>Shop</title> welcome to the shop of many fine things and more"';
const LOCKED = `none 1.3 -> alert 116 asks\nright 1.3 -> 200 ${SHOP}`;
const OPEN = `none 1.3 -> 200 ${SHOP} asks\nforeign 1.3 -> alert 48\nright 1.3 -> 200 ${SHOP}`;

function claim(verdict: Verdict, more: Partial<Claim> = {}): Claim {
  const { host, address, port } = HERE;
  return { host, address, port, verdict, where: { file: 'site.conf', line: 12 }, ...more };
}

function written(code: Finding['code'], more: Partial<Finding> = {}): Finding {
  return {
    code,
    target: HERE.host,
    where: { file: 'site.conf', line: 3 },
    detail: '',
    server: 'nginx',
    evidence: [],
    ...more,
  };
}

function reading(claims: readonly Claim[], findings: readonly Finding[] = []): ConfigurationReading {
  return { server: 'nginx', main: 'site.conf', claims, findings, notChecked: [] };
}

describe('what runs beside what is written', () => {
  test('is the truth, and the difference a finding', () => {
    const { verdict, findings } = judged(OPEN, { configuration: reading([claim('locked')]) });
    assert.equal(verdict, 'open');
    const [first] = findings.filter(({ code }) => code === 'config_differs');
    assert.deepEqual(first?.where, { file: 'site.conf', line: 12 });
    assert.deepEqual(
      first?.evidence.map(({ probe }) => probe),
      ['no certificate, TLS 1.3', 'foreign certificate, TLS 1.3', 'configuration site.conf:12'],
    );
    const other = judged(LOCKED, { configuration: reading([claim('open')], [written('optional')]) });
    assert.equal(other.verdict, 'locked');
    assert.ok(other.findings.some(({ code }) => code === 'config_differs'));
    const late = judged(LOCKED, { configuration: reading([claim('broken')]) });
    assert.ok(late.findings.some(({ code }) => code === 'config_differs'));
  });

  test('is no difference where both say the same, or one of them nothing', () => {
    for (const verdict of ['locked', 'unknown'] as const) {
      const { findings } = judged(LOCKED, { configuration: reading([claim(verdict)]) });
      assert.deepEqual(findings, []);
    }
    const unseen = judged('none 1.3 -> silent connecting', { configuration: reading([claim('locked')]) });
    assert.deepEqual(
      unseen.findings.map(({ code }) => code),
      ['not_reached'],
    );
  });

  test('is no difference where no text decides it', () => {
    const codes = (seen: string, ...told: Parameters<typeof reading>) =>
      judged(seen, { configuration: reading(...told) }).findings.map(({ code }) => code);
    const neighbour = `${LOCKED}\nunwanted 1.3 -> 200 ${SHOP}`;
    assert.deepEqual(codes(neighbour, [claim('locked')]), ['neighbour_admitted']);
    const believed = `${LOCKED}\nnone 1.3 forges=success -> 200 ${SHOP}`;
    assert.deepEqual(codes(believed, [claim('locked')]), ['header_passed']);
    const kept = 'none 1.3 -> alert 116 asks\nright 1.3 -> alert 48';
    assert.deepEqual(codes(kept, [claim('locked')]), ['edge_refused']);
    assert.deepEqual(codes(LOCKED, [claim('open')], [written('some_paths_only')]), ['some_paths_only']);
    assert.deepEqual(codes(LOCKED, [claim('open')], [written('optional', { target: 'b.test' })]), ['optional']);
  });

  test('answers what it can see; a hole that only the text shows stays one', () => {
    const verdict = (seen: string, ...told: Parameters<typeof reading>) =>
      judged(seen, { configuration: reading(...told) }).verdict;
    assert.equal(verdict(LOCKED, [claim('open')], [written('optional')]), 'locked');
    assert.equal(verdict(LOCKED, [claim('open')], [written('some_paths_only')]), 'open');
    assert.equal(verdict(LOCKED, [claim('open')], [written('optional'), written('header_underscore')]), 'open');
    assert.equal(verdict('none 1.3 -> silent connecting', [claim('open')], [written('optional')]), 'open');
    assert.equal(verdict(LOCKED, [claim('broken')]), 'locked');
  });

  test('tells in the words of the text which hole it is', () => {
    const any = `none 1.3 -> alert 116 asks\nself_signed 1.3 -> 200 ${SHOP}`;
    const { findings } = judged(any, { configuration: reading([claim('open')], [written('tests_for_none_only')]) });
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['tests_for_none_only'],
    );
  });

  test('finds the socket under any address that the server listens on', () => {
    const claims = [claim('open', { address: '*' }), claim('locked', { address: '::' })];
    const configuration = reading(claims, [written('optional')]);
    assert.ok(judged(LOCKED, { configuration }).findings.some(({ code }) => code === 'config_differs'));
  });

  test('tells a finding of both once, with its place and what was seen', () => {
    const { findings } = judged(OPEN, { configuration: reading([claim('open')], [written('optional')]) });
    const [only, ...others] = findings;
    assert.deepEqual([only?.code, only?.where, others], ['optional', { file: 'site.conf', line: 3 }, []]);
    assert.ok(only?.evidence.some(({ saw }) => saw.includes('Shop')));
    assert.deepEqual(only === undefined ? [] : refsOf(only), ['NE-02']);
  });

  test('keeps what only the configuration shows', () => {
    const { verdict, findings } = judged(LOCKED, {
      configuration: reading([claim('locked')], [written('more_authorities')]),
    });
    assert.deepEqual([verdict, ...findings.map(({ code }) => code)], ['locked', 'more_authorities']);
    const elsewhere = judged(LOCKED, { configuration: reading([], [written('optional', { target: 'b.test' })]) });
    assert.equal(elsewhere.findings.length, 1);
  });

  test('does not speak of sockets at which nobody looked', () => {
    const port = HERE.port + 1;
    assert.equal(
      judged(LOCKED, { configuration: reading([claim('locked'), claim('open', { port })]) }).verdict,
      'open',
    );
    assert.equal(
      judged(LOCKED, { configuration: reading([claim('locked'), claim('unknown', { port })]) }).verdict,
      'locked',
    );
  });
});

test('a configuration alone is judged by what it says', () => {
  const alone = (...claims: readonly Claim[]) =>
    diagnose({ targets: [], observations: [], configuration: reading(claims), identity: null, notChecked: [] }).verdict;
  assert.equal(alone(claim('locked')), 'locked');
  assert.equal(alone(claim('locked'), claim('unknown', { port: 1 })), 'unknown');
  assert.equal(alone(claim('broken'), claim('open', { port: 1 })), 'open');
  assert.equal(alone(), 'unknown');
});
