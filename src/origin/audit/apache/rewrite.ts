import type { ApacheEffective } from '../../server/apache/tree.ts';
import { all, any, decided, type Fate, not } from '../caller.ts';
import type { Holds } from '../text.ts';
import { fits } from '../pattern.ts';
import { compare } from '../value.ts';
import { evaluate } from './expression.ts';
import { isWithinPath, type Scope } from './sections.ts';
import type { RequestWorld } from './world.ts';

const MAX_RULES = 500;

/** What `RewriteRule`, `Redirect` and their like do with a request before anything serves it; `on` goes on. */
export function rewritten(scope: Scope, world: RequestWorld, on: () => Fate): Fate {
  const engine = scope.findLast(({ name }) => name === 'rewriteengine')?.args[0]?.toLowerCase();
  const steps = engine === 'on' ? stepsIn(scope) : [];
  return walk(steps, 0, world, () => redirected(scope, world, on));
}

interface Step {
  readonly rule: ApacheEffective;
  readonly conditions: readonly ApacheEffective[];
}

function stepsIn(scope: Scope): readonly Step[] {
  const steps: Step[] = [];
  let conditions: ApacheEffective[] = [];
  for (const one of scope) {
    if (one.name === 'rewritecond') conditions.push(one);
    if (one.name !== 'rewriterule') continue;
    steps.push({ rule: one, conditions });
    conditions = [];
  }
  return steps.slice(0, MAX_RULES);
}

function walk(steps: readonly Step[], index: number, world: RequestWorld, on: () => Fate): Fate {
  const step = steps[index];
  if (step === undefined) return on();
  const { rule, conditions } = step;
  const further = () => walk(steps, index + 1, world, on);
  const flags = flagsOf(rule.args[2] ?? '');
  const ended = endOf(rule, flags, on);
  if (ended === null) return further();
  const truth = all([patternTruth(rule.args[0] ?? '', world.path), conditionsTruth(conditions, world)]);
  return decided(truth, rule.place, 'a condition of RewriteRule', ended, further);
}

function flagsOf(text: string): ReadonlyMap<string, string> {
  const flags = text.replace(/^\[|\]$/g, '').split(',');
  return new Map(flags.map((flag) => [flag.trim().replace(/=.*$/, '').toUpperCase(), flag.split('=')[1] ?? '']));
}

function endOf(
  { args, place }: ApacheEffective,
  flags: ReadonlyMap<string, string>,
  on: () => Fate,
): (() => Fate) | null {
  const status = flags.get('R') ?? flags.get('REDIRECT');
  const refused = flags.has('F') || flags.has('FORBIDDEN') || flags.has('G') || flags.has('GONE');
  if (refused || (status !== undefined && /^[45]/.test(status))) return () => ({ kind: 'refused', because: null });
  if (status !== undefined || /^https?:\/\//.test(args[1] ?? '')) {
    if (flags.has('P') || flags.has('PROXY')) return on;
    return args[1]?.startsWith('/') === true
      ? () => ({ kind: 'unclear', where: place, why: 'a redirect to itself' })
      : () => ({ kind: 'redirected' });
  }
  return flags.has('L') || flags.has('LAST') || flags.has('END') || flags.has('P') || flags.has('PROXY') ? on : null;
}

function patternTruth(pattern: string, path: string): Holds {
  const no = pattern.startsWith('!');
  const fit = fits(no ? pattern.slice(1) : pattern, path);
  if (fit === null) return 'unclear';
  return fit !== no ? 'yes' : 'no';
}

// `[OR]` binds one condition with the next; those groups must all hold.
function conditionsTruth(conditions: readonly ApacheEffective[], world: RequestWorld): Holds {
  const groups: Holds[][] = [[]];
  for (const condition of conditions) {
    groups.at(-1)?.push(conditionTruth(condition, world));
    const flags = flagsOf(condition.args[2] ?? '');
    if (!flags.has('OR') && !flags.has('ORNEXT')) groups.push([]);
  }
  return all(groups.filter((group) => group.length > 0).map((group) => any(group)));
}

function conditionTruth({ args }: ApacheEffective, world: RequestWorld): Holds {
  const [test = '', pattern = ''] = args;
  if (test.toLowerCase() === 'expr') return evaluate(pattern, world);
  const name = /^%\{([^}]+)\}$/.exec(test)?.[1];
  if (name === undefined) return 'unclear';
  const value = world.variable(name);
  const no = pattern.startsWith('!');
  const bare = no ? pattern.slice(1) : pattern;
  const anyCase = flagsOf(args[2] ?? '').has('NC');
  if (/^-[a-zA-Z]/.test(bare) || /^[<>]/.test(bare)) return 'unclear';
  const truth = bare.startsWith('=')
    ? compare(value, { how: 'equal', with: bare.slice(1).replace(/^"(.*)"$/, '$1'), anyCase }, world.turned)
    : compare(value, { how: 'fits', with: bare, anyCase }, world.turned);
  return no ? not(truth) : truth;
}

const NAMED: Readonly<Record<string, string>> = { permanent: '301', temp: '302', seeother: '303', gone: '410' };

/** `Redirect` and `RedirectMatch` (mod_alias). */
function redirected(scope: Scope, { path }: RequestWorld, on: () => Fate): Fate {
  for (const { name, args } of scope) {
    if (!/^redirect(?:match|permanent|temp)?$/.test(name)) continue;
    const [first = '', ...rest] = args;
    const status = NAMED[first.toLowerCase()] ?? (/^\d{3}$/.test(first) ? first : null);
    const words = status === null ? [first, ...rest] : rest;
    // In a `<Location>` the path is that of the section.
    const refuses = status !== null && !status.startsWith('3');
    const from = words.length > 1 || refuses ? words[0] : undefined;
    const isMeant =
      from === undefined || (name === 'redirectmatch' ? fits(from, path) === true : isWithinPath(path, from));
    if (!isMeant) continue;
    return refuses ? { kind: 'refused', because: null } : { kind: 'redirected' };
  }
  return on();
}
