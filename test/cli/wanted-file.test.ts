import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseWanted } from '../../src/cli/declare/file.ts';

describe('a file', () => {
  const faults: readonly (readonly [what: string, text: string, says: RegExp])[] = [
    [
      'a misspelt key',
      'version: 1\nzones: {a.test: {recrods: []}}',
      /zones\.a\.test has no key recrods.*Did you mean records\?/s,
    ],
    [
      'a misspelt key of a record',
      'version: 1\nzones: {a.test: {records: [{name: www, type: A, content: 192.0.2.1, proxy: true}]}}',
      /records\[0\] has no key proxy/,
    ],
    ['another version', 'version: 2\nzones: {}', /version must be 1/],
    ['no YAML', 'version: [', /is not YAML/],
    [
      'a wrong address',
      'version: 1\nzones: {a.test: {records: [{name: www, type: A, content: nowhere}]}}',
      /must be an IPv4 address/,
    ],
    [
      'a name outside the zone',
      'version: 1\nzones: {a.test: {records: [{name: www.b.test, type: A, content: 192.0.2.1}]}}',
      /lies outside a\.test/,
    ],
    [
      'a CNAME beside an address',
      'version: 1\nzones: {a.test: {records: [{name: www, type: A, content: 192.0.2.1}, {name: www, type: CNAME, content: b.test}]}}',
      /a CNAME stands alone/,
    ],
    ['the same zone twice', 'version: 1\nzones: {a.test: {}, A.test.: {}}', /names the zone a\.test twice/],
    [
      'a hostname elsewhere',
      'version: 1\nzones: {a.test: {origin_pulls: {hostnames: {www.b.test: inherit}}}}',
      /not a name in a\.test/,
    ],
    [
      'a visitor elsewhere',
      'version: 1\nzones: {a.test: {visitor_authorities: {www.b.test: none}}}',
      /visitor_authorities.*not a name in a\.test/,
    ],
    [
      'a path that is none',
      'version: 1\nzones: {a.test: {attestation: {path: status}}}',
      /attestation\.path.*must be a path like \/status/,
    ],
    [
      'a path of a hostname elsewhere',
      'version: 1\nzones: {a.test: {attestation: {hostnames: {www.b.test: /status}}}}',
      /attestation\.hostnames.*not a name in a\.test/,
    ],
    [
      'no network',
      'version: 1\nzones:\n  a.test:\n    access_rules:\n      - {network: 192.0.2.0/24, mode: block}\n      - {network: 192.0.2.1/24, mode: block}',
      /^FILE:6: zones\.a\.test\.access_rules\[1\]\.network must be an address, or a network/,
    ],
    [
      'a network in two spellings',
      'version: 1\nzones:\n  a.test:\n    access_rules:\n      - {network: "2001:DB8::1", mode: block}\n\n      - mode: allow\n        network: 2001:db8:0::1/128',
      /^FILE:8: zones\.a\.test\.access_rules\[1\]\.network: 2001:db8:0::1\/128 is named twice\. Leave one out/,
    ],
    [
      'a mode that is none',
      'version: 1\nzones: {a.test: {access_rules: [{network: 192.0.2.1, mode: whitelist}]}}',
      /access_rules\[0\]\.mode must be one of block, allow/,
    ],
    [
      'a URL that is none',
      'version: 1\nzones: {a.test: {rate_limits: [{url: /login, threshold: 5, period: 60}]}}',
      /rate_limits\[0\]\.url must be a host and a path without a query/,
    ],
    [
      'a limit without a period',
      'version: 1\nzones:\n  a.test:\n    rate_limits:\n      - url: a.test/login\n        threshold: 5',
      /^FILE:5: zones\.a\.test\.rate_limits\[0\]\.period must be a whole number/,
    ],
    [
      'a misspelt key of a limit',
      'version: 1\nzones:\n  a.test:\n    rate_limits:\n      - url: a.test/login\n        treshold: 5\n        threshold: 5\n        period: 60',
      /^FILE:6: zones\.a\.test\.rate_limits\[0\] has no key treshold\. Did you mean threshold\?/,
    ],
    [
      'a star that YAML takes for an alias',
      'version: 1\nzones: {a.test: {rate_limits: [{url: *.a.test/login, threshold: 5, period: 60}]}}',
      /is not YAML: .* Put a value that begins with \* in quotes/,
    ],
    [
      'a mistake below an alias',
      'version: 1\nzones:\n  a.test: &all\n    rate_limits:\n      - {url: "*", threshold: 5, period: 0}\n  b.test: *all',
      /^FILE:5: zones\.a\.test\.rate_limits\[0\]\.period/,
    ],
    [
      'visitors’ CAs that are none',
      'version: 1\nzones: {a.test: {visitor_authorities: {www.a.test: {certificates: staff}}}}',
      /visitor_authorities\.www\.a\.test: There is no PEM block/,
    ],
  ];
  for (const [what, text, says] of faults) {
    test(`with ${what} is refused with what to mend`, () => {
      assert.throws(
        () => parseWanted('FILE', text),
        (error: Error & { fix?: string }) => says.test(`${error.message} ${error.fix}`),
      );
    });
  }
});
