import { type Hostname, nearestOf } from '../domain/ids.ts';
import type { EdgeZone } from '../domain/edge-zone.ts';
import { pullsOverTls } from '../domain/settings.ts';
import { MOST_LOOKED_AT } from '../wire/told-certificates.ts';

/** Where the edge asks for a certificate, when somebody visits a hostname. */
export interface AskedPlace {
  readonly hostname: Hostname;
  /** In the handshake. */
  readonly serverName: Hostname;
  readonly port: number;
}

/** The places of some hostnames of a zone, each once; none where the edge asks for no certificate. */
export function askedPlaces({ rules, hosts }: EdgeZone, hostnames: readonly Hostname[]): readonly AskedPlace[] {
  if (!pullsOverTls(rules.ssl)) return [];
  const found = new Map<string, AskedPlace>();
  for (const hostname of hostnames) {
    // Nobody asks for a wildcard itself.
    if (hostname.startsWith('*.')) continue;
    const host = nearestOf(hosts, hostname);
    for (const { httpsPort: port, serverName } of host?.targets ?? []) {
      const place = { hostname, serverName: serverName ?? hostname, port };
      found.set(`${hostname} ${place.serverName} ${port}`, place);
      if (found.size === MOST_LOOKED_AT) return [...found.values()];
    }
  }
  return [...found.values()];
}
