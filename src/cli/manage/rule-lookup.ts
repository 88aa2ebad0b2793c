import { Failure } from '../failure.ts';

/** How much of an id tables show. */
export const SHORT_ID = 8;

interface Rules<Rule> {
  readonly all: readonly Rule[];
  /** What a person may call a rule instead of its id. */
  readonly called: (rule: Rule) => readonly string[];
  /** How to see all of them. */
  readonly list: string;
}

/** The one rule that is meant, by what it is called or by the first digits of its id; several that fit are named. */
export function theRule<Rule extends { readonly id: string }>(text: string, { all, called, list }: Rules<Rule>): Rule {
  const byName = text === '' ? [] : all.filter((rule) => called(rule).includes(text));
  const byId = /^[0-9a-f]{6,32}$/i.test(text) ? all.filter(({ id }) => id.startsWith(text.toLowerCase())) : [];
  const [found, ...others] = byName.length > 0 ? byName : byId;
  if (found === undefined) {
    throw new Failure(`There is no rule ${JSON.stringify(text)}.`, `"postern ${list}" shows those that exist.`);
  }
  if (others.length === 0) return found;
  const ids = [found, ...others].map(({ id }) => id.slice(0, SHORT_ID)).join(', ');
  throw new Failure(`${text} stands for ${others.length + 1} rules.`, `Name one by its id: ${ids}.`);
}
