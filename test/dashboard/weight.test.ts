import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** Bytes that the first page may cost, compressed as they are sent. */
const FIRST_LOAD = 120 * 1024;

const BUILT = join(import.meta.dirname, '../../dist/dashboard');

test('the first page loads in less than 120 KB', () => {
  const page = readFileSync(join(BUILT, 'index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\/dashboard\/([^"]+)"/g)].map(([, name = '']) => name);
  assert.ok(named.some((name) => name.endsWith('.js')) && named.some((name) => name.endsWith('.css')), page);
  // The heaviest page comes with it, and whatever pages share with each other.
  const chunks = readdirSync(join(BUILT, 'assets')).filter((name) => name.endsWith('.js'));
  const others = chunks.map((name) => `assets/${name}`).filter((name) => !named.includes(name));
  const weight = (name: string): number => {
    const compressed = join(BUILT, `${name}.br`);
    return statSync(compressed, { throwIfNoEntry: false })?.size ?? statSync(join(BUILT, name)).size;
  };
  const [heaviest = 0] = others.map(weight).sort((a, b) => b - a);
  const total = ['index.html', ...named].reduce((sum, name) => sum + weight(name), heaviest);
  assert.ok(total < FIRST_LOAD, `${total} bytes`);
});

test('the page has no code of its own in it: the policy would refuse it', () => {
  const page = readFileSync(join(BUILT, 'index.html'), 'utf8');
  assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/i);
});
