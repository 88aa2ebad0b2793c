import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../domain/ids.ts';
import { LONGEST_OPENING } from '../domain/opening.ts';
import { manifestTime } from '../wire/bundle-manifest.ts';
import { signedOpenings } from './signed-openings.ts';

const ISSUED = Date.UTC(2030, 0, 1);
const MONTH = 30 * 86_400_000;

function openings(hostname: string, lasts: number, expires = MONTH) {
  const at = (after: number) => manifestTime(instant(ISSUED + after));
  const found = signedOpenings({
    format: 'postern-bundle',
    zone: 'a'.repeat(32),
    zone_name: 'example.test',
    version: 1,
    sha256: '0'.repeat(64),
    issued_on: at(0),
    expires_on: at(expires),
    certificates: [],
    openings: [{ hostname, until: at(lasts) }],
  });
  return found.map(({ hostname: name, until }) => `${name} ${until - ISSUED}`);
}

test('an opening lasts as long as anybody may open a lock, and no longer than what was signed', () => {
  assert.deepEqual(openings('www.example.test', LONGEST_OPENING), [`www.example.test ${LONGEST_OPENING}`]);
  assert.deepEqual(openings('www.example.test', LONGEST_OPENING + 1), []);
  assert.deepEqual(openings('www.example.test', 60_000, 1_000), ['www.example.test 1000']);
});

test('names are read as records have them', () => {
  assert.deepEqual(openings('*.Example.test.', 1), ['*.example.test 1']);
  assert.deepEqual(openings('no hostname', 1), []);
});
