import type { HaproxyLine } from '../../server/haproxy/syntax.ts';
import { all, any, not } from '../caller.ts';
import type { Holds } from '../text.ts';
import { compare, type Comparison, type Value } from '../value.ts';
import { type RequestWorld, type Sample, sampleOf, sampled } from './sample.ts';

/** What an ACL compares with what. */
export interface Test {
  /** null where it is not known what is looked at. */
  readonly sample: Sample | null;
  readonly comparison: Comparison['how'] | 'number' | 'found' | 'flag' | 'unknown';
  readonly anyCase: boolean;
  /** `eq`, `gt` and so on, in front of numbers. */
  readonly operator: string;
  readonly values: readonly string[];
  /** Values stand in a file that was not read. */
  readonly inFile: boolean;
}

/** The ACLs of a section by their names; several of one name hold where one of them does. */
export type NamedTests = ReadonlyMap<string, readonly Test[]>;

/** The ACLs that a section declares. */
export function namedTests(lines: readonly HaproxyLine[]): NamedTests {
  const named = new Map<string, Test[]>();
  for (const { words } of lines) {
    const [first, name, ...rest] = words.map(({ text }) => text);
    if (first !== 'acl' || name === undefined) continue;
    const tests = named.get(name) ?? [];
    tests.push(testOf(rest));
    named.set(name, tests);
  }
  return named;
}

const METHODS: Readonly<Record<string, Comparison['how'] | 'found' | 'flag' | 'number'>> = {
  str: 'equal',
  beg: 'begins',
  end: 'ends',
  sub: 'contains',
  dom: 'contains',
  dir: 'contains',
  reg: 'fits',
  found: 'found',
  bool: 'flag',
  int: 'number',
};
const OPERATORS: ReadonlySet<string> = new Set(['eq', 'ge', 'gt', 'le', 'lt']);
const NUMBERS =
  /^(?:ssl_c_verify|ssl_c_err|ssl_c_ca_err|ssl_c_ca_err_depth|dst_port|so_port|int|.*_cnt|ssl_fc_protocol_id)$/;
const FLAGS =
  /^(?:ssl_fc|ssl_c_used|ssl_fc_has_crt|ssl_fc_is_resumed|bool|always_true|always_false|ssl_fc_has_sni|http_auth)$/;

/** Reads the words behind the name of an ACL, or between braces. */
export function testOf(words: readonly string[]): Test {
  const [criterion = '', ...rest] = words;
  const { sample, suffix } = criterionOf(criterion);
  const { at, how, anyCase, inFile } = flagsIn(rest);
  const [operator = '', ...others] = rest.slice(at);
  const isOperator = OPERATORS.has(operator);
  const values = isOperator ? others : rest.slice(at);
  return {
    sample,
    comparison: how ?? suffix ?? implied(sample, values, isOperator),
    anyCase,
    operator: isOperator ? operator : 'eq',
    values,
    inFile,
  };
}

interface Flags {
  /** Where the values begin. */
  readonly at: number;
  readonly how: Test['comparison'] | null;
  readonly anyCase: boolean;
  readonly inFile: boolean;
}

/** `-i`, `-m METHOD`, `-f FILE` and their like in front of values. */
function flagsIn(words: readonly string[]): Flags {
  let flags: Flags = { at: 0, how: null, anyCase: false, inFile: false };
  for (;;) {
    const next = words[flags.at + 1] ?? '';
    switch (words[flags.at] ?? '') {
      case '-i':
        flags = { ...flags, at: flags.at + 1, anyCase: true };
        break;
      case '-m':
        flags = { ...flags, at: flags.at + 2, how: METHODS[next] ?? 'unknown' };
        break;
      case '-f':
        flags = { ...flags, at: flags.at + 2, inFile: true };
        break;
      case '-u':
        flags = { ...flags, at: flags.at + 2 };
        break;
      case '-n':
      case '-M':
        flags = { ...flags, at: flags.at + 1 };
        break;
      case '--':
        return { ...flags, at: flags.at + 1 };
      default:
        return flags;
    }
  }
}

