import { visible } from '../../wire/visible.ts';
import { POLICY_PROBLEMS, type PolicyField, type PolicyProblem } from '../policy-problems.ts';

/** Why what was asked of a guard was refused: one row each. `text` says what, `fix` what to do. */
const GUARD_PROBLEMS = {
  no_names: { text: 'a guard serves named hosts only', fix: 'Name at least one hostname, such as www.example.test.' },
  bad_hostname: {
    text: 'not a hostname',
    fix: 'Name hosts such as www.example.test, or *.example.test for the names below one.',
  },
  name_twice: {
    text: 'two sites are called by this name',
    fix: 'Give each name to one site: its policy must be plain.',
  },
  bad_upstream: {
    text: 'not an address of an application',
    fix: 'Give http://HOST:PORT or unix:/path.sock, or tcp://HOST:PORT or tcp+unix:/path.sock for what is no HTTP.',
  },
  bad_header: {
    text: 'not a name for the verified header',
    fix: 'Use letters, digits and at most five hyphens, such as X-Postern-Verified, and none that HTTP itself uses.',
  },
  unreadable: { text: 'the file cannot be read', fix: 'Check the path, and that this user may read it.' },
  certificate_unfit: {
    text: 'certificate and key cannot be used',
    fix: 'Give the certificate with its intermediates (often fullchain.pem) and the unencrypted key that belongs to it (often privkey.pem).',
  },
  certificate_out_of_time: { text: 'the certificate does not count now', fix: 'Renew it, or set the clock right.' },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

export type GuardProblemCode = keyof typeof GUARD_PROBLEMS;

/** A refused field of a site. `found` is what was there. */
export interface GuardProblem {
  readonly kind: 'guard_problem';
  readonly code: GuardProblemCode;
  readonly field: string;
  readonly found: string;
}

const SHOWN = 200;

/** A refusal of `field`. */
export function guardProblem(code: GuardProblemCode, field: string, found = ''): GuardProblem {
  return { kind: 'guard_problem', code, field, found };
}

// As they are called where a guard is configured.
const FIELDS: Readonly<Partial<Record<PolicyField, string>>> = {
  alsoTrust: 'also_trust',
  alsoTrustCrl: 'also_trust_crl',
};

/** What is wrong in one sentence without its end, and what to do. */
export function sentencesOf(problem: PolicyProblem | GuardProblem): { readonly text: string; readonly fix: string } {
  const { text, fix } = problem.kind === 'problem' ? POLICY_PROBLEMS[problem.code] : GUARD_PROBLEMS[problem.code];
  const field = problem.kind === 'problem' ? (FIELDS[problem.field] ?? problem.field) : problem.field;
  const found = visible(problem.found).slice(0, SHOWN);
  return { text: `${field}: ${text}${found === '' ? '' : ` (${found})`}`, fix };
}
