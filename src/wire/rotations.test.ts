import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rehearsed, site } from '../domain/rotation.fixture.ts';
import type { Sight } from '../domain/proof.ts';
import { rotationView } from './rotations.ts';

test('the private address that a name leads to is not told to who may not use it', () => {
  const forbidden: Sight = { kind: 'failed', because: 'address_forbidden' };
  const it = new Rehearsed(site('a'), {}, { 'a.example.test': () => forbidden });
  const { origins } = it.facts();
  const view = rotationView(it.rotation(), { waits: 'proof', origins, edges: ['edge'] });
  const [origin] = view.origins;
  assert.equal(origin?.finding, 'unreachable');
  assert.ok(!JSON.stringify(origin.evidence).includes('192.0.2.1'));
});
