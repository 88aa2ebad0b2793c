import { type Hostname, type Instant, type ZoneId, zoneId } from '../../domain/ids.ts';
import type { BundleManifest } from '../../wire/bundle-manifest.ts';
import type { OriginRequest, OriginRequirement } from '../requirement.ts';
import { type SignedOpening, signedOpenings } from '../signed-openings.ts';
import { covers, type Site, type SiteRequest } from '../site.ts';

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
    const own = sites.filter((site) => site.zone === manifest.zone_name && site.trust.kind === 'zone');
    return signedOpenings(manifest).flatMap(({ hostname, until }) => {
      if (zone === null || now >= until) return [];
      return own.some((site) => answers(site, hostname)) ? [{ hostname, zone, until }] : [];
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
    return checked === undefined ? [site] : partedSite(site, checked, open);
  });
  return { ...request, sites: parted };
}

function partedSite(site: SiteRequest, checked: Site, open: readonly OpenHostname[]): readonly SiteRequest[] {
  if (checked.mode === 'watch') return [site];
  const opened = open.flatMap(({ hostname }) => (answers(checked, hostname) ? [hostname] : []));
  if (opened.length === 0) return [site];
  const shut = checked.hostnames.filter((name) => !opened.includes(name));
  // Which files are taken by default depends on the first name of a site.
  const { serverCert, serverKey } = checked;
  const parts = [
    { hostnames: opened, mode: 'watch' as const },
    ...(shut.length === 0 ? [] : [{ hostnames: shut, mode: 'enforce' as const }]),
  ];
  return parts.map((part) => ({ ...site, serverCert, serverKey, ...part }));
}

function answers({ hostnames }: Site, hostname: Hostname): boolean {
  return hostnames.some((name) => name === hostname || covers(name, hostname));
}