const SUFFIX =
  /^((?:req\.)?f?hdr|path|url|base|cook|urlp|ssl_fc_sni|ssl_c_s_dn|ssl_c_i_dn|req\.ssl_sni|req_ssl_sni|method|capture\.req\.hdr)_(beg|end|sub|dom|dir|reg|len)(?=$|\(|,)/;

// `hdr_beg(host)` is `hdr(host) -m beg`; `path_reg` likewise.
function criterionOf(criterion: string): {
  readonly sample: Sample | null;
  readonly suffix: Test['comparison'] | null;
} {
  const found = SUFFIX.exec(criterion);
  if (found === null) return { sample: sampleOf(criterion), suffix: null };
  const [whole, fetch = '', suffix = ''] = found;
  return { sample: sampleOf(`${fetch}${criterion.slice(whole.length)}`), suffix: METHODS[suffix] ?? 'unknown' };
}

function implied(sample: Sample | null, values: readonly string[], isOperator: boolean): Test['comparison'] {
  if (sample === null) return 'unknown';
  const last = sample.converters.at(-1)?.name.toLowerCase();
  if (isOperator || last === 'strcmp' || (last === undefined && NUMBERS.test(sample.fetch))) return 'number';
  if (values.length === 0) return last === 'bool' || last === 'not' || FLAGS.test(sample.fetch) ? 'flag' : 'found';
  return 'equal';
}

const PREDEFINED: Readonly<Record<string, Holds>> = {
  TRUE: 'yes',
  FALSE: 'no',
  HTTP: 'yes',
  // Nobody outside of this machine is there.
  LOCALHOST: 'no',
  HTTP_CONTENT: 'no',
  HTTP_URL_ABS: 'no',
  WAIT_END: 'yes',
};

/** Whether the condition behind `if` or `unless` holds; 'yes' where there is none. */
export function conditionTruth(words: readonly string[], named: NamedTests, world: RequestWorld): Holds {
  const at = words.findIndex((word) => word === 'if' || word === 'unless');
  if (at < 0) return 'yes';
  const alternatives: Holds[][] = [[]];
  for (let index = at + 1; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === 'or' || word === '||' || word === 'OR') {
      alternatives.push([]);
      continue;
    }
    const no = word.startsWith('!');
    const bare = no ? word.slice(1) : word;
    if (no && bare === '') {
      const next = termAt(words, index + 1, words[index + 1] ?? '', named, world);
      alternatives.at(-1)?.push(not(next.truth));
      index = next.last;
      continue;
    }
    const term = termAt(words, index, bare, named, world);
    alternatives.at(-1)?.push(no ? not(term.truth) : term.truth);
    index = term.last;
  }
  const truth = any(alternatives.map((terms) => all(terms)));
  return words[at] === 'unless' ? not(truth) : truth;
}

interface Term {
  readonly truth: Holds;
  /** The index of its last word. */
  readonly last: number;
}

function termAt(words: readonly string[], at: number, word: string, named: NamedTests, world: RequestWorld): Term {
  if (word !== '{') {
    const tests = named.get(word);
    const truth = tests === undefined ? predefined(word, world) : any(tests.map((test) => testTruth(test, world)));
    return { truth, last: at };
  }
  const end = words.indexOf('}', at);
  if (end < 0) return { truth: 'unclear', last: words.length };
  return { truth: testTruth(testOf(words.slice(at + 1, end)), world), last: end };
}

function predefined(word: string, { caller: { method } }: RequestWorld): Holds {
  const meant = /^METH_([A-Z]+)$/.exec(word)?.[1];
  if (meant === undefined) return PREDEFINED[word] ?? 'unclear';
  // `METH_GET` stands for HEAD as well.
  return meant === method || (meant === 'GET' && method === 'HEAD') ? 'yes' : 'no';
}

/** Whether an ACL holds for a caller. */
function testTruth(test: Test, world: RequestWorld): Holds {
  const { sample, comparison, values, inFile } = test;
  if (sample === null || comparison === 'unknown') return 'unclear';
  const value = sampled(sample, world);
  if (comparison === 'found') return value === null ? 'no' : compare(value, { how: 'present' }, world.turned);
  if (value === null) return 'no';
  if (comparison === 'flag') return flagTruth(value, world);
  if (inFile && values.length === 0)
    return compare(value, { how: 'equal', with: '' }, world.turned) === 'either' ? 'either' : 'unclear';
  if (value.kind === 'address' || value.kind === 'absent') return compare(value, { how: 'present' }, world.turned);
  if (comparison === 'number') return numberTruth(value, test);
  const compared = values.map((one) => compare(value, comparisonWith(comparison, one, test), world.turned));
  return any(inFile ? [...compared, 'unclear'] : compared);
}

function comparisonWith(
  how: Exclude<Test['comparison'], 'number' | 'found' | 'flag' | 'unknown'>,
  one: string,
  { anyCase }: Test,
): Comparison {
  if (how === 'present') return { how };
  return { how, with: one, anyCase };
}

function flagTruth(value: Value, { turned }: RequestWorld): Holds {
  return value.kind === 'text'
    ? value.text === '0' || value.text === ''
      ? 'no'
      : 'yes'
    : compare(value, { how: 'present' }, turned);
}

function numberTruth(value: Value, { values, operator }: Test): Holds {
  if (value.kind !== 'text') return 'unclear';
  const own = Number(value.text);
  // Outside of the first value, an operator may stand again.
  const numbers = values.filter((one) => !OPERATORS.has(one));
  const held = numbers.map((one) => {
    const [low = Number.NaN, high = low] = one.split(':').map(Number);
    if (Number.isNaN(low)) return 'unclear';
    const truths: Readonly<Record<string, boolean>> = {
      eq: own >= low && own <= high,
      ge: own >= low,
      gt: own > low,
      le: own <= low,
      lt: own < low,
    };
    return truths[operator] === true ? 'yes' : 'no';
  });
  return any(held);
}
