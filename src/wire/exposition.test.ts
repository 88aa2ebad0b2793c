import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exposition } from './exposition.ts';
import { METRICS } from './metric-table.ts';
import { BUCKETS, seriesKey } from './metrics.ts';

// The grammar of the text format, 0.0.4.
const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABELS =
  '(?:\\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*")*\\})?';
const LINE = new RegExp(
  `^(?:# HELP ${NAME} .+|# TYPE ${NAME} (?:counter|gauge|histogram)|${NAME}${LABELS} -?[0-9.e+-]+)$`,
);

test('counters and gauges are written with their labels, times in seconds', () => {
  const counters = {
    [seriesKey('pulls_total', 'present', 'zone', 'answered')]: 7,
    [seriesKey('process_cpu_seconds_total', 'main')]: 1_500_001,
  };
  const gauges = { [seriesKey('edge_revision', 'a "b"\\\n')]: 12, pools: 0 };
  const lines = exposition({ counters, gauges }).split('\n');
  assert.ok(lines.includes('postern_pulls_total{plan="present",level="zone",outcome="answered"} 7'));
  assert.ok(lines.includes('postern_process_cpu_seconds_total{role="main"} 1.500001'));
  assert.ok(lines.includes('postern_edge_revision{edge="a \\"b\\"\\\\\\n"} 12'));
  assert.ok(lines.includes('postern_pools 0'));
});

test('a histogram is written in buckets that include those below, with sum and count', () => {
  const at = (place: string | number) => seriesKey('origin_handshake_seconds', 'full', String(place));
  const counters = { [at(0)]: 2, [at(3)]: 1, [at(BUCKETS.length)]: 4, [at('sum')]: 2_500_000 };
  const lines = exposition({ counters, gauges: {} }).split('\n');
  const bucket = (le: string | number) =>
    lines
      .find((line) => line.startsWith(`postern_origin_handshake_seconds_bucket{session="full",le="${le}"} `))
      ?.split(' ')[1];
  assert.deepEqual([0.0005, 0.0025, 0.005, 60, '+Inf'].map(bucket), ['2', '2', '3', '3', '7']);
  assert.ok(lines.includes('postern_origin_handshake_seconds_sum{session="full"} 2.5'));
  assert.ok(lines.includes('postern_origin_handshake_seconds_count{session="full"} 7'));
});

test('what the table does not know, and what has the wrong number of labels, is left out', () => {
  const counters = { strange: 1, 'strange|a': 1, pulls_total: 1, 'pulls_total|a': 1, 'pools|a': 1, __proto__: 1 };
  assert.equal(exposition({ counters, gauges: {} }), '');
});

test('every metric of the table can be written, each name once and together', () => {
  const counters: Record<string, number> = {};
  for (const [name, { type, labels }] of Object.entries(METRICS)) {
    const values = Object.keys(labels).map((label) => `some-${label}`);
    counters[[name, ...values, ...(type === 'histogram' ? ['sum'] : [])].join('|')] = 3;
  }
  const text = exposition({ counters, gauges: {} });
  assert.ok(text.endsWith('\n'));
  for (const line of text.trimEnd().split('\n')) assert.match(line, LINE);
  const types = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  assert.deepEqual(
    types,
    Object.keys(METRICS).map((name) => `postern_${name}`),
  );
});

test('names follow the convention: counters end in total, units are base units', () => {
  for (const [name, { type }] of Object.entries(METRICS)) {
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    if (type === 'histogram') assert.match(name, /_seconds$/);
  }
});
