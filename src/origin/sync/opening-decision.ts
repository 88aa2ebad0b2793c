import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { OriginRequirement } from '../requirement.ts';
import type { OpenHostname } from './openings.ts';
import type { NewFile } from './replace.ts';
import type { OpenedConfiguration } from './state.ts';
import type { Trouble } from './troubles.ts';

/** What a run finds out about a configuration: which locks shall be open, and what is to be written for that. */
export interface ConfigurationStep {
  readonly requirement: OriginRequirement | null;
  readonly open: readonly OpenHostname[];
  readonly files: readonly NewFile[];
  /** What the next run shall know of open locks; `null` where all are shut. */
  readonly opened: OpenedConfiguration | null;
  readonly trouble: Trouble | null;
}

interface Situation {
  readonly isSame: boolean;
  /** Nobody changed it by hand. */
  readonly isOurs: boolean;
  readonly isOpen: boolean;
  /** A run before this one opened a lock, and none has shut it. */
  readonly wasOpened: boolean;
}

/** What is done with a configuration that should be as an opening, or its end, says. */
export function decision({
  isSame,
  isOurs,
  isOpen,
  wasOpened,
}: Situation): 'nothing' | 'leave' | 'write' | 'write_over' {
  // Without an opening, what is installed is the business of the installer.
  if (isSame || (!isOpen && !wasOpened)) return 'nothing';
  if (isOurs) return 'write';
  return isOpen ? 'leave' : 'write_over';
}

/** Where the text of a file that was changed by hand is kept. With a dot: servers include whole directories. */
export function editedPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.changed-by-hand`);
}

/** A step that leaves everything as it is, because it cannot be made otherwise. */
export function notMade(
  requirement: OriginRequirement | null,
  opened: OpenedConfiguration | null,
  detail: string,
): ConfigurationStep {
  return { requirement, open: [], files: [], opened, trouble: { code: 'not_made', detail } };
}

/** SHA-256 of a text, lower-case hex. */
export function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
