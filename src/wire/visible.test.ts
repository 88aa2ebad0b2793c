import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isVisible, visible } from './visible.ts';

test('what a terminal would obey is told from what it shows, and written out', () => {
  const hidden = ['\u001b[2J', 'a\nb', '\u0000', '\u007f', '\u009b31m', '\u202egnp.exe', '\u2066', '\u2028', '\ud800'];
  for (const text of hidden) {
    assert.equal(isVisible(text), false, JSON.stringify(text));
    assert.equal(isVisible(visible(text)), true, JSON.stringify(text));
  }
  for (const text of ['', 'Shop GmbH', 'Bücher', '東京', 'שלום', '👩‍💻', 'a\\u001b']) {
    assert.equal(isVisible(text), true, text);
    assert.equal(visible(text), text);
  }
  assert.equal(visible('a\u001b[31mb'), 'a\\u001b[31mb');
});

test('what has no width, and marks of direction, are written out; joiners stay, which some scripts need', () => {
  for (const one of [
    '\u00ad',
    '\u061c',
    '\u200b',
    '\u200f',
    '\u2060',
    '\ufeff',
    '\u{e0041}',
    '\u3164',
    '\u115f',
    '\u180e',
    '\u2800',
    '\u{e0101}',
  ]) {
    const text = `a${one}b`;
    assert.equal(isVisible(text), false, JSON.stringify(text));
    assert.match(visible(text), /^a\\u(?:[\da-f]{4}|\{[\da-f]{5}\})b$/);
  }
  for (const text of ['नमस्\u200dते', 'می\u200cخواهم', 'a\u0301', '\u2764\ufe0f']) assert.equal(visible(text), text);
});
