/** What the tests of backups share: an installation with something of everything, and backups of it in memory. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { Zone } from '../../domain/zone.ts';
import { ACTOR, dataPath, NOW, newZone, openPlane, record, recordIdOf, upload } from '../control-plane.fixture.ts';
import type { ControlPlane } from '../plane.ts';
import type { BackupInHand } from './restore.ts';

export const REQUEST = { actor: ACTOR, version: '1.2.3' };

/** A control plane that says what it logs. */
export interface Watched {
  readonly dir: string;
  readonly plane: ControlPlane;
  readonly logged: readonly string[];
}

/** Opens one over a new directory. */
export async function watchedPlane(t: TestContext): Promise<Watched> {
  const dir = dataPath(t);
  const logged: string[] = [];
  const log = (event: string, fields: object) => logged.push(`${event} ${JSON.stringify(fields)}`);
  return { dir, logged, plane: await openPlane(t, dir, { log }) };
}

/** A zone with an uploaded certificate, and with so many records of 100 kB that nothing makes smaller. */
export async function fill(plane: ControlPlane, records = 0): Promise<Zone> {
  const zone = await newZone(plane);
  const { draft, key } = await upload('zone');
  await done(plane, zone, { kind: 'add_certificate', draft }, key);
  const revoked = { target: { kind: 'serial', serial: 'abc123' }, reason: 'keyCompromise', force: false } as const;
  await done(plane, zone, { kind: 'revoke_certificate', ...revoked });
  for (let count = 1; count <= records; count += 1) await addRecord(plane, zone, count, 100_000);
  return plane.zones.get(zone.id) ?? assert.fail();
}

/** Adds the record of a number; its comment says the number first and has so many bytes of noise. */
export async function addRecord(plane: ControlPlane, zone: Zone, count: number, noise: number): Promise<void> {
  const comment = `${count} ${randomBytes(Math.ceil((noise * 3) / 4)).toString('base64')}`;
  const draft = { ...record(`r${count}.example.test`), comment };
  await done(plane, zone, { kind: 'create_record', id: recordIdOf(count), draft });
}

async function done(
  plane: ControlPlane,
  { id }: Zone,
  command: Parameters<ControlPlane['commit']>[0]['command'],
  key?: Parameters<ControlPlane['commit']>[0]['key'],
): Promise<void> {
  const change = { zone: id, command, actor: ACTOR };
  const outcome = await plane.commit(key === undefined ? change : { ...change, key });
  if (outcome.kind === 'problem') assert.fail(`${outcome.code} ${outcome.detail}`);
}

/** A whole backup. */
export async function backupOf(plane: ControlPlane): Promise<Buffer> {
  const outcome = await plane.takeBackup(REQUEST);
  return outcome.kind === 'backup' ? buffer(outcome.bytes) : assert.fail(outcome.code);
}

/** A backup as a restore takes it, with the place of its key. */
export function inHand(bytes: Buffer, kek: string): BackupInHand {
  return { source: Readable.from([bytes]), kek, now: NOW, signal: new AbortController().signal };
}

/** What lies in a directory; `null` where there is none. */
export function listing(path: string): readonly string[] | null {
  return existsSync(path) ? readdirSync(path).toSorted() : null;
}
