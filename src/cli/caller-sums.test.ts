import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../domain/ids.ts';
import { NO_CALLERS } from '../domain/callers.ts';
import { CALLERS_BODY, type CallerReport } from '../wire/callers.ts';
import { CallerSums } from './caller-sums.ts';

type Counted = Partial<typeof NO_CALLERS>;

function report(counted: Readonly<Record<string, Counted>>, others: readonly Counted[] = []): CallerReport {
  const at = new Date(instant(0)).toISOString();
  return CALLERS_BODY.parse({
    host: 'web-1',
    lock: 'www',
    batch: '9a1f0c7be4d25836aa4b1c90d7e2f358',
    hostnames: Object.keys(counted),
    counts: Object.entries(counted).map(([hostname, counts]) => ({
      hostname,
      at,
      ...NO_CALLERS,
      ...counts,
      examples: [],
    })),
    ...(others.length === 0
      ? {}
      : { by_other_names: others.map((one) => ({ at, ...NO_CALLERS, ...one, examples: [] })) }),
  });
}

function sumsOf(...reports: readonly CallerReport[]): CallerSums {
  const sums = new CallerSums();
  for (const one of reports) sums.add(one);
  return sums;
}

test('what is said while a command runs grows, and is said again only where it is something else', () => {
  const sums = sumsOf(report({ 'a.test': { accepted: 2 }, 'b.test': {} }));
  assert.equal(sums.news(), 'a.test so far: 2 via edge, nobody else\nb.test so far: nobody');
  assert.equal(sums.news(), '');
  sums.add(report({ 'a.test': { accepted: 3, without: 1 }, 'b.test': {} }));
  // Nobody read of this one.
  sums.add(report({ 'a.test': { foreign: 1 }, 'b.test': {} }));
  assert.equal(sums.news(), 'a.test so far: 5 via edge, 1 without certificate, 1 with another');
});

test('one report says since when it counts', () => {
  const sums = sumsOf(report({ 'a.test': { unverified: 4, looks: 1 }, 'b.test': { looks: 1 } }));
  assert.equal(
    sums.ofOneReport(),
    'a.test since the last report: 0 via edge, 4 not verified here\nb.test since the last report: nobody (but 1 look by Postern)',
  );
});

test('a line of a usual name fits into a terminal', () => {
  const sums = sumsOf(report({ 'www.example.test': { accepted: 999, without: 99, foreign: 9 } }));
  assert.ok(sums.news().length <= 80, sums.news());
});

test('who comes by no name of the lock has a line of their own, and only where somebody does', () => {
  const sums = sumsOf(report({ 'a.test': {} }, [{ looks: 0 }]));
  assert.equal(sums.news(), 'a.test so far: nobody');
  sums.add(report({ 'a.test': {} }, [{ without: 2, accepted: 1 }, { foreign: 1 }]));
  assert.equal(sums.news(), 'Other name or none so far: 3 would be refused too, 1 with certificate, perhaps refused');
  assert.equal(sums.news(), '');
});
