import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CAVEATS, caveats, recordCaveats, settingCaveats } from './caveats.ts';
import { DEFAULT_ORIGIN } from './record.ts';
import type { ZoneSettings } from './settings.ts';
import { after, newZone, to, wish } from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const SERVED = after(newZone(), to.serve('www.example.test'), to.upload('own', { level: 'hostname' }));
const VETOED = after(SERVED, to.associate(wish('www.example.test', 'own', 'veto')));

function said(zone: Zone, settings: Partial<ZoneSettings>, provable = true): readonly string[] {
  return caveats(after(zone, to.set(settings)), provable);
}

const SETTING_CASES: readonly (readonly [string, Zone, Partial<ZoneSettings>, readonly string[]])[] = [
  ['a new zone', SERVED, {}, []],
  ['TLS 1.3 for visitors', SERVED, { minTlsVersion: '1.3' }, []],
  ['TLS 1.1 for visitors', SERVED, { minTlsVersion: '1.1' }, ['tls_floor']],
  ['TLS 1.0 for visitors', SERVED, { minTlsVersion: '1.0' }, ['tls_floor']],
  ['limits where all pulls go over TLS', SERVED, { compliance: 'fips' }, []],
  ['limits in mode off', SERVED, { compliance: 'fips', ssl: 'off' }, ['compliance_plain_http']],
  ['limits in mode flexible', SERVED, { compliance: 'pqh', ssl: 'flexible' }, ['compliance_plain_http']],
  ['limits and http visits', SERVED, { compliance: 'fips_pqh', alwaysUseHttps: false }, ['compliance_plain_http']],
  ['limits and http visits over TLS', SERVED, { compliance: 'pqh', alwaysUseHttps: false, ssl: 'origin_pull' }, []],
  ['no limits in mode off', SERVED, { ssl: 'off' }, []],
];

describe('what is said about settings of TLS', () => {
  for (const [situation, zone, settings, expected] of SETTING_CASES) {
    test(`${situation}: ${expected.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(settingCaveats(after(zone, to.set(settings))), expected);
    });
  }
});

const over = (proxied: boolean, http2: boolean) => ({ proxied, origin: { ...DEFAULT_ORIGIN, http2 } });
const HTTP2 = over(true, true);
const RECORD_CASES: readonly (readonly [
  string,
  readonly ReturnType<typeof over>[],
  Partial<ZoneSettings>,
  readonly string[],
])[] = [
  ['HTTP/2 in a new zone', [HTTP2], {}, []],
  ['HTTP/2 in mode off', [HTTP2], { ssl: 'off' }, ['http2_plain_http']],
  ['HTTP/2 in mode flexible', [HTTP2], { ssl: 'flexible' }, ['http2_plain_http']],
  ['HTTP/2 and http visits', [HTTP2], { alwaysUseHttps: false }, ['http2_plain_http']],
  ['HTTP/2 and http visits over TLS', [HTTP2], { alwaysUseHttps: false, ssl: 'origin_pull' }, []],
  ['HTTP/1.1 in mode off', [over(true, false), over(false, false)], { ssl: 'off' }, []],
  ['HTTP/2 where nothing is pulled', [over(false, true)], { ssl: 'off' }, ['http2_dns_only']],
  ['HTTP/2 for one of two records', [HTTP2, over(false, true)], {}, ['http2_dns_only']],
  ['HTTP/2 in vain twice', [HTTP2, over(false, true)], { ssl: 'off' }, ['http2_plain_http', 'http2_dns_only']],
];

describe('what is said about records', () => {
  for (const [situation, records, settings, expected] of RECORD_CASES) {
    test(`${situation}: ${expected.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(recordCaveats(after(newZone(), to.set(settings)), records), expected);
    });
  }
});

describe('what is said about a zone with origin pulls', () => {
  const CASES: readonly (readonly [string, Zone, Partial<ZoneSettings>, readonly string[]])[] = [
    ['all is well', SERVED, { zonePull: true }, []],
    ['mode off', SERVED, { zonePull: true, ssl: 'off' }, ['no_effect_mode_off']],
    ['mode flexible', SERVED, { globalPull: true, ssl: 'flexible' }, ['no_effect_mode_flexible']],
    ['mode off, for a hostname', VETOED, { ssl: 'off' }, ['no_effect_mode_off']],
    ['no record', newZone(), { zonePull: true }, ['no_effect_no_proxied_record']],
    ['http visits', SERVED, { zonePull: true, alwaysUseHttps: false }, ['plain_http_pulls']],
    ['http visits over TLS', SERVED, { zonePull: true, alwaysUseHttps: false, ssl: 'origin_pull' }, []],
    ['mode full', SERVED, { zonePull: true, ssl: 'full' }, ['not_verified']],
    ['the shared identity', SERVED, { globalPull: true }, ['shared_identity']],
    ['both levels', SERVED, { globalPull: true, zonePull: true }, ['global_overruled']],
    [
      'all at once, most important first',
      newZone(),
      { globalPull: true, ssl: 'full', alwaysUseHttps: false },
      ['no_effect_no_proxied_record', 'plain_http_pulls', 'not_verified', 'shared_identity'],
    ],
  ];

  for (const [situation, zone, settings, expected] of CASES) {
    test(`${situation}: ${expected.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(said(zone, settings), expected);
    });
  }

  test('DNS-only records serve nothing, one proxied record is enough', () => {
    const hidden = after(newZone(), to.serve('a.example.test', { proxied: false }));
    assert.deepEqual(said(hidden, { zonePull: true }), ['no_effect_no_proxied_record']);
    assert.deepEqual(said(after(hidden, to.serve('b.example.test')), { zonePull: true }), []);
  });

  test('an upload that the bundle cannot vouch for is named last', () => {
    assert.deepEqual(said(SERVED, { zonePull: true, ssl: 'full' }, false), ['not_verified', 'unprovable']);
  });

  test('there is no caveat that nothing leads to', () => {
    const led = [...CASES, ...SETTING_CASES, ...RECORD_CASES].flatMap(([, , , expected]) => expected);
    // Of a lock that is open: opening.test.ts.
    assert.deepEqual(new Set([...led, 'unprovable', 'lock_open']), new Set(Object.keys(CAVEATS)));
  });
});

test('nothing is said about a zone without origin pulls', () => {
  for (const ssl of ['off', 'flexible', 'full', 'strict'] as const) {
    assert.deepEqual(said(newZone(), { ssl, alwaysUseHttps: false }, false), []);
  }
});

test('codes are unique and of their own range, texts are sentences', () => {
  const rows = Object.values(CAVEATS);
  assert.equal(new Set(rows.map(({ code }) => code)).size, rows.length);
  for (const { code, text } of rows) {
    assert.ok(code > 20_000 && code < 20_100, text);
    assert.match(text, /^[A-Z].*(?:\.|\})$/s);
  }
});
