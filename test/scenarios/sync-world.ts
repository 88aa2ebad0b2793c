import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ACTOR, dataPath, newZone, openPlane, sure } from '../../src/control/control-plane.fixture.ts';
import type { ControlPlane } from '../../src/control/plane.ts';
import { type Fingerprint, instant, type ZoneId } from '../../src/domain/ids.ts';
import { USUAL_PACE } from '../../src/domain/rotation-pace.ts';
import { type Argv, runCommand } from '../../src/origin/sync/command.ts';
import type { LockOutcome } from '../../src/origin/sync/outcome.ts';
import type { Get } from '../../src/origin/sync/published.ts';
import { syncLock, type SyncTarget } from '../../src/origin/sync/sync-lock.ts';
import { zoneBundlePath, zoneListsPath, zoneManifestPath, zoneSignaturePath } from '../../src/wire/public-paths.ts';
import { scratchDirectory } from '../support/scratch.ts';

/** A control plane in this process, and a lock whose commands write down that they ran. */

const QUICK = { ...USUAL_PACE, canaryFor: 0, watchFor: 0, drainFor: 0 };

export type What = 'manifest' | 'signature' | 'bundle' | 'lists';
export type Files = Readonly<Record<What, string>>;

export async function world(t: TestContext) {
  let ahead = 0;
  const clock = () => instant(Date.now() + ahead);
  const plane = await openPlane(t, dataPath(t), { clock, rotationTick: 1 });
  const zone = await newZone(plane);
  const scratch = scratchDirectory();
  t.after(() => scratch[Symbol.dispose]());
  return {
    plane,
    zone: zone.id,
    directory: scratch.path,
    clock,
    turn: (milliseconds: number) => {
      ahead += milliseconds;
    },
  };
}

export type World = Awaited<ReturnType<typeof world>>;

export async function published(plane: ControlPlane, id: ZoneId): Promise<Files> {
  const zone = sure(plane.zones.get(id));
  const signed = await plane.bundleManifest(zone);
  const lists = await plane.revocationLists(zone);
  if ('code' in signed || 'code' in lists) assert.fail('nothing is published');
  return { manifest: signed.text, signature: signed.signature, bundle: plane.bundle(zone), lists: lists.pem };
}

/** A control plane that hands out these files; `asked` counts what was asked for without a 304. */
export function handing(files: Files, zone: string, asked: string[] = []): Get {
  const texts: Readonly<Record<string, string>> = {
    [zoneManifestPath(zone)]: files.manifest,
    [zoneSignaturePath(zone)]: files.signature,
    [zoneBundlePath(zone)]: files.bundle,
    [zoneListsPath(zone)]: files.lists,
  };
  return async (path, { etag }) => {
    const text = texts[path] ?? assert.fail(path);
    if (etag === text) return { kind: 'unchanged' };
    asked.push(path.replace(/^.*\./, ''));
    return { kind: 'text', text, etag: text };
  };
}

export const SILENT: Get = async () => ({ kind: 'silent', because: 'nobody is there' });

export interface Lock {
  readonly bundle: string;
  readonly crl: string;
  readonly log: string;
  readonly target: SyncTarget;
  readonly sync: (get: Get, over?: Over) => Promise<LockOutcome>;
  /** The commands that ran so far: `test` and `reload`. */
  readonly ran: () => readonly string[];
}

interface Over {
  readonly pins?: readonly Fingerprint[];
  readonly version?: number;
  readonly commands?: Partial<SyncTarget['commands']>;
  readonly crl?: string | null;
  readonly zone?: ZoneId;
  readonly dryRun?: boolean;
}

export function lockIn({ directory, zone, clock }: World): Lock {
  const place = join(directory, 'origin');
  mkdirSync(place);
  const [bundle, crl, log] = [join(place, 'bundle.pem'), join(place, 'lists.pem'), join(directory, 'ran')];
  const telling = (word: string): Argv => ['sh', '-c', `echo ${word} >> ${log}`];
  const zoneOf = ({ pins = [], version, crl: lists = null, zone: id = zone }: Over) => ({
    id,
    name: null,
    bundle,
    crl: lists,
    trusted: [],
    version: version ?? null,
    pins,
  });
  const targetOf = (over: Over): SyncTarget => ({
    name: 'www',
    server: 'nginx',
    zones: [zoneOf(over)],
    commands: { test: telling('test'), reload: telling('reload'), ...over.commands },
    state: join(place, 'bundle.pem.sync'),
    configuration: null,
  });
  return {
    bundle,
    crl,
    log,
    target: targetOf({}),
    sync: (get, over = {}) => {
      return syncLock(targetOf(over), { get, run: runCommand, clock, dryRun: over.dryRun ?? false });
    },
    ran: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  };
}

/** A lock that is in step, with lists where wanted. */
export async function inStep(t: TestContext, lists = false) {
  const around = await world(t);
  const lock = lockIn(around);
  const first = await published(around.plane, around.zone);
  writeFileSync(lock.bundle, first.bundle);
  const over = lists ? { crl: lock.crl } : {};
  assert.deepEqual(codes(await lock.sync(handing(first, around.zone), over)), []);
  return { ...around, lock, first };
}

export function codes({ trouble, zones }: LockOutcome): readonly string[] {
  return [trouble, ...zones.map((zone) => zone.trouble)].flatMap((one) => (one === null ? [] : [one.code]));
}

export async function rotated(plane: ControlPlane, zone: ZoneId): Promise<void> {
  const request = { what: 'root', cause: 'asked', rehearsal: false, revokeFirst: false, pace: QUICK } as const;
  const begun = await plane.startRotation(zone, { ...request, because: '', by: 'tester' }, ACTOR);
  assert.equal(begun.kind, 'committed');
  while (sure(sure(plane.zones.get(zone)).rotation).phase.kind !== 'retiring') {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export function snapshot(directory: string): Readonly<Record<string, unknown>> {
  const entries = readdirSync(directory).filter((name) => !name.endsWith('.lock'));
  return Object.fromEntries(
    entries.map((name) => {
      const { ino, mode, mtimeMs } = lstatSync(join(directory, name));
      return [name, { ino, mode, mtimeMs, text: readFileSync(join(directory, name), 'utf8') }];
    }),
  );
}
