import { type Command, Option } from 'commander';
import { Failure } from '../failure.ts';
import { collect, wholeNumber } from '../flag-value.ts';

/** What can be said about a rate limit on the command line. */
export interface RateLimitFlags {
  readonly url?: string;
  readonly threshold?: string;
  readonly period?: string;
  readonly method?: readonly string[];
  readonly scheme?: string;
  readonly action?: string;
  readonly timeout?: string;
  readonly perHost?: boolean;
  readonly description?: string;
  readonly disable?: boolean;
  readonly enable?: boolean;
}

/** A rate limit as the API takes it. */
export interface RateLimitBody {
  readonly disabled: boolean;
  readonly description: string;
  readonly match: {
    readonly request: {
      readonly methods: readonly string[];
      readonly schemes: readonly string[];
      readonly url: string;
    };
  };
  readonly threshold: number;
  readonly period: number;
  readonly action: { readonly mode: string; readonly timeout?: number };
  readonly characteristics: readonly string[];
}

const ALL = '_ALL_';

/** Adds those flags to a command. */
export function withRateLimitFlags(command: Command): Command {
  return command
    .option('--method <method>', 'only requests with it count: POST; repeatable, "all" for any', collect)
    .addOption(new Option('--scheme <scheme>', 'only requests over it count').choices(['http', 'https', 'all']))
    .addOption(new Option('--action <action>', 'turn visitors away, or only say so').choices(['ban', 'simulate']))
    .option('--timeout <seconds>', 'for how long they are turned away (as long as the period)')
    .option('--per-host', 'count each hostname apart')
    .option('--no-per-host', 'count all hostnames of the zone together')
    .option('--description <text>', 'what it is for')
    .option('--disable', 'keep it without effect')
    .option('--enable', 'put it to work');
}

/** What a new limit has where nothing is said. */
export const NEW_LIMIT: Omit<RateLimitBody, 'threshold' | 'period'> = {
  disabled: false,
  description: '',
  match: { request: { methods: [ALL], schemes: [ALL], url: '' } },
  action: { mode: 'ban' },
  characteristics: ['ip.src'],
};

/** A limit with what was said in place of what it had. The API takes it as a whole. */
export function rateLimitBody(before: RateLimitBody, flags: RateLimitFlags): RateLimitBody {
  const { threshold, period, description, perHost } = flags;
  return {
    disabled: disabled(flags) ?? before.disabled,
    description: description ?? before.description,
    match: { request: request(before.match.request, flags) },
    threshold: threshold === undefined ? before.threshold : wholeNumber('--threshold', threshold),
    period: period === undefined ? before.period : wholeNumber('--period', period),
    action: action(before.action, flags),
    characteristics: perHost === undefined ? before.characteristics : ['ip.src', ...(perHost ? ['http.host'] : [])],
  };
}

function disabled({ disable, enable }: RateLimitFlags): boolean | undefined {
  if (disable === true && enable === true) {
    throw new Failure('A limit cannot be both --disable and --enable.', 'Leave one of them out.');
  }
  return disable === true ? true : enable === true ? false : undefined;
}

function request(
  before: RateLimitBody['match']['request'],
  { url, method, scheme }: RateLimitFlags,
): RateLimitBody['match']['request'] {
  return {
    methods: method?.map((one) => (one.toLowerCase() === 'all' ? ALL : one)) ?? before.methods,
    schemes: scheme === undefined ? before.schemes : [scheme === 'all' ? ALL : scheme.toUpperCase()],
    url: url ?? before.url,
  };
}

function action(before: RateLimitBody['action'], { action: mode, timeout }: RateLimitFlags): RateLimitBody['action'] {
  const kept = { ...before, mode: mode ?? before.mode };
  return timeout === undefined ? kept : { ...kept, timeout: wholeNumber('--timeout', timeout) };
}
