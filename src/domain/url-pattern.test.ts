import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { comparablePath, matchesUrl, type UrlPattern, urlPattern } from './url-pattern.ts';

function pattern(text: string): UrlPattern {
  return urlPattern(text) ?? assert.fail(`not a pattern: ${text}`);
}

function matches(text: string, host: string, path: string): boolean {
  return matchesUrl(pattern(text), { host, path: comparablePath(path) });
}

test('a pattern names a host and a path, with stars for anything', () => {
  for (const [text, host, path, expected] of [
    ['*', 'a.test', '/x', true],
    ['a.test', 'a.test', '/any/where', true],
    ['a.test', 'b.test', '/', false],
    ['https://A.test/Login', 'a.test', '/login', true],
    ['a.test/login', 'a.test', '/login?next=/', true],
    ['a.test/login', 'a.test', '/login2', false],
    ['a.test/login*', 'a.test', '/login/step/2', true],
    ['*.a.test/api/*/user', 'x.y.a.test', '/api/v1/user', true],
    ['*.a.test/api/*/user', 'x.a.test', '/api/user', false],
    ['*.a.test/', 'a.test', '/', false],
    ['a.test/', 'a.test', '/', true],
    ['a.test/', 'a.test', '/x', false],
  ] as const) {
    assert.equal(matches(text, host, path), expected, `${text} and ${host}${path}`);
  }
});

test('what an application may take for the same path is the same', () => {
  const ways = [
    '/login',
    '/LOGIN',
    '//login',
    '/./login',
    '/x/../login',
    '/%6cogin',
    '/%6Cogin/',
    '/login/',
    '\\login',
    '/x/%2e%2e/login',
  ];
  for (const path of ways) assert.ok(matches('a.test/login', 'a.test', path), path);
  for (const path of ['/log in', '/login.php', '/a/login']) assert.ok(!matches('a.test/login', 'a.test', path), path);
});

test('what is no pattern is told so', () => {
  for (const text of [
    '',
    '/',
    '/login',
    'a.test/x?y',
    'a.test/x#y',
    'a.test /x',
    'a..test/',
    'a.test:443/',
    'u@a.test',
    '*********',
  ]) {
    assert.equal(urlPattern(text), null, text);
  }
});

test('property: a star matches anything in its place, in time that does not explode', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (before, middle) => {
      const plain = (text: string) => text.replace(/[^a-z0-9]/g, '');
      const path = `/a${plain(before)}/${plain(middle)}z`;
      assert.ok(matches(`a.test/a${plain(before)}*z`, 'a.test', path));
    }),
  );
  const stars = pattern(`a.test/${'*a'.repeat(8)}`);
  assert.equal(matchesUrl(stars, { host: 'a.test', path: `/${'a'.repeat(100_000)}b` }), false);
});

test('stars match what a regular expression says', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 12 }).filter((one) => !/\*{9}/.test(one));
  fc.assert(
    fc.property(text, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 16 }), (stars, path) => {
      const wanted = urlPattern(`*/${stars}`);
      fc.pre(wanted !== null);
      const oracle = new RegExp(`^/${stars.replaceAll('*', '.*')}$`);
      assert.equal(matchesUrl(wanted, { host: 'a.test', path: `/${path}` }), oracle.test(`/${path}`));
    }),
  );
});

// Each step through the path would look at the whole pattern again: minutes for these, with everybody waiting.
test('a pattern that nearly matches everywhere holds nobody up', () => {
  const path = comparablePath(`/${'a'.repeat(16_000)}`);
  const nearly = pattern(`*/*${'a'.repeat(240)}b`);
  for (let times = 0; times < 5_000; times++) assert.ok(!matchesUrl(nearly, { host: 'a.test', path }));
});
