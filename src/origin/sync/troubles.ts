import { SYNC_FAULTS } from './judge.ts';

/** Everything that keeps an origin from being in step: code → sentence, what to do, and what kind of trouble it is. */
const OTHER_TROUBLES = {
  outage: { text: 'The control plane does not answer', fix: 'What is installed stays in force; it is asked again.' },
  unknown_zone: {
    text: 'Who answers knows no such zone',
    fix: 'Compare the id (postern zones list) and the address of the control plane; what is installed stays in force.',
  },
  busy: { text: 'Another run is at work on this lock', fix: 'Wait for it.' },
  unreadable: { text: 'What is installed cannot be read', fix: 'Run it as a user that may read and replace it.' },
  shared_directory: {
    text: 'Somebody else may put files into the directory, and could have others overwritten through links',
    fix: 'Let it, and all above it, belong to root or to the user that runs this, writable for nobody else.',
  },
  write_failed: {
    text: 'The new files cannot be written',
    fix: 'Run it as a user that may write to their directories.',
  },
  test_failed: {
    text: 'The server does not accept its configuration with the new files',
    fix: "Mend what the server's test names; the old files are in place again.",
  },
  reload_failed: {
    text: 'The server could not be told to take up the new files',
    fix: 'Mend the command of --reload; the old files are in place again.',
  },
  not_made: {
    text: 'The configuration cannot be made anew from what is on record',
    fix: 'Install the lock again: postern origin install.',
  },
  changed_by_hand: {
    text: 'The configuration was changed by hand since it was installed, so it is not made anew',
    fix: 'Install the lock again: postern origin install.',
  },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

export const TROUBLES = { ...SYNC_FAULTS, ...OTHER_TROUBLES };

type TroubleCode = keyof typeof TROUBLES;

/** Something that keeps an origin from being in step. */
export interface Trouble {
  readonly code: TroubleCode;
  readonly detail: string;
}

/** A trouble as people read it. */
export function troubleText({ code, detail }: Trouble): string {
  return detail === '' ? TROUBLES[code].text : `${TROUBLES[code].text} (${detail})`;
}

/** Whether something else is asked for than there is. */
export function isWrongUse({ code }: Trouble): boolean {
  return code === 'unknown_zone';
}

/** Whether nothing was found to be wrong, but something could not be found out. */
export function isUndetermined({ code }: Trouble): boolean {
  return code === 'outage' || code === 'busy';
}
