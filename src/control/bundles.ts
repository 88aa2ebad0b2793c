import { type TrustBundle, zoneBundle } from '../domain/trust.ts';
import type { Zone } from '../domain/zone.ts';
import { writeBundle } from '../pki/bundle.ts';
import type { InstallationFacts } from './installation.ts';

/** PEM that origins install. Zones never change, they are replaced: so a text is kept for as long as what it was made of. */
export function bundleTexts(installation: () => InstallationFacts): (zone: Zone | null) => string {
  const known = new WeakMap<object, string>();
  return (zone) => {
    const { shared } = installation();
    const key = zone ?? shared;
    const found = known.get(key) ?? text(zone === null ? sharedBundle(shared) : zoneBundle(zone));
    known.set(key, found);
    return found;
  };
}

function sharedBundle({ root, intermediate }: InstallationFacts['shared']): TrustBundle {
  return { kind: 'shared', certificates: [root, intermediate] };
}

function text({ certificates }: TrustBundle): string {
  return writeBundle(certificates);
}
