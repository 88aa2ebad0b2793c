/**
 * Why a backup is not taken for good, or not put in place: exit code 1 where it was looked at and is not good, 2 for
 * wrong use, 3 where this program cannot tell.
 */
export const BACKUP_FAULTS = {
  not_a_backup: {
    exitCode: 1,
    text: 'This is not a backup of Postern',
    fix: 'Name a file that "postern backup" wrote.',
  },
  newer_format: {
    exitCode: 3,
    text: 'The backup is in a format that this program does not know',
    fix: 'Use the program that took it, or a newer one.',
  },
  newer_schema: {
    exitCode: 3,
    text: 'The backup holds a store of a newer program',
    fix: 'Use the program that took it, or a newer one.',
  },
  damaged: {
    exitCode: 1,
    text: 'The backup was altered, damaged or cut off',
    fix: 'Take another copy of it, or an older backup. Nothing of it was put in place.',
  },
  unsound: {
    exitCode: 1,
    text: 'The store in the backup is not sound',
    fix: 'Take an older backup, and look for the cause where it was taken. Nothing of it was put in place.',
  },
  occupied: {
    exitCode: 2,
    text: 'The directory holds already what would be put there',
    fix: 'Name an empty directory, or one that is not there yet: nothing is ever overwritten.',
  },
} as const satisfies Record<string, { readonly exitCode: 1 | 2 | 3; readonly text: string; readonly fix: string }>;

type BackupFaultCode = keyof typeof BACKUP_FAULTS;

/** A row of `BACKUP_FAULTS` as an error, with what was seen. */
export class BackupFault extends Error {
  override readonly name = 'BackupFault';
  readonly code: BackupFaultCode;
  readonly exitCode: number;
  readonly fix: string;

  constructor(code: BackupFaultCode, detail: string, cause?: unknown) {
    const { text, exitCode, fix } = BACKUP_FAULTS[code];
    super(`${text}: ${detail}.`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.exitCode = exitCode;
    this.fix = fix;
  }
}
