import type { ProblemRow } from './request-problems.ts';

/** Problems with looks at locks, and with visits through the edge. */
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
  probe_credentials_foreign: {
    code: 10513,
    status: 400,
    text: "This hostname presents no certificate of the zone's own authority, so none can be made to knock with",
    fix: 'Give postern doctor the identity itself (--identity), or switch on a managed one.',
  },
  looks_paused: {
    code: 10514,
    status: 400,
    text: 'Looks at the locks of this zone are paused',
    fix: 'Resume them first (postern attestations resume), or ask postern doctor.',
  },
  looks_not_paused: {
    code: 10515,
    status: 400,
    text: 'Looks at the locks of this zone are not paused',
    fix: 'Nothing to do: somebody looks.',
  },
  certificate_not_asked: {
    code: 10516,
    status: 400,
    text: 'The edge asks no origin of this hostname for a certificate',
    fix: 'Name a proxied hostname of the zone, whose mode is none of off and flexible.',
  },
  certificates_seen_enough: {
    code: 10517,
    status: 429,
    text: 'The certificates of origins of this account were looked at too often within a minute',
    fix: 'Wait a minute.',
  },
  visit_nowhere: {
    code: 10518,
    status: 400,
    text: 'There is no edge here that serves this hostname',
    fix: 'Name a hostname with a proxied record, while an edge is connected (postern edges).',
  },
  visited_enough: {
    code: 10519,
    status: 429,
    text: 'The edge was visited too often for this account within a minute',
    fix: 'Wait a minute.',
  },
} as const satisfies Record<string, ProblemRow>;
