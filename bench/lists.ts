import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ControlPlane } from '../src/control/plane.ts';
import { openControlPlane } from '../src/control/start.ts';
import { hostname, instant } from '../src/domain/ids.ts';
import type { Zone } from '../src/domain/zone.ts';
import { alone, median, noted, ROUNDS, type Row, type Section } from './section.ts';

const REVOKED = 100_000;
const DAY = 86_400_000;
const ACTOR = { token: 'bench', from: '127.0.0.1' };

/** Revocation lists as long as a zone may have them. */
export const LISTS: Section = {
  about: `a zone with ${REVOKED} revocations: its list signed, stored and in PEM, and given out again`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  const dir = join(directory, 'data');
  const open = () =>
    openControlPlane({ dir, kek: null, clock: () => instant(Date.now()), log: () => undefined, limits: LIMITS });
  try {
    await fill(await open(), join(dir, 'postern.db'));
    const begin = performance.now();
    const plane = await open();
    const start = performance.now() - begin;
    const rows = await measured(plane);
    await plane.close();
    return [...rows, noted({ name: 'start of Postern over them', unit: 'ms', subject: start })];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const LIMITS = { revocationsPerZone: 2 * REVOKED };

async function measured(plane: ControlPlane): Promise<readonly Row[]> {
  const signed: number[] = [];
  const given: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const begin = performance.now();
    const zone = await revokeOne(plane, round);
    await listsOf(plane, zone);
    signed.push(performance.now() - begin);
    const again = performance.now();
    await listsOf(plane, zone);
    given.push(performance.now() - again);
  }
  return [
    alone({ name: 'one more revoked, the list anew', unit: 'ms', subject: median(signed) }, { most: 2000 }),
    alone({ name: 'the same list again', unit: 'ms', subject: median(given) }, { most: 5 }),
  ];
}

async function revokeOne(plane: ControlPlane, round: number): Promise<Zone> {
  const target = { kind: 'serial', serial: `ff${round}` } as const;
  const command = { kind: 'revoke_certificate', target, reason: 'superseded', force: false } as const;
  const outcome = await plane.commit({ zone: theZone(plane).id, command, actor: ACTOR });
  if (outcome.kind === 'problem') throw new Error(outcome.code);
  return outcome.zone;
}

async function listsOf(plane: ControlPlane, zone: Zone): Promise<void> {
  const lists = await plane.revocationLists(zone);
  if ('code' in lists) throw new Error(lists.code);
}

function theZone(plane: ControlPlane): Zone {
  for (const zone of plane.zones.all()) return zone;
  throw new Error('there is no zone');
}

/** A zone with that many revocations. Past the commit path, which would copy the list for each. */
async function fill(plane: ControlPlane, path: string): Promise<void> {
  const name = hostname('bench.test');
  if (name === null) throw new Error('a bad name');
  const { installation } = plane;
  await plane.createZone(name, installation.account, ACTOR);
  const { id, authority } = theZone(plane);
  await plane.close();
  const store = new DatabaseSync(path);
  const columns = 'zone, issuer, serial, reason, revoked_at, not_after, born, ordinal';
  const insert = store.prepare(`INSERT INTO revocations (${columns}) VALUES (?, ?, ?, 'superseded', ?, ?, 2, ?)`);
  const now = Date.now();
  store.exec('BEGIN');
  for (let count = 0; count < REVOKED; count += 1) {
    const serial = `4a${count.toString(16).padStart(30, '0')}`;
    insert.run(id, authority.intermediate.fingerprint, serial, now + count, now + 30 * DAY, count);
  }
  store.exec('COMMIT');
  store.close();
}
