import { type Hostname, type Instant, wildcardAbove, type ZoneId, zoneId } from '../../domain/ids.ts';
import type { BundleManifest } from '../../wire/bundle-manifest.ts';
import type { OriginRequest, OriginRequirement } from '../requirement.ts';
import { type SignedOpening, signedOpenings } from '../signed-openings.ts';
import type { Site, SiteRequest } from '../site.ts';

/** A hostname of this origin that is to be open for a while. */
export interface OpenHostname extends SignedOpening {
  readonly zone: ZoneId;
}

/** The hostnames of an origin whose locks are open now, by the word of manifests that hold. */
export function openHostnames(
  { sites }: OriginRequirement,
  manifests: readonly BundleManifest[],
  now: Instant,
): readonly OpenHostname[] {
  return manifests.flatMap((manifest) => {
    const zone = zoneId(manifest.zone);
    return signedOpenings(manifest).flatMap(({ hostname, until }) => {
      const site = siteOf(sites, hostname);
      const isOwn = site?.zone === manifest.zone_name && site.trust.kind === 'zone';
      return zone === null || now >= until || !isOwn ? [] : [{ hostname, zone, until }];
    });
  });
}

/**
 * The request with these hostnames watching instead of refusing. A site of several names is parted: what is asked for is one
 * name, and the others stay locked.
 */
export function openedRequest(
  request: OriginRequest,
  { sites }: OriginRequirement,
  open: readonly OpenHostname[],
): OriginRequest {
  const parted = request.sites.flatMap((site, index) => {
    const checked = sites[index];
    const opened = open.flatMap(({ hostname }) => (siteOf(sites, hostname) === checked ? [hostname] : []));
    return checked === undefined ? [site] : partedSite(site, checked, opened);
  });
  return { ...request, sites: parted };
}

function partedSite(site: SiteRequest, checked: Site, opened: readonly Hostname[]): readonly SiteRequest[] {
  if (checked.mode === 'watch' || opened.length === 0) return [site];
  const shut = checked.hostnames.filter((name) => !opened.includes(name));
  // Which files are taken by default depends on the first name of a site.
  const { serverCert, serverKey } = checked;
  const parts = [
    { hostnames: opened, mode: 'watch' as const },
    ...(shut.length === 0 ? [] : [{ hostnames: shut, mode: 'enforce' as const }]),
  ];
  return parts.map((part) => ({ ...site, serverCert, serverKey, ...part }));
}

/** The site that answers for a name: where it has a place of its own, or else the nearest wildcard above it. */
function siteOf(sites: readonly Site[], hostname: Hostname): Site | undefined {
  const named = (name: Hostname) => sites.find(({ hostnames }) => hostnames.includes(name));
  return named(hostname) ?? wildcardAbove(hostname, named);
}
