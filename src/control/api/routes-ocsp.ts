import { z } from 'zod';
import { type Instant, zoneId } from '../../domain/ids.ts';
import { MAX_OCSP_REQUEST } from '../../pki/ocsp-request.ts';
import { ocspPath } from '../../wire/public-paths.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { bytes, file } from './returns.ts';
import { type Ground, publicRoute, type Route } from './route.ts';
import type { Document } from './outcome.ts';

const RESPONSE_TYPE = 'application/ocsp-response';
const RESPONSE = z.string().meta({ format: 'binary', description: 'A response in DER (RFC 6960 §4.2).' });
const REQUEST = { media: 'application/ocsp-request', most: MAX_OCSP_REQUEST };

const GET_PARAMS = z.object({
  ...ZONE_PARAMS.shape,
  request: z.string().meta({
    description: 'The request in base64, with %2F, %2B and %3D where that has /, + and = (RFC 6960 appendix A.1).',
  }),
});

/** Whether single certificates are revoked: RFC 6960, and its lightweight profile RFC 5019. */
export const OCSP_ROUTES: readonly Route[] = [
  publicRoute({
    method: 'POST',
    path: ocspPath(':zone'),
    takes: { params: ZONE_PARAMS, body: bytes(REQUEST) },
    bytes: REQUEST,
    answers:
      'Whether certificates of a zone are revoked (OCSP), signed by the CA that issued them. A nonce is repeated; what the CA did not issue is unknown.',
    returns: file(RESPONSE_TYPE, RESPONSE),
    handle: ({ params, body }, call) => respond(params.zone, body, call),
  }),
  publicRoute({
    method: 'GET',
    path: `${ocspPath(':zone')}/:request`,
    takes: { params: GET_PARAMS },
    answers: 'The same for a request in the path, which caches can keep.',
    returns: file(RESPONSE_TYPE, RESPONSE),
    handle: ({ params }, call) => respond(params.zone, Buffer.from(params.request, 'base64'), call),
  }),
];

async function respond(zone: string, der: Uint8Array, call: Ground): Promise<Document> {
  const id = zoneId(zone.toLowerCase());
  const { der: text, freshUntil } = await call.plane.ocspResponse(id, der);
  return {
    kind: 'document',
    status: 200,
    headers: { 'content-type': RESPONSE_TYPE, ...fresh(freshUntil, call) },
    text,
  };
}

function fresh(until: Instant | null, { now }: Ground): Document['headers'] {
  const seconds = until === null ? 0 : Math.floor((until - now) / 1000);
  return seconds <= 0 ? {} : { 'cache-control': `public, max-age=${seconds}, must-revalidate` };
}
