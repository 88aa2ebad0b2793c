import type { EdgeZone } from './edge-zone.ts';
import type { CertificateId, Hostname } from './ids.ts';
import { pullsOverTls } from './settings.ts';
import { decidingLevel } from './plan.ts';

/** Who is to present a certificate: how many hostnames, and the first of them. */
export interface Presenters {
  readonly count: number;
  readonly hostnames: readonly Hostname[];
}

const NAMED = 20;

/** The hostnames of a zone by the certificate that their pulls are to present, so many of each. Looks at every hostname once. */
export function presenters({ rules, hosts }: EdgeZone, named = NAMED): ReadonlyMap<CertificateId, Presenters> {
  const found = new Map<CertificateId, { count: number; hostnames: Hostname[] }>();
  if (rules.paused || !pullsOverTls(rules.ssl)) return found;
  for (const host of hosts.values()) {
    const decided = decidingLevel(rules, host);
    if (host.targets.length === 0 || decided.kind !== 'level' || decided.identity === null) continue;
    const { certificate } = decided.identity;
    const known = found.get(certificate) ?? { count: 0, hostnames: [] };
    known.count += 1;
    if (known.count <= named) known.hostnames.push(host.hostname);
    found.set(certificate, known);
  }
  return found;
}
