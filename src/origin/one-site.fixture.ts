import type { OriginRequest } from './requirement.ts';
import type { SiteRequest } from './site.ts';

/** A request for one site alone, with its fields beside those of the server. */
export type OneSiteRequest = Omit<OriginRequest, 'sites'> & SiteRequest;

/** The request with its one site where sites belong. */
export function oneSite(request: OneSiteRequest): OriginRequest {
  const { zone, hostnames, bundle, crl, upstream, root, mode, verifiedHeader, alsoTrust, alsoTrustCrl, ...server } =
    request;
  const own = { alsoTrust, alsoTrustCrl };
  return { sites: [{ zone, hostnames, bundle, crl, upstream, root, mode, verifiedHeader, ...own }], ...server };
}
