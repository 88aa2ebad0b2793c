import { serversOf } from '../../server/haproxy/hosts.ts';
import type { HaproxyLine } from '../../server/haproxy/syntax.ts';
import type { Place } from '../../server/place.ts';
import { decided, type Fate } from '../caller.ts';
import { text, UNKNOWN, type Value } from '../value.ts';
import { conditionTruth } from './condition.ts';
import { type Proxies, type ProxySection, wordsOf } from './proxies.ts';
import { type RequestWorld, sampleOf, sampled } from './sample.ts';

const MAX_RULES = 5_000;
const REFUSED: Fate = { kind: 'refused', because: null };

/** A rule with the ACLs of its section. */
interface Rule {
  readonly words: readonly string[];
  readonly place: Place;
  readonly proxy: ProxySection;
}

/** How a request ends that passes all rules. */
type End = (reaches: readonly string[]) => Fate;

/** What becomes of a request behind the handshake: first the frontend's rules, then the backend's. */
export function ruled(proxies: Proxies, frontend: ProxySection, world: RequestWorld, served: End): Fate {
  if (frontend.mode !== 'http') return belowHttp(frontend, world, proxies, served);
  const rules = rulesOf(frontend);
  return walk(rules, 0, world, () => routed(proxies, frontend, world, served));
}

// Connections that are passed on as they are may meet TLS, and a lock, behind it.
function belowHttp(frontend: ProxySection, world: RequestWorld, proxies: Proxies, served: End): Fate {
  const rules = rulesOf(frontend).filter(({ words }) => words[0] === 'tcp-request');
  return walk(rules, 0, world, () => {
    if (world.door.tls) return routed(proxies, frontend, world, served);
    return {
      kind: 'unclear',
      where: frontend.place,
      why: 'connections are passed on below HTTP, to what may be locked itself',
    };
  });
}

// `tcp-request` comes before `http-request`, and plain `redirect` behind both.
const ORDER = ['tcp-request', 'http-request', 'redirect', 'block'] as const;

function rulesOf(proxy: ProxySection): readonly Rule[] {
  const lines: readonly (HaproxyLine & { readonly file?: string })[] = [...proxy.defaults, ...proxy.lines];
  const all = lines.map((line) => ({
    words: wordsOf(line),
    place: { file: line.file ?? proxy.file, line: line.line },
    proxy,
  }));
  return ORDER.flatMap((kind) => all.filter(({ words }) => words[0] === kind)).slice(0, MAX_RULES);
}

function walk(rules: readonly Rule[], index: number, world: RequestWorld, on: () => Fate): Fate {
  // A loop where nothing is decided: thousands of rules would be as deep a recursion.
  for (let at = index; ; at += 1) {
    const rule = rules[at];
    if (rule === undefined) return on();
    world.budget.left -= 1;
    if (world.budget.left < 0) return { kind: 'unclear', where: rule.place, why: 'more rules than are followed' };
    const action = actionOf(rule);
    if (action === null) {
      remember(rule, world);
      continue;
    }
    const truth = conditionTruth(rule.words, rule.proxy.tests, world);
    if (truth === 'no') continue;
    const end = action === 'pass' ? () => walk(behind(rules, at), 0, world, on) : () => action;
    if (truth === 'yes') return end();
    return decided(truth, rule.place, `a condition of ${rule.words.slice(0, 2).join(' ')}`, end, () =>
      walk(rules, at + 1, world, on),
    );
  }
}

// `allow` ends the rules of its kind and of its section.
function behind(rules: readonly Rule[], at: number): readonly Rule[] {
  const kind = rules[at]?.words[0];
  return rules.slice(at + 1).filter(({ words }) => words[0] !== kind);
}

/** What a rule does to a request; null where it goes on. */
function actionOf({ words, place }: Rule): Fate | 'pass' | null {
  const [kind, first = '', second = ''] = words;
  if (kind === 'redirect') return { kind: 'redirected' };
  if (kind === 'block') return REFUSED;
  const action = kind === 'tcp-request' ? second : first;
  switch (action.replace(/\(.*$/, '')) {
    case 'deny':
    case 'reject':
    case 'tarpit':
    case 'silent-drop':
    case 'return':
      return REFUSED;
    case 'redirect':
      return { kind: 'redirected' };
    case 'allow':
    case 'accept':
      return 'pass';
    case 'use-service':
    case 'lua.':
      return { kind: 'unclear', where: place, why: 'a program answers' };
    default:
      return null;
  }
}

/** `set-var` and its like. */
function remember({ words, proxy }: Rule, world: RequestWorld): void {
  const at = words.findIndex((word) => /^(?:set-var|set-var-fmt|unset-var)\(/.test(word));
  if (at < 0) return;
  const [, action = '', name = ''] = /^([\w-]+)\(([^,)]+)/.exec(words[at] ?? '') ?? [];
  // What is only written down decides nothing yet.
  const turned: RequestWorld['turned'] = new Set();
  const truth = conditionTruth(words, proxy.tests, { ...world, turned });
  if (truth === 'no') return;
  if (action === 'unset-var') {
    world.variables.delete(name);
    return;
  }
  const value = assigned(action, words[at + 1] ?? '', { ...world, turned });
  // A sample that gives nothing leaves the variable as it was.
  if (value === null) return;
  const before = world.variables.get(name);
  const isSure = truth === 'yes' || (before !== undefined && isSame(before.value, value));
  world.variables.set(name, {
    value: isSure ? value : UNKNOWN,
    turned: new Set([...(before?.turned ?? []), ...turned]),
  });
}

function assigned(action: string, written: string, world: RequestWorld): Value | null {
  if (action === 'set-var-fmt') return written.includes('%') ? UNKNOWN : text(written);
  const sample = sampleOf(written);
  return sample === null ? UNKNOWN : sampled(sample, world);
}

function isSame(one: Value, other: Value): boolean {
  return one.kind === 'text' && other.kind === 'text' && one.text === other.text;
}

/** `use_backend` and `default_backend`, and what the backend has to say. */
function routed(proxies: Proxies, frontend: ProxySection, world: RequestWorld, served: End): Fate {
  const own = serversOf(frontend);
  const lines = [...frontend.defaults, ...frontend.lines].map((line) => ({ words: wordsOf(line), line: line.line }));
  const uses = lines.filter(({ words }) => words[0] === 'use_backend');
  const fallback = lines.findLast(({ words }) => words[0] === 'default_backend')?.words[1];
  const last = (): Fate => {
    if (fallback !== undefined) return inBackend(proxies, fallback, frontend, world, served);
    return own.length > 0 ? served(own) : REFUSED;
  };
  const from = (first: number): Fate => {
    for (let index = first; ; index += 1) {
      const use = uses[index];
      if (use === undefined) return last();
      const truth = conditionTruth(use.words, frontend.tests, world);
      if (truth === 'no') continue;
      const taken = () => inBackend(proxies, use.words[1] ?? '', frontend, world, served);
      const where = { file: frontend.file, line: use.line };
      return decided(truth, where, 'a condition of use_backend', taken, () => from(index + 1));
    }
  };
  return from(0);
}

function inBackend(proxies: Proxies, name: string, frontend: ProxySection, world: RequestWorld, served: End): Fate {
  if (name.includes('%[')) return served([`variable:${name}`]);
  const backend = proxies.backends.get(name);
  if (backend === undefined) return { kind: 'unclear', where: frontend.place, why: `there is no backend ${name}` };
  return walk(rulesOf(backend), 0, world, () => {
    const reaches = serversOf(backend);
    return reaches.length === 0 ? REFUSED : served(reaches);
  });
}
