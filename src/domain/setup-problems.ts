import type { ProblemRow } from './request-problems.ts';

/** Problems with the set-up of origins. */
export const SETUP_PROBLEMS = {
  origin_config_refused: {
    code: 10530,
    status: 400,
    text: 'An origin cannot be configured so',
    fix: 'Mend the field named.',
  },
  origin_config_off: {
    code: 10531,
    status: 400,
    text: 'This control plane makes no configurations for origins',
    fix: 'Use postern origin config, or a control plane that was started with postern up.',
  },
  setup_not_found: {
    code: 10532,
    status: 404,
    text: 'No set-up of this hostname is under way',
    fix: 'Begin one with PUT, or list /postern/v1/setups.',
  },
} as const satisfies Record<string, ProblemRow>;
