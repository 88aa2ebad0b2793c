import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actText, detailText } from './changes.ts';
import { subjectOf } from './entry.ts';

type Side = Readonly<Record<string, unknown>>;
type Case = readonly [action: string, before: Side, after: Side, what: string, subject: string, detail: string];

const RECORD = { name: 'www.shop.test', type: 'A', content: '192.0.2.1', proxied: true };
const SERIAL = '123456789012345678901234567890123456789';

const CASES: readonly Case[] = [
  ['set', { ssl: 'strict' }, { ssl: 'full' }, 'Changed the SSL/TLS mode from Full (strict) to Full', '', ''],
  ['set', { alwaysUseHttps: true }, { alwaysUseHttps: false }, 'Switched Always Use HTTPS off', '', ''],
  [
    'set',
    { minTlsVersion: '1.2' },
    { minTlsVersion: '1.3' },
    'Changed the minimum TLS version from 1.2 to 1.3',
    '',
    '',
  ],
  [
    'set',
    { compliance: 'none' },
    { compliance: 'fips_pqh' },
    'Changed the key exchanges with origins from no limit to FIPS and post-quantum hybrids',
    '',
    '',
  ],
  [
    'set',
    { zonePull: false, ssl: 'full' },
    { zonePull: true, ssl: 'origin_pull' },
    'Changed the SSL/TLS mode from Full to Origin pull, switched the zone level of origin pulls on',
    '',
    '',
  ],
  ['sign_in', {}, { by: 'code' }, 'Signed in by the address that postern up printed', '', ''],
  ['sign_in', {}, { by: 'token' }, 'Signed in', '', ''],
  // Of a newer Postern, or of nothing that differs: the action alone.
  ['set', { other: 1 }, { other: 2 }, 'Changed settings', '', ''],
  ['set', {}, { ssl: 'hasOwnProperty' }, 'Set the SSL/TLS mode to hasOwnProperty', '', ''],
  ['edit_zone', { paused: false }, { paused: true }, 'Paused the zone', '', ''],
  ['edit_zone', { paused: true }, { paused: false }, 'Resumed the zone', '', ''],
  [
    'update_record',
    { records: { r1: RECORD } },
    { records: { r1: { ...RECORD, proxied: false, content: '192.0.2.9' } } },
    'Changed a record',
    'www.shop.test',
    'content from 192.0.2.1 to 192.0.2.9, proxied off',
  ],
  ['create_record', {}, { records: { r1: RECORD } }, 'Added a record', 'www.shop.test', ''],
  [
    'update_setup',
    { hostname: 'www.shop.test', mode: 'watch' },
    { hostname: 'www.shop.test', mode: 'enforce' },
    'Decided to refuse strangers in the set-up of',
    'www.shop.test',
    'mode from watch to enforce',
  ],
  [
    'update_setup',
    { hostname: 'www.shop.test', mode: null },
    { hostname: 'www.shop.test', mode: 'watch' },
    'Changed a set-up',
    'www.shop.test',
    'mode from (none) to watch',
  ],
  [
    'update_setup',
    { hostname: 'www.shop.test', mode: 'enforce' },
    { hostname: 'www.shop.test', mode: 'watch' },
    'Went back to watching in the set-up of',
    'www.shop.test',
    'mode from enforce to watch',
  ],
  ['dismiss_setup', { hostname: 'www.shop.test' }, {}, 'Gave up a set-up', 'www.shop.test', ''],
  [
    'add_origin_certificate',
    {},
    {
      origin_certificates: {
        [SERIAL]: { fingerprint: 'ab', hostnames: ['a.test', 'b.test', 'c.test'], revoked: false },
      },
    },
    'Issued an origin certificate',
    'for a.test and 2 more',
    '',
  ],
];

for (const [action, before, after, what, subject, detail] of CASES) {
  test(`audit log: ${what}`, () => {
    assert.equal(actText({ action, before, after }), what);
    assert.equal(subjectOf({ before, after }), subject);
    assert.equal(detailText({ action, before, after }), detail);
  });
}
