import { isIP } from 'node:net';
import { type Problem, problem } from '../../domain/problems.ts';
import type { RecordDraft } from '../../domain/record-changes.ts';
import { addressClass, plainAddress } from '../../pull/address-class.ts';
import { allows } from './permissions.ts';

/** Whether a token may name private origins. */
export function mayNamePrivate(permissions: readonly string[]): boolean {
  return allows(permissions, 'origins:private');
}

/**
 * Whether a token may name this origin. Addresses that the edge never connects to are refused to all; what a name
 * resolves to is the edge's affair, at each connect: the record remembers what its writer may do.
 */
export function originAllowed({ type, content }: RecordDraft, permissions: readonly string[]): Problem | null {
  const address = plainAddress(content);
  if (type !== 'CNAME' && addressClass(address) === 'never') return problem('origin_impossible', content, '/content');
  if (!isPrivate(address) || mayNamePrivate(permissions)) return null;
  return problem('origin_not_allowed', content, '/content');
}

function isPrivate(content: string): boolean {
  if (isIP(content) === 0) return content === 'localhost' || content.endsWith('.localhost');
  return addressClass(content) === 'private';
}
