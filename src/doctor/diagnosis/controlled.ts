import type { ControlFacts } from '../control-facts.ts';
import type { Finding } from './finding.ts';
import type { FindingCode } from './findings.ts';

const SOON = 30 * 86_400_000;

/** What the edge's own settings say against the lock of a hostname. Pure; `now` is in milliseconds. */
export function controlled(facts: ControlFacts, now: number): readonly Finding[] {
  const { host, mode, alwaysHttps, proxied } = facts;
  const found: Finding[] = [];
  const add = (code: FindingCode, asked: string, saw: string) => found.push(finding(code, host, asked, saw));
  if (proxied === false) add('dns_only', 'DNS record', 'proxied: false');
  if (mode === 'off' || mode === 'flexible') add('mode_without_tls', 'SSL mode', mode);
  if (mode === 'full') add('mode_unverified', 'SSL mode', mode);
  found.push(...levelFindings(facts), ...certificateFindings(facts, now));
  if (alwaysHttps === false) add('plain_visitors', 'Always Use HTTPS', 'off');
  return found;
}

/** That nothing is known of a hostname. */
export function unknownZone(host: string): Finding {
  return finding('zone_unknown', host, 'zones', 'none holds the name');
}

function finding(code: FindingCode, host: string, asked: string, saw: string): Finding {
  const evidence = [{ probe: `control plane: ${asked}`, saw }];
  return { code, target: host, where: null, detail: '', server: null, evidence };
}

// The hostname beats the zone, and the zone the global level.
function levelFindings({ host, levels: { hostname, zone, global } }: ControlFacts): readonly Finding[] {
  if (hostname === 'off') return [finding('hostname_switched_off', host, 'hostname level', 'enabled: false')];
  if (hostname !== 'unset' || zone !== false) return [];
  if (global === true) return [finding('shared_identity', host, 'levels', 'only the global level is on')];
  return global === null ? [] : [finding('edge_shows_nothing', host, 'levels', 'hostname, zone and global are off')];
}

function certificateFindings({ host, certificate }: ControlFacts, now: number): readonly Finding[] {
  if (certificate === null) return [];
  const { status, ends } = certificate;
  const asked = 'certificate in use';
  if (ends !== null && ends <= now) return [finding('identity_expired', host, asked, `ended ${day(ends)}`)];
  return [
    ...(status === 'active' ? [] : [finding('identity_not_active', host, asked, `status ${status}`)]),
    ...(ends !== null && ends - now < SOON ? [finding('identity_ending', host, asked, `ends ${day(ends)}`)] : []),
  ];
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 'YYYY-MM-DD'.length);
}
