import type { ProblemRow } from './request-problems.ts';

/** Problems with looks at locks. */
export const ATTESTATION_PROBLEMS = {
  attestation_off: {
    code: 10510,
    status: 400,
    text: 'This Postern does not look at locks',
    fix: 'Start it without --attest-every off, or use postern doctor.',
  },
  attestation_nothing: {
    code: 10511,
    status: 400,
    text: 'There is no lock to look at',
    fix: 'Name a proxied hostname whose pulls present a certificate over TLS (postern aop status says why one does not).',
  },
  attestation_too_many: {
    code: 10512,
    status: 400,
    text: 'These are more locks than one call looks at',
    fix: 'Name a hostname. All of them are looked at by and by without asking.',
  },
} as const satisfies Record<string, ProblemRow>;
