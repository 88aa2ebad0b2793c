import assert from 'node:assert/strict';
import { test } from 'node:test';
import { likeness, SKETCH_SIZE, sketchOf } from './likeness.ts';

/** So many words of their own each: numbers written with letters. */
function words(from: number, to: number): string {
  const digits = 'qwertyuiop';
  const word = (number: number) => String(number).replace(/\d/g, (digit) => digits.charAt(Number(digit)));
  return Array.from({ length: to - from }, (_none, index) => word(from + index)).join(' ');
}

test('a page is like itself, whatever name it repeats and whatever id it holds', () => {
  const page = (name: string, id: string) => sketchOf(`<p>Welcome to ${name}, request ${id}</p>`, [name]);
  assert.equal(likeness(page('a.test', '5f0c7e9ab12d'), page('b.test', '00aa11bb22cc')), 1);
  assert.equal(likeness(sketchOf('', []), sketchOf('', [])), 1);
});

test('a clock on a page does not make it another page', () => {
  const page = (time: string) => sketchOf(`<p>Welcome. It is ${time}, and the offer of the day is bread.</p>`, []);
  assert.equal(likeness(page('2026-11-30T12:33:24.544Z'), page('2026-12-01T08:02:59.001Z')), 1);
  assert.equal(likeness(page('12:33'), page('9:05')), 1);
});

test('pages of other words are not alike', () => {
  assert.equal(likeness(sketchOf(words(0, 50), []), sketchOf(words(100, 150), [])), 0);
  assert.equal(likeness(sketchOf('a page', []), sketchOf('', [])), 0);
});

test('half a page is half alike, about', () => {
  const share = likeness(sketchOf(words(0, 2000), []), sketchOf(words(0, 1000), []));
  assert.ok(share > 0.25 && share < 0.75, String(share));
});

test('what is kept is bounded', () => {
  assert.equal(sketchOf(words(0, 5000), []).length, SKETCH_SIZE);
});
