import type { ConfigPath } from './config-path.ts';
import type { OriginRequirement } from './requirement.ts';
import type { Site } from './site.ts';

/**
 * The second listener, for callers of the owner's own CA, as a requirement of its own: the sites that have such callers,
 * with that CA in place of the edge's. It always enforces. `null` where nobody asks for one.
 *
 * One listener for both would have to trust both CAs, and neither nginx nor Apache says safely which of them a caller has.
 */
export function ownDoor(requirement: OriginRequirement): OriginRequirement | null {
  const [first, ...more] = requirement.sites.flatMap(({ alsoTrust, ...site }) => ownSite(site, alsoTrust));
  const [address, ...others] = requirement.alsoListen;
  if (first === undefined || address === undefined) return null;
  return {
    ...requirement,
    sites: [first, ...more],
    openNames: [],
    listen: [address, ...others],
    listenHttp: [],
    alsoListen: [],
  };
}

function ownSite(site: Omit<Site, 'alsoTrust'>, bundle: ConfigPath | null): readonly Site[] {
  if (bundle === null) return [];
  return [
    {
      ...site,
      trust: { kind: 'zone', bundle },
      crl: site.alsoTrustCrl,
      mode: 'enforce',
      via: 'own',
      alsoTrust: null,
      alsoTrustCrl: null,
    },
  ];
}

/** The listeners of a configuration: the edge's, and that of the owner's own callers where there is one. */
export function doors(requirement: OriginRequirement): readonly OriginRequirement[] {
  const own = ownDoor(requirement);
  return own === null ? [requirement] : [requirement, own];
}
