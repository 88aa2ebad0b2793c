import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { ConfigurationReading } from '../../doctor/configuration.ts';
import { sourceOf } from '../install/memory.fixture.ts';
import { parseLighttpd } from '../server/lighttpd/syntax.ts';
import { APACHE_CASES } from './apache.fixture.ts';
import { auditApache } from './apache.ts';
import { type AuditCase, AUDITED_AT, trustedFiles } from './audited-case.fixture.ts';
import type { AuditRequest } from './audit-request.ts';
import { HAPROXY_CASES } from './haproxy.fixture.ts';
import { auditHaproxy } from './haproxy.ts';
import { LIGHTTPD_CASES } from './lighttpd.fixture.ts';
import { auditLighttpd } from './lighttpd.ts';

let files: ReadonlyMap<string, string>;
before(async () => {
  files = await trustedFiles();
});

const AUDITS: readonly {
  readonly name: string;
  readonly audit: (request: AuditRequest) => ConfigurationReading;
  readonly cases: readonly AuditCase[];
}[] = [
  { name: 'Apache', audit: auditApache, cases: APACHE_CASES },
  { name: 'HAProxy', audit: auditHaproxy, cases: HAPROXY_CASES },
  { name: 'lighttpd', audit: auditLighttpd, cases: LIGHTTPD_CASES },
];

/** A configuration that somebody has damaged: lines gone, doubled, cut, moved, or with something strange in them. */
function damaged(cases: readonly AuditCase[]): fc.Arbitrary<string> {
  const strange = fc.constantFrom(
    '"',
    "'",
    '{',
    '}',
    '(',
    ')',
    '<',
    '</',
    '\\',
    '$',
    '%{',
    '\0',
    '\r',
    '[',
    '=>',
    '!',
    'if',
    'Use',
    '#',
    '\u00ff',
  );
  const change = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('drop', 'double', 'cut', 'swap', 'add'),
    text: strange,
  });
  return fc
    .tuple(fc.constantFrom(...cases), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([{ config }, changes]) => {
      const lines = config.split('\n');
      for (const { at, kind, text } of changes) {
        const index = at % lines.length;
        const line = lines[index] ?? '';
        if (kind === 'drop') lines.splice(index, 1);
        else if (kind === 'double') lines.splice(index, 0, line);
        else if (kind === 'cut') lines[index] = line.slice(0, line.length / 2);
        else if (kind === 'swap') lines.unshift(...lines.splice(index, 1));
        else lines[index] = `${line.slice(0, line.length / 2)}${text}${line.slice(line.length / 2)}`;
        if (lines.length === 0) lines.push('');
      }
      return lines.join('\n');
    });
}

describe('whatever a file holds, an audit ends with a reading', () => {
  for (const { name, audit, cases } of AUDITS) {
    const read = (config: string) => {
      const source = sourceOf(new Map([...files, ['/t/main.conf', config]]));
      const reading = audit({ main: '/t/main.conf', source, now: AUDITED_AT, hosts: ['a.test'], version: null });
      for (const { port, host } of reading.claims) assert.ok(host === 'a.test' && port >= 0 && port < 100_000);
      for (const { where } of reading.findings) assert.ok(where === null || where.line >= 1);
    };

    test(`${name}, of a damaged configuration`, () => {
      fc.assert(fc.property(damaged(cases), read), { numRuns: 300 });
    });

    test(`${name}, of any text`, () => {
      fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), read), { numRuns: 200 });
    });
  }
});

test('what lighttpd would read is read to its end, or it is said where not', () => {
  const piece = fc.constantFrom(
    'a = "x"',
    'b += ( "k" => 1, )',
    '$HTTP["host"] == "a" {',
    '}',
    'else {',
    'c = d + "e"',
    '# {',
    '(',
    'include "x"',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('\n');
      const parsed = parseLighttpd('/x', text);
      if (!('kind' in parsed)) return;
      assert.ok(parsed.place.line >= 1 && parsed.place.line <= text.split('\n').length);
    }),
  );
});

test('nesting that never ends is left, and so are rings of files', () => {
  const deep = `${'$HTTP["host"] == "a.test" {\n'.repeat(2_000)}`;
  const ring = new Map([...files, ['/t/main.conf', 'include "main.conf"\n'], ['/t/deep.conf', deep]]);
  for (const main of ['/t/main.conf', '/t/deep.conf']) {
    const reading = auditLighttpd({ main, source: sourceOf(ring), now: AUDITED_AT, hosts: ['a.test'], version: null });
    assert.ok(reading.findings.some(({ code }) => code === 'unread_configuration'));
  }
  const macros = '<Macro A>\nUse A\nUse A\n</Macro>\nUse A\n';
  const source = sourceOf(new Map([['/t/main.conf', macros]]));
  const reading = auditApache({ main: '/t/main.conf', source, now: AUDITED_AT, hosts: ['a.test'], version: null });
  assert.ok(reading.findings.some(({ code }) => code === 'unread_configuration'));
});
