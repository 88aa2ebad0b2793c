import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  certificateId,
  fingerprint,
  type Hostname,
  hostname,
  hostnamePattern,
  isWithin,
  wildcardAbove,
  zoneId,
} from './ids.ts';

test('a hostname is the same in any case and with a trailing dot', () => {
  for (const text of ['www.example.test', 'WWW.Example.TEST', 'www.example.test.']) {
    assert.equal(hostname(text), 'www.example.test');
  }
});

test('what is not a hostname is refused', () => {
  const label = 'a'.repeat(64);
  for (const text of [
    '',
    '.',
    '..',
    'a..b',
    '-a.test',
    'a-.test',
    `${label}.test`,
    'a b.test',
    'a:443',
    '127.0.0.1',
    '1',
    '0x7f.1',
    'a.0x7f',
    '[::1]',
    '*.example.test',
    'ex*mple.test',
    'exämple.test',
    'a\n.test',
    'a.test..',
    `${'a.'.repeat(127)}ab`,
  ]) {
    assert.equal(hostname(text), null, JSON.stringify(text));
  }
});

test('only a whole first label may be a wildcard', () => {
  assert.equal(hostnamePattern('*.Example.test'), '*.example.test');
  for (const text of ['*', '*.', '*.*.test', 'a.*.test', '*a.test']) assert.equal(hostnamePattern(text), null, text);
});

test('a name lies in a zone by whole labels', () => {
  const name = (text: string) => hostname(text) ?? assert.fail(text);
  assert.equal(isWithin(name('a.example.test'), name('example.test')), true);
  assert.equal(isWithin(name('example.test'), name('example.test')), true);
  assert.equal(isWithin(name('notexample.test'), name('example.test')), false);
});

test('the wildcards above a name are asked from the nearest to the farthest, and a wildcard is not above itself', () => {
  const asked = (text: string) => {
    const wildcards: Hostname[] = [];
    wildcardAbove(hostnamePattern(text) ?? assert.fail(text), (wildcard) => {
      wildcards.push(wildcard);
    });
    return wildcards;
  };
  assert.deepEqual(asked('a.b.example.test'), ['*.b.example.test', '*.example.test', '*.test']);
  assert.deepEqual(asked('*.b.example.test'), ['*.example.test', '*.test']);
  assert.deepEqual(asked('test'), []);
});

test('the first wildcard that is found answers', () => {
  const name = hostname('a.b.example.test') ?? assert.fail();
  assert.equal(
    wildcardAbove(name, (wildcard) => (wildcard === '*.b.example.test' ? undefined : wildcard)),
    '*.example.test',
  );
  assert.equal(
    wildcardAbove(name, () => undefined),
    undefined,
  );
});

test('ids have one form', () => {
  assert.equal(zoneId('0'.repeat(32)), '0'.repeat(32));
  assert.equal(zoneId('0'.repeat(31)), null);
  assert.equal(zoneId('G'.repeat(32)), null);
  assert.equal(certificateId('2458ce5a-0c35-4c7f-82c7-8e9487d3ff60'), '2458ce5a-0c35-4c7f-82c7-8e9487d3ff60');
  assert.equal(certificateId('2458CE5A-0c35-4c7f-82c7-8e9487d3ff60'), null);
  assert.equal(fingerprint('AB:'.repeat(31).concat('AB')), 'ab'.repeat(32));
  assert.equal(fingerprint('zz'.repeat(32)), null);
});
