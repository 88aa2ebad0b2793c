// node bench/large-zone.ts: CPU of one record change in a zone of 100,000 records, store and all, without the waiting.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitChange } from '../src/control/commit.ts';
import { loadState } from '../src/control/control-state.ts';
import { takeDirectory } from '../src/control/data-directory.ts';
import { Feed } from '../src/control/feed.ts';
import { loadKek } from '../src/control/kek.ts';
import { greeting } from '../src/control/greeting.ts';
import { openControlPlane } from '../src/control/start.ts';
import { openStore } from '../src/control/store.ts';
import { turns } from '../src/control/turns.ts';
import { openVault } from '../src/control/vault.ts';
import { writeZone } from '../src/control/zone-rows.ts';
import type { Command } from '../src/domain/change.ts';
import { change } from '../src/domain/change.ts';
import { compile, difference } from '../src/domain/compile.ts';
import { type Hostname, hostname, instant, type RecordId, recordId, revision } from '../src/domain/ids.ts';
import { DEFAULT_LIMITS } from '../src/domain/limits.ts';
import { DEFAULT_ORIGIN, type DnsRecord } from '../src/domain/record.ts';
import type { Zone } from '../src/domain/zone.ts';

const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 100_000);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 15);
const ACTOR = { token: 'bench', from: 'bench' };
const clock = () => instant(Date.now());

function sure<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('there is no value');
  return value;
}

const nameOf = (count: number): Hostname => sure(hostname(`host-${count}.large.test`));
const idOf = (count: number): RecordId =>
  sure(recordId(createHash('sha256').update(`${count}`).digest('hex').slice(0, 32)));

function recordOf(count: number): DnsRecord {
  const at = clock();
  const rest = { ttl: 1, proxied: true, origin: DEFAULT_ORIGIN, originSent: null, comment: null, mayBePrivate: false };
  return {
    id: idOf(count),
    name: nameOf(count),
    type: 'A',
    content: '192.0.2.1',
    ...rest,
    createdAt: at,
    modifiedAt: at,
  };
}

async function openLargeZone(dir: string) {
  const plane = await openControlPlane({ dir, kek: null, clock, log: () => undefined });
  const made = await plane.createZone(sure(hostname('large.test')), plane.installation.account, ACTOR);
  if (made.kind === 'problem') throw new Error(made.code);
  await plane.close();
  const store = await openStore(takeDirectory(dir));
  const records = Array.from({ length: RECORDS }, (_, count) => recordOf(count));
  const full: Zone = { ...made.zone, records: new Map(records.map((record) => [record.id, record])) };
  await store.transaction().execute((transaction) => writeZone(transaction, made.zone, full, 1));
  const log = (event: string, fields: object) => console.error(event, fields);
  const state = await loadState({
    store,
    vault: openVault(loadKek(`${dir}.kek`, null)),
    clock,
    log,
    limits: DEFAULT_LIMITS,
  });
  const feed = new Feed({ inTurn: turns(), current: () => state.revision, greeting: () => greeting(state), log });
  return { state, feed, id: made.zone.id };
}

function median(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return sure(sorted[Math.floor(sorted.length / 2)]).toFixed(1);
}

async function cpu(job: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await job();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function commands(round: number): readonly (readonly [string, Command])[] {
  const { id, createdAt: _, modifiedAt: __, mayBePrivate: ___, ...draft } = recordOf(RECORDS + round);
  return [
    ['create', { kind: 'create_record', id, draft }],
    ['update', { kind: 'update_record', id: idOf(round), draft: { content: `192.0.2.${round + 2}` } }],
    ['delete', { kind: 'delete_record', id }],
  ];
}

const parent = mkdtempSync(join(tmpdir(), 'postern-bench-'));
try {
  const { state, feed, id } = await openLargeZone(join(parent, 'data'));
  const figures = new Map<string, number[]>();
  const note = (name: string, value: number) => figures.set(name, [...(figures.get(name) ?? []), value]);
  const world = {
    now: clock(),
    revision: revision(9),
    applied: revision(9),
    holder: () => null,
    below: () => [],
    inhabited: () => false,
    limits: DEFAULT_LIMITS,
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, command] of commands(round)) {
      const entry = sure(state.zones.entry(id));
      let after: Zone = entry.zone;
      note(
        `${name}: change`,
        await cpu(() => {
          const outcome = change(entry.zone, command, world);
          if (outcome.kind === 'changed') after = sure(outcome.zone);
        }),
      );
      let edge = entry.edge;
      note(
        `${name}: compile`,
        await cpu(() => {
          edge = compile(after, null, entry);
        }),
      );
      note(`${name}: difference`, await cpu(() => difference(entry.edge, edge)));
      note(
        `${name}: all of the commit`,
        await cpu(() => commitChange(state, feed, { zone: id, command, actor: ACTOR })),
      );
    }
  }
  for (const [name, values] of figures) console.log(`${name.padEnd(28)} ${median(values).padStart(8)} ms CPU`);
  await state.store.destroy();
} finally {
  rmSync(parent, { recursive: true, force: true });
}
