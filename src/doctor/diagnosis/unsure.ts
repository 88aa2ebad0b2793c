import type { FindingKind } from './severity.ts';

/** What keeps the doctor from saying more. */
export const UNSURE = {
  not_reached: {
    severity: 'medium',
    refs: [],
    title: 'Nothing answers there.',
    fix: 'See that the address and port are right, and that a firewall lets this machine in.',
  },
  no_clear_answer: {
    severity: 'medium',
    refs: [],
    title: "What answers there cannot be read as a web server's word.",
    fix: 'See what listens there, and whether something in between cuts the connection.',
  },
  unread_configuration: {
    severity: 'medium',
    refs: [],
    title: 'A part of the configuration was not understood, so it may hold a door.',
    fix: 'Look there yourself, or check the running server live.',
  },
  left_to_application: {
    severity: 'medium',
    refs: ['NE-02', 'HT-01'],
    title: 'Callers without a certificate are passed on, and only the application can refuse them.',
    fix: 'Refuse them in the server; let the application look at the verified header beside that.',
  },
} as const satisfies Record<string, FindingKind>;
