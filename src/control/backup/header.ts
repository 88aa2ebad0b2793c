import { z } from 'zod';
import { TIME } from '../../wire/answer-fields.ts';
import { BackupFault } from './backup-fault.ts';

const FORMAT = 'postern-backup';
const VERSION = 1;
/** The longest first line, its end included. */
export const MAX_HEADER = 4096;

/**
 * The first line of a backup, as JSON: what somebody must know to open it, readable without a key. What follows is sealed
 * together with it, so that none of it can be altered.
 */
const HEADER = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** Host part of the URIs in the installation's certificates. */
  installation: z.string().regex(/^[a-z0-9.-]{1,253}$/),
  taken_at: TIME,
  revision: z.int().min(0),
  schema_version: z.int().min(1),
  program_version: z.string().regex(/^[0-9A-Za-z.+-]{1,64}$/),
  /** Which key-encryption key opens it. */
  kek_id: z.string().regex(/^[0-9a-f]{16}$/),
  /** Makes the key of this backup another than that of every other one: 32 random bytes in base64url. */
  salt: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

export type BackupHeader = Readonly<z.output<typeof HEADER>>;

/** What is said of a new backup. */
export type BackupFacts = Omit<BackupHeader, 'format' | 'version'>;

/** The first line, with its end. */
export function headerLine(facts: BackupFacts): Buffer {
  return Buffer.from(`${JSON.stringify({ format: FORMAT, version: VERSION, ...facts })}\n`);
}

/** Reads a first line. Throws BackupFault. Whether it is true shows only when what follows opens. */
export function readHeaderLine(line: Buffer): BackupHeader {
  const value = json(line.toString('utf8'));
  const named = z.object({ format: z.literal(FORMAT), version: z.unknown() }).safeParse(value);
  if (!named.success) throw new BackupFault('not_a_backup', 'its first line does not say so');
  const { version } = named.data;
  if (typeof version === 'number' && Number.isInteger(version) && version > VERSION) {
    throw new BackupFault('newer_format', `version ${version}, and ${VERSION} is known`);
  }
  const header = HEADER.safeParse(value);
  if (header.success) return header.data;
  throw new BackupFault('damaged', `${header.error.issues[0]?.path.join('.') ?? ''} in its first line does not fit`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
