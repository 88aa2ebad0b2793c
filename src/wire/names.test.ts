import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hostname, isWithin } from '../domain/ids.ts';
import { recordName, typedHostname, typedPattern } from './names.ts';

test('letters beyond ASCII become A-labels, and ASCII is left to our own parser', () => {
  assert.equal(typedHostname('Bücher.Example.'), 'xn--bcher-kva.example');
  assert.equal(typedPattern('*.bücher.example'), '*.xn--bcher-kva.example');
  assert.equal(typedHostname('0x7f.1'), null);
  assert.equal(typedHostname('１２７.０.０.１'), null);
  assert.equal(typedHostname('a\u3002test'), 'a.test');
});

test('whatever is typed as a record name, the result is a name or nothing; a full name of the zone is itself', () => {
  const zone = hostname('example.test');
  assert.ok(zone !== null);
  const label = fc.stringMatching(/^[a-z0-9]{1,10}$/);
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), (labels) => {
      const full = `${labels.join('.')}.${zone}`;
      assert.equal(recordName(full.toUpperCase(), zone), full);
      const short = recordName(labels.join('.'), zone);
      if (labels.length === 1) assert.equal(short, full);
      else assert.ok(short === null || !isWithin(short, zone));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const name = recordName(text, zone);
      assert.ok(name === null || /^(?:\*\.)?[a-z0-9_.-]{1,253}$/.test(name));
    }),
  );
});
