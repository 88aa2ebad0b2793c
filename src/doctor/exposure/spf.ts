import { hostname } from '../../domain/ids.ts';
import { blockList, familyOf } from '../../pull/address-class.ts';

/** What a sender policy (RFC 7208) names, of that which leads to addresses. */
export type SpfTerm =
  | { readonly kind: 'network'; readonly text: string; readonly network: string }
  /** The addresses of a name, or of its mail hosts. */
  | { readonly kind: 'a' | 'mx'; readonly text: string; readonly name: string }
  | { readonly kind: 'include'; readonly text: string; readonly name: string }
  /** What can only be known for one mail, or is not asked here. */
  | { readonly kind: 'unfollowed'; readonly text: string };

const MOST_TERMS = 200;

/** The terms of a policy; null where the text is none. */
export function spfTerms(record: string, domain: string): readonly SpfTerm[] | null {
  const [version, ...terms] = record.trim().split(/ +/);
  if (version?.toLowerCase() !== 'v=spf1') return null;
  return terms.slice(0, MOST_TERMS).flatMap((text) => termOf(text, domain) ?? []);
}

// RFC 7208 §4.6.1: a qualifier, a name, and a value after a colon, an equals sign or a slash.
function termOf(text: string, domain: string): SpfTerm | null {
  const [, word = '', rest = ''] = /^[+?~-]?([A-Za-z][A-Za-z0-9_.-]*)(.*)$/.exec(text) ?? [];
  const value = rest.replace(/^[:=]/, '');
  switch (word.toLowerCase()) {
    case 'ip4':
    case 'ip6':
      return { kind: 'network', text, network: value };
    case 'a':
    case 'mx':
      return named(word.toLowerCase() === 'a' ? 'a' : 'mx', text, value, domain);
    case 'include':
    case 'redirect':
      return named('include', text, value, domain);
    case 'ptr':
    case 'exists':
      return { kind: 'unfollowed', text };
    default:
      return null;
  }
}

function named(kind: 'a' | 'mx' | 'include', text: string, value: string, domain: string): SpfTerm {
  // What is no name are macros (RFC 7208 §7), which need a mail to be filled in, and mistakes.
  const name = hostname(value.replace(/\/.*$/, '') || domain);
  return name === null ? { kind: 'unfollowed', text } : { kind, text, name };
}

/** Whether a network of a policy holds an address. Bits beyond its length do not matter (RFC 7208 §5.6). */
export function networkHolds(network: string, address: string): boolean {
  const [base = '', length] = network.split('/');
  const family = familyOf(base);
  const own = familyOf(address);
  if (family === null || own !== family) return false;
  const most = family === 'ipv4' ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  if (!Number.isInteger(bits) || bits < 0 || bits > most) return false;
  return blockList(`${base}/${bits}`).check(address, family);
}

/** Whether it names one machine or a handful, as somebody does who sends mail from an own server. */
export function isNarrow(network: string): boolean {
  const [base = '', length] = network.split('/');
  if (familyOf(base) === null) return false;
  return length === undefined || Number(length) >= (base.includes(':') ? 120 : 29);
}
