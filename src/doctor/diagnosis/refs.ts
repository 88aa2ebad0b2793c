import type { Finding } from './finding.ts';
import { FINDINGS, type FindingCode } from './findings.ts';
import type { ServerKind } from './fixes.ts';

// What else looks the same from outside, the likeliest first: a configuration says which it is, knocking does not.
const LOOKS_THE_SAME: Readonly<Partial<Record<FindingCode, readonly string[]>>> = {
  not_asked: ['NE-17', 'HT-05'],
  optional: ['NE-18', 'NE-05', 'NE-22', 'NE-06', 'NE-28'],
  unverified: ['NE-06', 'NE-19', 'NE-05'],
  any_certificate: ['NE-04', 'NE-19'],
  foreign_admitted: ['TT-02'],
  neighbour_admitted: ['TT-03', 'TT-07', 'TT-05', 'TT-02', 'TT-01'],
  name_mismatch: ['NE-27'],
  two_authorities: ['NE-08'],
  open_sibling: ['NE-27', 'NE-08'],
  host_deny_list: ['NE-08'],
  foreign_session: ['NE-09'],
  session_of_other_authority: ['NE-09'],
  certificateless_session: ['NE-13'],
  plain_http: ['NE-23'],
  application_port: ['NE-11', 'NE-10'],
  other_port: ['NE-01', 'NE-23'],
  header_passed: ['HT-04', 'HT-02', 'HT-03'],
  edge_refused: ['LO-03', 'TT-09', 'TT-10', 'LO-01', 'TT-03', 'TT-01', 'TT-08'],
  authority_expired: ['LO-06'],
  clock_skew: ['TT-13'],
  depth_too_small: ['TT-05'],
  edge_refused_in_part: ['NE-16', 'LO-11'],
  pin_refused: ['NE-16', 'LO-14'],
};

// Entries of the catalogue that only some servers can show. What is not here, any server can.
const ONLY_ON: Readonly<Record<string, readonly ServerKind[]>> = {
  'NE-04': ['nginx'],
  'NE-06': ['nginx', 'apache', 'haproxy'],
  'NE-14': ['node'],
  'NE-16': ['apache'],
  'NE-17': ['haproxy', 'stunnel', 'lighttpd'],
  'NE-18': ['haproxy'],
  'NE-19': ['haproxy'],
  'NE-20': ['caddy', 'stunnel', 'node'],
  'NE-22': ['apache', 'nginx'],
  'TT-02': ['nginx'],
  'TT-12': ['apache'],
  'TT-16': ['caddy', 'node'],
  'LO-13': ['lighttpd'],
  'LO-14': ['haproxy'],
};

/**
 * The catalogue's entries that a finding may stand for, the likeliest first. One that was found in a configuration
 * stands for what is written there; one that was only seen also for what looks the same, as far as this server can.
 */
export function refsOf({ code, server, where }: Pick<Finding, 'code' | 'server' | 'where'>): readonly string[] {
  const own: readonly string[] = FINDINGS[code].refs;
  const all = where === null ? [...own, ...(LOOKS_THE_SAME[code] ?? [])] : own;
  const fitting = server === null ? all : all.filter((ref) => ONLY_ON[ref]?.includes(server) ?? true);
  return fitting.length > 0 ? fitting : own;
}
