import type { View } from '../../../../src/wire/answer-fields.ts';
import type { ACCESS_RULE } from '../../../../src/wire/access-rules.ts';

/** A rule about visitors' addresses, as `GET …/firewall/access_rules/rules` has it. */
export type AccessRule = View<typeof ACCESS_RULE>;

/** A rule while somebody writes it. */
export interface AccessRuleDraft {
  readonly mode: AccessRule['mode'];
  readonly value: string;
  readonly notes: string;
}

export const NEW_RULE: AccessRuleDraft = { mode: 'block', value: '', notes: '' };

/** Rules of a zone. */
export function rulesPath(zone: string): string {
  return `/client/v4/zones/${zone}/firewall/access_rules/rules`;
}

export function draftOf({ mode, configuration, notes }: AccessRule): AccessRuleDraft {
  return { mode, value: configuration.value, notes };
}

/** What the API takes: whether it is an address or a network is told by how it is written. */
export function bodyOf({ mode, value, notes }: AccessRuleDraft): Readonly<Record<string, unknown>> {
  const text = value.trim();
  const target = text.includes('/') ? 'ip_range' : text.includes(':') ? 'ip6' : 'ip';
  return { mode, configuration: { target, value: text }, notes };
}

/** Whether a rule is about all visitors of a family of addresses. */
export function isEverybody(value: string): boolean {
  return /\/0+$/.test(value.trim());
}
