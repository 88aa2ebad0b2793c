import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AUDITED } from '../../../src/origin/audit/audit.ts';
import type { Case, Server } from './case.ts';
import { COLLECTION } from './collection.ts';
import { SERVERS, variantsFor } from './generated-variants.ts';

/** The page on the doctor's accuracy says what is held, and no more. */

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/doctor-accuracy.md'), 'utf8');

test('the page tells how many cases there are', () => {
  const rows = SERVERS.map((server) => rowOf(server, COLLECTION[server], variantsFor(server).length));
  const sums = [0, 1, 2, 3, 4, 5].map((column) => rows.reduce((sum, row) => sum + (row[column + 1] as number), 0));
  for (const row of [...rows, ['all', ...sums]]) {
    const line = `| ${row.join(' | ')} |`;
    assert.ok(PAGE.includes(line), `the page should have the row ${line}`);
  }
});

test('every entry of the catalogue is shown by a case, or the page says why not', () => {
  const shown = new Set(
    all().flatMap(({ live, written, running }) => [
      ...(live?.refs ?? []),
      ...(written?.refs ?? []),
      ...(running === undefined ? [] : ['NE-29']),
    ]),
  );
  const excused = new Set([...PAGE.matchAll(/^\| ([A-Z]{2}-\d\d) \|/gm)].map(([, id]) => id ?? ''));
  const entries = [entriesOf('NE', 29), entriesOf('TT', 16), entriesOf('HT', 6), entriesOf('LO', 17)].flat();
  assert.deepEqual(
    entries.filter((id) => !shown.has(id) && !excused.has(id)),
    [],
    'neither shown nor excused',
  );
  assert.deepEqual(
    [...excused].filter((id) => shown.has(id)),
    [],
    'excused, and shown',
  );
});

test('no two cases of a server have the same name', () => {
  for (const cases of Object.values(COLLECTION)) {
    const names = cases.map(({ name }) => name);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  }
});

test('the texts of every server that is audited are held', () => {
  for (const server of AUDITED)
    assert.ok(
      COLLECTION[server].some(({ written }) => written !== null),
      server,
    );
});

type Row = readonly [Server, ...number[]];

function rowOf(server: Server, cases: readonly Case[], generated: number): Row {
  const lives = cases.map(({ live }) => live);
  const told = (verdict: string) =>
    lives.filter((live) => live !== null && [live.verdict].flat().every((one) => one === verdict)).length;
  const [open, locked, broken] = [told('open'), told('locked'), told('broken')];
  const unstarted = lives.filter((live) => live === null).length;
  const unsure = cases.length - open - locked - broken - unstarted;
  return [server, locked, open, broken, unsure, unstarted, generated];
}

function all(): readonly Case[] {
  return Object.values(COLLECTION).flat();
}

function entriesOf(kind: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_none, index) => `${kind}-${String(index + 1).padStart(2, '0')}`);
}
