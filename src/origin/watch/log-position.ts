import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** How far a log has been read, and in which file. */
export interface LogPosition {
  readonly device: number;
  readonly inode: number;
  readonly offset: number;
  /** SHA-256 of what the file begins with: one that was emptied and filled again begins otherwise. */
  readonly head: string;
}

/** What was new in a log. */
export interface NewLines {
  readonly position: LogPosition | null;
  /** Bytes that were passed over, because one run reads no more. */
  readonly skipped: number;
}

/** As much as one run reads; the newest, where there is more. */
const MOST_READ = 67_108_864;
const HEAD = 256;
const CHUNK = 262_144;
/** Rotated files beside a log that are looked through. */
const MOST_SIBLINGS = 1_000;

/**
 * Reads what was written to a log since `from`, whole lines only, and gives them to `take`. Where it was rotated since, the
 * rest of the old file is read first, as long as that is still beside it.
 */
export function readNewLines(path: string, from: LogPosition | null, take: (line: string) => void): NewLines {
  const file = openLog(path);
  if (file === null) return { position: from, skipped: 0 };
  try {
    const same = from !== null && isSame(file, from);
    const rest = from === null || same ? 0 : readRest(path, from, take);
    const start = same && from !== null ? from.offset : 0;
    const { offset, skipped } = readFrom(file, start, take);
    return { position: { ...placeOf(file), offset, head: headOf(file, offset) }, skipped: skipped + rest };
  } finally {
    closeSync(file);
  }
}

/** Opens a plain file; `null` where there is none. */
function openLog(path: string): number | null {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function placeOf(file: number): Pick<LogPosition, 'device' | 'inode'> {
  const { dev: device, ino: inode } = fstatSync(file);
  return { device, inode };
}

/** Whether a file is the one that was read so far, and still begins as it did. */
function isSame(file: number, from: LogPosition): boolean {
  const { device, inode } = placeOf(file);
  if (device !== from.device || inode !== from.inode || fstatSync(file).size < from.offset) return false;
  return headOf(file, from.offset) === from.head;
}

function headOf(file: number, offset: number): string {
  const bytes = Buffer.alloc(Math.min(HEAD, offset));
  const length = readSync(file, bytes, 0, bytes.length, 0);
  return createHash('sha256').update(bytes.subarray(0, length)).digest('hex');
}

/** The rest of a file that was moved aside. How many bytes of it were passed over. */
function readRest(path: string, from: LogPosition, take: (line: string) => void): number {
  const name = basename(path);
  const siblings = readdirSync(dirname(path)).filter((one) => one !== name && one.startsWith(name));
  for (const sibling of siblings.slice(0, MOST_SIBLINGS)) {
    const file = openLog(join(dirname(path), sibling));
    if (file === null) continue;
    try {
      if (isSame(file, from)) return readFrom(file, from.offset, take).skipped;
    } finally {
      closeSync(file);
    }
  }
  return 0;
}

/** Reads whole lines from a place on. Where it stopped, and how many bytes it passed over. */
function readFrom(
  file: number,
  start: number,
  take: (line: string) => void,
): { readonly offset: number; readonly skipped: number } {
  const { size } = fstatSync(file);
  const begin = Math.max(start, size - MOST_READ);
  const bytes = Buffer.alloc(CHUNK);
  let offset = begin;
  // In the middle of a line, where something was passed over.
  let cut = begin > start;
  let kept = Buffer.alloc(0);
  for (let at = begin; at < size; ) {
    const length = readSync(file, bytes, 0, Math.min(CHUNK, size - at), at);
    if (length === 0) break;
    at += length;
    const found = Buffer.concat([kept, bytes.subarray(0, length)]);
    const end = found.lastIndexOf(0x0a);
    if (end === -1) {
      // A line without an end is nobody's.
      kept = found.length > CHUNK ? Buffer.alloc(0) : found;
      cut ||= found.length > CHUNK;
      continue;
    }
    const lines = found.subarray(0, end).toString('utf8').split('\n');
    for (const line of cut ? lines.slice(1) : lines) take(line);
    cut = false;
    kept = Buffer.from(found.subarray(end + 1));
    offset = at - kept.length;
  }
  return { offset, skipped: begin - start };
}
