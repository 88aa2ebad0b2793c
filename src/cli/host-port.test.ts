import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from './failure.ts';
import { parseHostPort } from './host-port.ts';

const fixFor = (text: string): string => {
  try {
    parseHostPort(text, '--connect');
  } catch (error) {
    assert.ok(error instanceof Failure);
    return error.fix;
  }
  return assert.fail(`${text} was taken`);
};

test('an address with a port is taken', () => {
  assert.deepEqual(parseHostPort('[2001:db8::10]:443', '--connect'), { host: '2001:db8::10', port: 443 });
  assert.deepEqual(parseHostPort('origin.example:8443', '--connect'), { host: 'origin.example', port: 8443 });
  assert.deepEqual(parseHostPort(':80', '--connect'), { host: '::', port: 80 });
});

test('who leaves the port out is shown where it goes', () => {
  assert.match(fixFor('192.0.2.10'), /192\.0\.2\.10:443/);
  assert.match(fixFor('2001:db8::10'), /\[2001:db8::10\]:443/);
  assert.match(fixFor('origin.example'), /origin\.example:443/);
});

test('what is neither is shown the forms that there are', () => {
  assert.match(fixFor('192.0.2.10:99999'), /\[::1\]:8443/);
  assert.match(fixFor('a b:1'), /\[::1\]:8443/);
});
