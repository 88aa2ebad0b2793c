import { type TrustBundle, zoneBundle } from '../domain/trust.ts';
import type { Zone } from '../domain/zone.ts';
import { writeBundle } from '../pki/bundle.ts';
import type { InstallationFacts } from './installation.ts';

/** PEM that origins install. A zone never changes, it is replaced: so its text is kept for as long as it is. */
export function bundleTexts({ shared }: InstallationFacts): (zone: Zone | null) => string {
  const known = new WeakMap<Zone, string>();
  const sharedText = text({ kind: 'shared', certificates: [shared.root, shared.intermediate] });
  return (zone) => {
    if (zone === null) return sharedText;
    const found = known.get(zone) ?? text(zoneBundle(zone));
    known.set(zone, found);
    return found;
  };
}

function text({ certificates }: TrustBundle): string {
  return writeBundle(certificates);
}
