import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type Problem, problem } from '../../domain/problems.ts';
import { moment } from '../../wire/views.ts';
import { writeAuditEvent } from '../audit-events.ts';
import type { DataDirectory } from '../data-directory.ts';
import { errorFields } from '../log.ts';
import type { Actor } from '../actor.ts';
import type { RegistryParts } from '../registry-parts.ts';
import type { Vault } from '../vault.ts';
import { backupSealing } from './backup-key.ts';
import { type BackupFacts, headerLine } from './header.ts';
import { type Sealing, sealPieces } from './sealed-pieces.ts';
import { copyStore } from './store-copy.ts';

interface BackupParts extends Omit<RegistryParts, 'limit'> {
  readonly directory: DataDirectory;
  readonly vault: Vault;
  /** Host part of the URIs in certificates. */
  readonly installation: string;
  /** How long nobody may read before the next one gets a turn, in milliseconds; PATIENCE where left out. */
  readonly patience?: number;
}

/** Who asks for a backup, of which program. */
export interface BackupRequest {
  readonly actor: Actor;
  readonly version: string;
}

/** A backup on its way: whoever has it must read it to its end or destroy it. */
export interface TakenBackup {
  readonly kind: 'backup';
  readonly facts: BackupFacts;
  readonly bytes: Readable;
}

interface Copied {
  readonly facts: BackupFacts;
  readonly file: FileHandle;
}

const PATIENCE = 60_000;

/** Takes backups of a store that is in use, one at a time: each needs room on the disk for a copy. */
export class Backups {
  readonly #parts: BackupParts;
  #underWay = false;
  #closed = false;
  #copying: Promise<unknown> = Promise.resolve();
  #sending: Readable | null = null;

  constructor(parts: BackupParts) {
    this.#parts = parts;
  }

  readonly take = async (request: BackupRequest): Promise<TakenBackup | Problem> => {
    if (this.#closed) return problem('unavailable', 'the control plane is ending');
    if (this.#underWay) return problem('backup_under_way');
    this.#underWay = true;
    try {
      const copying = this.#copy(request);
      this.#copying = copying.catch(() => undefined);
      const { facts, file } = await copying;
      return { kind: 'backup', facts, bytes: this.#send(facts, file) };
    } catch (error) {
      this.#underWay = false;
      this.#parts.log('backup_failed', errorFields(error));
      return problem('backup_failed');
    }
  };

  /** Ends what is under way, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#copying;
    this.#sending?.destroy();
  }

  async #copy(request: BackupRequest): Promise<Copied> {
    const { directory, clock, vault, installation } = this.#parts;
    const taken = clock();
    const { facts, file } = await copyStore(directory);
    try {
      const told = {
        installation,
        taken_at: moment(taken),
        ...facts,
        program_version: request.version,
        kek_id: vault.kekId,
        salt: randomBytes(32).toString('base64url'),
      };
      await this.#record(told, request);
      return { facts: told, file };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  // Before a byte of it leaves: nobody has a backup that the log does not know of.
  async #record({ revision, kek_id }: BackupFacts, { actor }: BackupRequest): Promise<void> {
    const { inTurn, store, clock, log, revision: present } = this.#parts;
    const event = { at: clock(), actor, zone: null, account: null, command: 'take_backup', before: {} };
    await inTurn(() =>
      store
        .transaction()
        .execute((transaction) =>
          writeAuditEvent(transaction, present(), { ...event, after: { revision, kek: kek_id } }),
        ),
    );
    log('take_backup', { by: actor.token, revision, kek: kek_id });
  }

  #send(facts: BackupFacts, file: FileHandle): Readable {
    const line = headerLine(facts);
    const sealing = backupSealing(this.#parts.vault, facts, line);
    const out = new PassThrough();
    const { patience = PATIENCE } = this.#parts;
    const waiting = setTimeout(() => out.destroy(new Error('nobody reads it')), patience).unref();
    this.#sending = out;
    // Whoever reads hears of it; nobody may have begun to.
    out.on('error', () => undefined);
    // Not the end of the pipeline, which comes before anybody has read all of it.
    out.once('close', () => {
      clearTimeout(waiting);
      this.#sending = null;
      this.#underWay = false;
      if (!out.readableEnded)
        this.#parts.log('backup_cut_off', errorFields(out.errored ?? new Error('who asked has left')));
    });
    const sealed = (source: AsyncIterable<Buffer>) =>
      written({ line, source, sealing, moved: () => waiting.refresh() });
    pipeline(file.createReadStream(), createGzip(), sealed, out, () => undefined);
    return out;
  }
}

interface Writing {
  readonly line: Buffer;
  readonly source: AsyncIterable<Buffer>;
  readonly sealing: Sealing;
  readonly moved: () => void;
}

async function* written({ line, source, sealing, moved }: Writing): AsyncGenerator<Buffer> {
  yield line;
  for await (const piece of sealPieces(source, sealing)) {
    moved();
    yield piece;
  }
}
