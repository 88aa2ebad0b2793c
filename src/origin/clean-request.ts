import { claimsCertificate, claimsVisitor } from '../http1/identity-fields.ts';
import { foldedName } from '../http1/sent-on.ts';
import type { NodeRequest } from './asked-host.ts';

/**
 * Takes fields out of a request before the application sees it, in every spelling that CGI and its heirs take for the same:
 * all that claim an identity, or only `field`. In place, since frameworks hold on to Node's own request.
 */
export function removeClaims(request: NodeRequest, which: 'all' | { readonly field: string }): void {
  const isClaim = which === 'all' ? claimsAnything : sameAs(which.field);
  const { headers, rawHeaders } = request;
  for (const name of Object.keys(headers)) {
    if (!name.startsWith(':') && isClaim(foldedName(name))) delete headers[name];
  }
  for (let at = rawHeaders.length - 2; at >= 0; at -= 2) {
    const name = rawHeaders[at] ?? '';
    if (!name.startsWith(':') && isClaim(foldedName(name))) rawHeaders.splice(at, 2);
  }
}

function claimsAnything(folded: string): boolean {
  return claimsVisitor(folded) || claimsCertificate(folded);
}

function sameAs(field: string): (folded: string) => boolean {
  const wanted = foldedName(field);
  return (folded) => folded === wanted;
}
