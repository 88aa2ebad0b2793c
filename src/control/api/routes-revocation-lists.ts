import { createHash } from 'node:crypto';
import { z } from 'zod';
import { fingerprint, type Instant, zoneId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problems.ts';
import type { Zone } from '../../domain/zone.ts';
import { isProblem } from '../../wire/commands.ts';
import { caListPath, zoneListsPath } from '../../wire/public-paths.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { cacheable, digestFields } from './cacheable.ts';
import { file } from './returns.ts';
import { type Ground, publicRoute, type Route } from './route.ts';
import type { Document } from './outcome.ts';

/** Where the lists of the shared authority are served. */
const SHARED_LISTS = '/ssl/static/authenticated_origin_pull_ca.crl';

/** As RFC 5280 §4.2.1.13 wants it of what a certificate points to. */
const DER_TYPE = 'application/pkix-crl';
const PEM_TYPE = 'application/x-pem-file';
const DER_LIST = z.string().meta({ format: 'binary', description: 'One list in DER (RFC 5280 §5).' });
const MAX_AGE = 300;

const CA_PARAMS = z.object({
  ...ZONE_PARAMS.shape,
  issuer: z.string().meta({ description: 'SHA-256 of the certificate of the CA, hexadecimal.' }),
});

/** What origins and others learn about certificates that are revoked. */
export const REVOCATION_LIST_ROUTES: readonly Route[] = [
  publicRoute({
    method: 'GET',
    path: SHARED_LISTS,
    takes: {},
    answers: 'The revocation lists of the authority that all zones share, in PEM: of its root and of its intermediate.',
    returns: file(PEM_TYPE),
    precondition: 'if-none-match',
    handle: (_, call) => pem(null, call),
  }),
  publicRoute({
    method: 'GET',
    path: zoneListsPath(':zone'),
    takes: { params: ZONE_PARAMS },
    answers:
      'The revocation lists of all CAs of a zone, in PEM: what nginx (ssl_crl) and Apache (SSLCARevocationFile) take.',
    returns: file(PEM_TYPE),
    precondition: 'if-none-match',
    handle: ({ params }, call) => {
      const zone = zoneNamed(params.zone, call);
      return zone === undefined ? NO_SUCH_LIST : pem(zone, call);
    },
  }),
  publicRoute({
    method: 'GET',
    path: caListPath(':zone', ':issuer'),
    takes: { params: CA_PARAMS },
    answers: 'The revocation list of one CA of a zone, in DER: where the certificates that it issued point to.',
    returns: file(DER_TYPE, DER_LIST),
    precondition: 'if-none-match',
    handle: ({ params }, call) => {
      const [zone, issuer] = [zoneNamed(params.zone, call), fingerprint(params.issuer)];
      return zone === undefined || issuer === null ? NO_SUCH_LIST : der(zone, issuer, call);
    },
  }),
];

function zoneNamed(text: string, { plane }: Ground): Zone | undefined {
  const id = zoneId(text.toLowerCase());
  return id === null ? undefined : plane.zones.get(id);
}

async function pem(zone: Zone | null, call: Ground): Promise<Document | Problem> {
  const published = await call.plane.revocationLists(zone);
  if (isProblem(published)) return published;
  const { pem: text, sha256, lists, missing } = published;
  const found = list(text, sha256, { type: PEM_TYPE, ends: lists.map(({ nextUpdate }) => nextUpdate), call });
  if (missing.length === 0) return found;
  const headers = { ...found.headers, 'postern-missing-lists': missing.map(({ fingerprint }) => fingerprint).join() };
  return { ...found, headers };
}

async function der(zone: Zone, issuer: NonNullable<ReturnType<typeof fingerprint>>, call: Ground) {
  const found = await call.plane.revocationList(zone, issuer);
  if (found === null) return NO_SUCH_LIST;
  if (isProblem(found)) return found;
  const sha256 = createHash('sha256').update(found.der).digest('hex');
  return list(found.der, sha256, { type: DER_TYPE, ends: [found.nextUpdate], call });
}

interface Served {
  readonly type: string;
  /** When the lists in it end. */
  readonly ends: readonly Instant[];
  readonly call: Ground;
}

function list(content: string | Buffer, sha256: string, { type, ends, call }: Served): Document {
  // A cache must not keep a list past its end: servers would refuse everybody.
  const left = Math.floor((Math.min(...ends) - call.now) / 1000);
  const age = Math.max(0, Math.min(MAX_AGE, left));
  const headers = { ...digestFields(sha256), 'cache-control': `public, max-age=${age}, must-revalidate` };
  return cacheable(content, `"${sha256}"`, type, { call, headers });
}

const NO_SUCH_LIST: Document = {
  kind: 'document',
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  text: `No such list. Those of a zone are at ${zoneListsPath('<zone id>')}, one alone at ${caListPath('<zone id>', '<fingerprint of the CA>')}.\n`,
};
