import { BlockList, isIP } from 'node:net';
import { type Problem, problem } from '../../domain/problems.ts';
import type { RecordDraft } from '../../domain/record-changes.ts';
import { addressPolicy } from '../../pull/address-policy.ts';
import { allows } from './permissions.ts';

const NOT_PUBLIC = new BlockList();
NOT_PUBLIC.addSubnet('10.0.0.0', 8, 'ipv4');
NOT_PUBLIC.addSubnet('100.64.0.0', 10, 'ipv4'); // RFC 6598
NOT_PUBLIC.addSubnet('127.0.0.0', 8, 'ipv4');
NOT_PUBLIC.addSubnet('172.16.0.0', 12, 'ipv4');
NOT_PUBLIC.addSubnet('192.168.0.0', 16, 'ipv4');
NOT_PUBLIC.addSubnet('198.18.0.0', 15, 'ipv4'); // RFC 2544
NOT_PUBLIC.addAddress('::1', 'ipv6');
NOT_PUBLIC.addSubnet('fc00::', 7, 'ipv6'); // RFC 4193
// Whatever translates may lead to any of the above: NAT64 (RFC 6052), 6to4 (RFC 3056), Teredo (RFC 4380), and IPv4 written
// in IPv6 (RFC 4291 §2.5.5). Nobody's origin has such an address of its own.
NOT_PUBLIC.addSubnet('64:ff9b::', 96, 'ipv6');
NOT_PUBLIC.addSubnet('2002::', 16, 'ipv6');
NOT_PUBLIC.addSubnet('2001::', 32, 'ipv6');
NOT_PUBLIC.addSubnet('::', 96, 'ipv6');
// Site-local, which some networks still have (RFC 3879).
NOT_PUBLIC.addSubnet('fec0::', 10, 'ipv6');

const FOR_EVERYBODY = addressPolicy([]);

/**
 * Whether a token may name this origin. Addresses that the edge never connects to are refused to all; what a name
 * resolves to is the edge's affair, at each connect.
 */
export function originAllowed({ type, content }: RecordDraft, permissions: readonly string[]): Problem | null {
  if (type !== 'CNAME' && !FOR_EVERYBODY.allows(content, 443)) {
    return problem('origin_impossible', content, '/content');
  }
  if (!isPrivate(content) || allows(permissions, 'origins:private')) return null;
  return problem('origin_not_allowed', content, '/content');
}

function isPrivate(content: string): boolean {
  if (isIP(content) === 0) return content === 'localhost' || content.endsWith('.localhost');
  return NOT_PUBLIC.check(content, isIP(content) === 6 ? 'ipv6' : 'ipv4');
}
