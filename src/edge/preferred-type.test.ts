import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DocumentKind, preferredType } from './preferred-type.ts';

const ASKED: readonly (readonly [accept: string | undefined, kind: DocumentKind, who: string])[] = [
  [undefined, 'text', 'nobody said'],
  ['', 'text', 'an empty field'],
  ['*/*', 'text', 'curl'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', 'html', 'a browser'],
  ['image/avif,image/webp,*/*;q=0.8', 'text', 'a browser that wants a picture'],
  ['application/json, text/plain, */*', 'json', 'a JavaScript client'],
  ['text/plain, application/json', 'text', 'the order of the visitor'],
  ['application/json', 'json', 'a program'],
  ['application/problem+json', 'json', 'a program that reads problems'],
  ['text/html;q=0.5, application/json;q=0.9', 'json', 'the higher quality'],
  ['text/html;q=0, */*', 'text', 'anything but html'],
  ['text/*, text/plain;q=0.1', 'html', 'the more specific range counts for plain text'],
  ['text/*;q=0.5, application/json;q=0.4', 'text', 'a kind of its own'],
  ['TEXT/HTML', 'html', 'in capitals'],
  ['text/html;charset=utf-8;q=0.3, application/json;q=0.2', 'html', 'with a parameter before the quality'],
  ['text/html;q=2, application/json;q=0.1', 'json', 'a quality that is none does not count'],
  ['text/html;q=0', 'text', 'nothing that there is'],
  ['image/png', 'text', 'nothing that there is'],
  ['html, json, /, */html', 'text', 'nonsense'],
  [`${'a/b,'.repeat(5_000)}text/html`, 'text', 'a flood'],
];

test('the kind of document follows qualities, exactness and order', () => {
  for (const [accept, kind, who] of ASKED) assert.equal(preferredType(accept), kind, who);
});

test('whatever is in the field, there is an answer', () => {
  fc.assert(fc.property(fc.string(), (accept) => assert.match(preferredType(accept), /^(?:html|json|text)$/)));
});
