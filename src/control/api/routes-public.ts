import { z } from 'zod';
import { zoneId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problems.ts';
import { bundleSha256 } from '../../pki/bundle.ts';
import { BUNDLE_MANIFEST } from '../../wire/bundle-manifest-schema.ts';
import { isProblem } from '../../wire/commands.ts';
import { zoneBundlePath, zoneManifestPath, zoneSignaturePath } from '../../wire/public-paths.ts';
import { ZONE_PARAMS } from '../../wire/schemas.ts';
import { cacheable, digestFields } from './cacheable.ts';
import { file } from './returns.ts';
import { type Ground, publicRoute, type Route } from './route.ts';
import type { Document } from './outcome.ts';
import { OCSP_ROUTES } from './routes-ocsp.ts';
import { REVOCATION_LIST_ROUTES } from './routes-revocation-lists.ts';

export const SHARED_BUNDLE = '/ssl/static/authenticated_origin_pull_ca.pem';

const ORIGIN_CA_ROOT = '/ssl/static/origin_ca_ecc_root.pem';

const PEM_TYPE = 'application/x-pem-file';

const HEALTH = z.strictObject({ ok: z.literal(true) }).meta({ id: 'Health', description: 'That the API answers.' });

export const PUBLIC_ROUTES: readonly Route[] = [
  publicRoute({
    method: 'GET',
    path: SHARED_BUNDLE,
    takes: {},
    answers: 'What origins trust under the global level, in PEM. It lets in every zone of this installation.',
    returns: file(PEM_TYPE),
    precondition: 'if-none-match',
    handle: (_, call) => bundle(call.plane.bundle(null), call),
  }),
  publicRoute({
    method: 'GET',
    path: zoneBundlePath(':zone'),
    takes: { params: ZONE_PARAMS },
    answers: 'What origins of this zone trust, in PEM. It lets in no other zone.',
    returns: file(PEM_TYPE),
    precondition: 'if-none-match',
    handle: ({ params }, call) => {
      const id = zoneId(params.zone.toLowerCase());
      const zone = id === null ? undefined : call.plane.zones.get(id);
      return zone === undefined ? NO_SUCH_ZONE : bundle(call.plane.bundle(zone), call);
    },
  }),
  ...REVOCATION_LIST_ROUTES,
  ...OCSP_ROUTES,
  publicRoute({
    method: 'GET',
    path: zoneManifestPath(':zone'),
    takes: { params: ZONE_PARAMS },
    answers:
      'What is said of the bundle of a zone: version, SHA-256, when it expires, and when a CA leaves it. Signed: see the next call.',
    returns: file('application/json', BUNDLE_MANIFEST),
    precondition: 'if-none-match',
    handle: ({ params }, call) => manifest(params.zone, call, 'text'),
  }),
  publicRoute({
    method: 'GET',
    path: zoneSignaturePath(':zone'),
    takes: { params: ZONE_PARAMS },
    answers:
      'The detached signature of that text (CMS, RFC 5652) in PEM. Who has a bundle of the zone can verify it without asking anybody: its certificate stands below the root.',
    returns: file(PEM_TYPE),
    precondition: 'if-none-match',
    handle: ({ params }, call) => manifest(params.zone, call, 'signature'),
  }),
  publicRoute({
    method: 'GET',
    path: ORIGIN_CA_ROOT,
    takes: {},
    answers: 'The root of the Origin CA, in PEM: who signs the certificates of origins. Never trust it for clients.',
    returns: file(PEM_TYPE),
    precondition: 'if-none-match',
    handle: (_, call) => bundle(call.plane.originCa.pem, call),
  }),
  publicRoute({
    method: 'GET',
    path: '/healthz',
    takes: {},
    answers: 'That the API answers.',
    returns: file('application/json', HEALTH),
    handle: () => ({
      kind: 'document',
      status: 200,
      headers: { 'content-type': 'application/json' },
      text: '{"ok":true}',
    }),
  }),
];

async function manifest(text: string, call: Ground, which: 'text' | 'signature'): Promise<Document | Problem> {
  const id = zoneId(text.toLowerCase());
  const zone = id === null ? undefined : call.plane.zones.get(id);
  if (zone === undefined) return NO_SUCH_ZONE;
  const signed = await call.plane.bundleManifest(zone);
  if (isProblem(signed)) return signed;
  // The signature's tag is that of what it signs: the two belong together.
  const type = which === 'text' ? 'application/json' : PEM_TYPE;
  return cacheable(signed[which], `"${signed.sha256}-${which}"`, type, { call });
}

const NO_SUCH_ZONE: Document = {
  kind: 'document',
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  text: 'No such zone. The path is /ssl/static/zones/<zone id>/authenticated_origin_pull_ca.pem.\n',
};

/** A bundle with what an installer needs to know that it has all of it, and that nothing has changed. */
function bundle(text: string, call: Ground): Document {
  const sha256 = bundleSha256(text);
  return cacheable(text, `"${sha256}"`, 'application/x-pem-file', { call, headers: digestFields(sha256) });
}
