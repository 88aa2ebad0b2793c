import type { FindingKind } from './severity.ts';

/** What the application is told can be said by anybody. */
export const HEADER_TRUST = {
  header_passed: {
    severity: 'critical',
    refs: ['HT-01'],
    title: 'A verified header that the caller sent reaches the application.',
    fix: 'Set the header always, and remove what came under its name.',
  },
  header_kept: {
    severity: 'medium',
    refs: ['HT-01', 'HT-03', 'HT-04', 'HT-02'],
    title: 'The application believes what the caller itself says in the verified header.',
    fix: 'Set the header always, and remove what came under its name, in every spelling.',
  },
  header_inheritance: {
    severity: 'critical',
    refs: ['HT-02'],
    title: 'A location sets headers of its own and so loses the one that protects.',
    fix: 'Repeat the line in every location that sets headers.',
  },
  header_underscore: {
    severity: 'high',
    refs: ['HT-03'],
    title: 'The verified header in another spelling reaches the application beside the real one.',
    fix: 'Drop header names with underscores, and remove every spelling.',
  },
  header_only_on_success: {
    severity: 'critical',
    refs: ['HT-04'],
    title: "The verified header is set on success only, so a caller's own stays otherwise.",
    fix: 'Remove it first, whatever comes, and set it then.',
  },
  header_absent: {
    severity: 'low',
    refs: [],
    title: 'The application is not told whether a certificate was verified.',
    fix: 'Where the application has to know, set the verified header for it in every place that hands requests on.',
  },
  header_unheard: {
    severity: 'low',
    refs: [],
    title: 'A verified header is set, and no application is there to hear it.',
    fix: 'Take the line away, or hand requests on to the application that it is meant for.',
  },
  not_a_lock: {
    severity: 'high',
    refs: ['HT-06'],
    title: 'A secret header or a list of addresses stands in for the certificate.',
    fix: 'Keep it as a second layer, and require the certificate.',
  },
} as const satisfies Record<string, FindingKind>;
