import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { examplePath } from './example-path.ts';
import { fits } from './pattern.ts';

test('a path is found that patterns of configurations fit', () => {
  for (const pattern of [
    '\\.png$',
    '^/static/',
    '(?i)\\.(?:jpe?g|gif)$',
    '^/api/v[0-9]+/x$',
    '/(a|b)/.*$',
    '^/x{2}[^/]+$',
    'health',
    '^/\\w+\\.css(\\?.*)?$',
  ])
    assert.equal(fits(pattern, examplePath(pattern) ?? assert.fail(pattern)), true, pattern);
  assert.equal(examplePath('^(?!/admin)'), null);
  assert.equal(examplePath('^[^/]'), null);
});

test('whatever is found fits, and nothing takes long', () => {
  const piece = fc.constantFrom(
    '^',
    '$',
    '/',
    '\\.',
    'a',
    '[a-z]',
    '[^x]',
    '(',
    ')',
    '|',
    '*',
    '+',
    '?',
    '{3}',
    '.',
    '\\d',
    '(?i)',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const pattern = pieces.join('');
      const path = examplePath(pattern);
      assert.ok(path === null || (path.startsWith('/') && fits(pattern, path) === true));
    }),
  );
});
