import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HERE, judged } from './notation.fixture.ts';

const LOCKED = 'none 1.2 -> alert 40 asks\nnone 1.3 -> alert 116 asks';
const RIGHT = '\nright 1.3 -> 200 "the shop"';
const OPEN = 'none 1.3 -> 200 "the shop" asks=none';

describe('an origin that the edge does not believe', () => {
  const why = 'The certificate of the origin has signed itself.';
  const unbelieved = new Map([[HERE, why]]);
  test('is broken, however well its lock holds, and what is told says why', () => {
    const { verdict, findings } = judged(`${LOCKED}${RIGHT}`, { unbelieved });
    assert.equal(verdict, 'broken');
    assert.deepEqual(
      findings.map(({ code, detail }) => `${code}: ${detail}`),
      [`origin_not_believed: ${why}`],
    );
    assert.equal(judged(`${LOCKED}${RIGHT}`, { unbelieved: new Map() }).verdict, 'locked');
  });
  test('is open where strangers get in, and both are told', () => {
    const { verdict, findings } = judged(`${OPEN}${RIGHT}`, { unbelieved });
    assert.equal(verdict, 'open');
    const codes = findings.map(({ code }) => code);
    assert.ok(codes.includes('origin_not_believed') && codes.includes('not_asked'), codes.join(' '));
  });
  test('speaks for itself alone', () => {
    const other = { ...HERE, address: '127.0.0.2' };
    const { targets } = judged(`${LOCKED}${RIGHT}`, { unbelieved, others: [[other, `${LOCKED}${RIGHT}`]] });
    assert.deepEqual(
      targets.map(({ verdict }) => verdict),
      ['broken', 'locked'],
    );
  });
});
