import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judged } from './notation.fixture.ts';
import { refsOf } from './refs.ts';

const APP = '"<title>Shop</title> welcome to the shop of many fine things and more"';

/** Verdict and codes with refs, in a line for each. */
function told(text: string) {
  const { verdict, findings } = judged(text);
  return [
    verdict,
    ...findings.map(({ code, server, where }) => `${code} ${refsOf({ code, server, where }).join(' ')}`),
  ];
}

describe('who gets in where the edge knocks', () => {
  test('nobody is asked', () => {
    assert.deepEqual(
      told(`none 1.2 -> 200 ${APP} asks=none server=nginx
        none 1.3 -> 200 ${APP} asks=none server=nginx
        foreign 1.3 -> 200 ${APP} asks=none server=nginx`),
      ['open', 'not_asked NE-01'],
    );
  });
  test('asked, and let in without', () => {
    assert.deepEqual(
      told(`none 1.2 -> 200 ${APP} asks
        none 1.3 -> 200 ${APP} asks
        foreign 1.3 -> alert 48 asks`),
      ['open', 'optional NE-02 NE-18 NE-05 NE-22 NE-06'],
    );
  });
  test('locked by alert', () => {
    assert.deepEqual(
      told(`none 1.2 -> alert 40 asks=CN=edge
        none 1.3 -> alert 116 asks=CN=edge
        self_signed 1.3 -> alert 48 asks=CN=edge
        right 1.3 -> 200 ${APP} asks=CN=edge`),
      ['locked'],
    );
  });
});
