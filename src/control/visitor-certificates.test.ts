import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant } from '../domain/ids.ts';
import type { DnsRecord } from '../domain/record.ts';
import { DAY, NOW, name, record, recordIdOf } from './control-plane.fixture.ts';
import { needsAnother, visitorNames } from './visitor-certificates.ts';

function zoneWith(hosts: readonly string[], proxied = true) {
  const records = hosts.map((host, index): DnsRecord => {
    return { ...record(host), proxied, id: recordIdOf(index), mayBePrivate: false, createdAt: NOW, modifiedAt: NOW };
  });
  return { name: name('example.test'), records: new Map(records.map((one) => [one.id, one])) };
}

// RFC 6125 §6.4.3: a wildcard stands for exactly one label.
function covers(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith('*.') && host.slice(host.indexOf('.')) === pattern.slice(1));
}

test('every proxied host is covered, however deep it lies', () => {
  const label = fc.stringMatching(/^[a-z]{1,3}$/);
  const host = fc.array(label, { maxLength: 4 }).map((labels) => [...labels, 'example.test'].join('.'));
  fc.assert(
    fc.property(fc.array(host, { maxLength: 20 }), (hosts) => {
      const names = visitorNames(zoneWith(hosts));
      for (const one of hosts)
        assert.ok(
          names.some((pattern) => covers(pattern, one)),
          one,
        );
      assert.equal(new Set(names).size, names.length);
    }),
  );
});

test('hosts that the edge does not serve need no name, wildcards need their parent, and 100 names are the most', () => {
  const base = ['example.test', '*.example.test'];
  assert.deepEqual(visitorNames(zoneWith(['a.b.example.test'], false)), base);
  assert.deepEqual(visitorNames(zoneWith(['*.b.example.test'])), [...base, 'b.example.test', '*.b.example.test']);
  const many = Array.from({ length: 80 }, (_, index) => `www.h${index}.example.test`);
  assert.equal(visitorNames(zoneWith(many)).length, 100);
});

test('a certificate is replaced when its names change or less than a third of its life is left', () => {
  const names = [name('example.test'), name('*.example.test')];
  const present = { names, chain: '', notBefore: NOW, notAfter: instant(NOW + 90 * DAY) };
  assert.equal(needsAnother(present, [...names], instant(NOW + 60 * DAY)), false);
  assert.equal(needsAnother(present, [...names], instant(NOW + 60 * DAY + 1)), true);
  assert.equal(needsAnother(present, [...names, name('b.example.test')], NOW), true);
  assert.equal(needsAnother(present, names.slice(1), NOW), true);
});
