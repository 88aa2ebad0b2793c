import type { Holds } from './text.ts';
import { fits, isLoose } from './pattern.ts';

/** What a configuration compares, as far as it is known for a kind of caller. */
export type Value =
  | { readonly kind: 'text'; readonly text: string }
  /** The caller says it, and may say anything. */
  | { readonly kind: 'chosen' }
  /** A field that the caller sends; what it is compared with may be a secret. */
  | { readonly kind: 'field' }
  /** Of a certificate that the right authority made: the right one's, or one's that looks like it. */
  | { readonly kind: 'identity'; readonly of: 'right' | 'look_alike' }
  /** Where the caller comes from. */
  | { readonly kind: 'address' }
  | { readonly kind: 'unknown' };

export const UNKNOWN: Value = { kind: 'unknown' };
export const CHOSEN: Value = { kind: 'chosen' };

/** A value that is known. */
export function text(of: string): Value {
  return { kind: 'text', text: of };
}

/** What decisions turned on, so that a finding can name it. */
export type Turned = Set<'identity' | 'loose' | 'field' | 'address' | 'verify'>;

/** How a value is compared. */
export type Comparison =
  | { readonly how: 'equal' | 'contains' | 'begins' | 'ends'; readonly with: string; readonly anyCase?: boolean }
  | { readonly how: 'fits'; readonly with: string; readonly anyCase?: boolean }
  | { readonly how: 'present' };

/** Whether a comparison holds. */
export function compare(value: Value, comparison: Comparison, turned: Turned): Holds {
  switch (value.kind) {
    case 'text':
      return ofText(value.text, comparison);
    case 'chosen':
      return 'either';
    case 'field':
      turned.add('field');
      return comparison.how === 'equal' || comparison.how === 'fits' ? 'unclear' : 'either';
    case 'address':
      turned.add('address');
      return 'either';
    case 'identity':
      turned.add('identity');
      return value.of === 'right' ? ofRight(comparison) : ofLookAlike(comparison, turned);
    case 'unknown':
      return 'unclear';
  }
}

function ofText(value: string, comparison: Comparison): Holds {
  if (comparison.how === 'present') return value === '' ? 'no' : 'yes';
  const anyCase = comparison.anyCase === true;
  if (comparison.how === 'fits') {
    const fit = fits(comparison.with, value, anyCase ? 'i' : '');
    return fit === null ? 'unclear' : fit ? 'yes' : 'no';
  }
  const [one, other] = anyCase ? [value.toLowerCase(), comparison.with.toLowerCase()] : [value, comparison.with];
  const held = {
    equal: one === other,
    contains: one.includes(other),
    begins: one.startsWith(other),
    ends: one.endsWith(other),
  }[comparison.how];
  return held ? 'yes' : 'no';
}

// The right one's names and digests are not known here: rules are read as their author means them.
function ofRight({ how }: Comparison): Holds {
  return how === 'present' ? 'yes' : 'either';
}

function ofLookAlike(comparison: Comparison, turned: Turned): Holds {
  if (comparison.how === 'present') return 'yes';
  const isExact = comparison.how === 'equal' || (comparison.how === 'fits' && !isLoose(comparison.with));
  if (isExact) return 'no';
  turned.add('loose');
  return 'yes';
}
