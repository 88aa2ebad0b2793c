import type { z } from 'zod';
import { type CustomCertificate, customStatus, preferredFirst } from '../../domain/custom-certificate.ts';
import type { CustomCertificateDraft, PriorityWish } from '../../domain/custom-certificate-changes.ts';
import { type CertificateId, certificateId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import type { Zone } from '../../domain/zone.ts';
import type { Secret } from '../../pki/secret.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import { isProblem } from '../../wire/commands.ts';
import {
  CUSTOM_CERTIFICATE,
  CUSTOM_EDIT,
  CUSTOM_LIST,
  CUSTOM_UPLOAD,
  customCertificateView,
  PRIORITIES,
} from '../../wire/custom-certificates.ts';
import { type Message, remark } from '../../wire/messages.ts';
import { IN_ZONE_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { changed, commit } from './committed.ts';
import { heldPage, page } from './page.ts';
import { allOf, one, pageOf } from './returns.ts';
import { progress, type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';
import { readChain, readKeyOf, readUpload } from './upload.ts';

const PATH = '/client/v4/zones/:zone/custom_certificates';

export const CUSTOM_CERTIFICATE_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, query: CUSTOM_LIST },
    answers:
      'The server certificates uploaded for the visitors of this zone, in the order in which they are preferred.',
    returns: pageOf(CUSTOM_CERTIFICATE),
    handle: ({ query }, call) => {
      const { applied, now } = progress(call);
      const wanted = preferred(call.zone).filter(
        (one) => query.status === undefined || customStatus(one, applied, now) === query.status,
      );
      const held = heldPage(wanted, query, ({ id }, one) => id === one);
      return page(wanted, held, (one) => view(one, call));
    },
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: CUSTOM_UPLOAD },
    answers: 'Uploads a server certificate with its key. Visitors are shown it for the names it holds.',
    returns: one(CUSTOM_CERTIFICATE),
    handle: ({ body }, call) => upload(body, call),
  }),
  zoneRoute({
    method: 'PUT',
    path: `${PATH}/prioritize`,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: PRIORITIES },
    answers: 'Says which certificate is shown where several hold a name: the one with the highest number.',
    returns: allOf(CUSTOM_CERTIFICATE),
    handle: ({ body }, call) => prioritize(body.certificates, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'ssl:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One server certificate.',
    returns: one(CUSTOM_CERTIFICATE),
    handle: ({ params }, call) => {
      const found = find(params.id, call);
      return isProblem(found) ? found : { kind: 'answer', result: view(found, call) };
    },
  }),
  zoneRoute({
    method: 'PATCH',
    path: `${PATH}/:id`,
    permission: 'ssl:edit',
    takes: { params: IN_ZONE_PARAMS, body: CUSTOM_EDIT },
    answers: 'Puts another certificate in its place; the key may stay. One of type sni_custom gets a new id.',
    returns: one(CUSTOM_CERTIFICATE),
    handle: ({ params, body }, call) => replace(params.id, body, call),
  }),
  zoneRoute({
    method: 'DELETE',
    path: `${PATH}/:id`,
    permission: 'ssl:edit',
    takes: { params: IN_ZONE_PARAMS },
    answers:
      'Deletes a server certificate and its key. Its names are served with the next one, or that of the local CA.',
    returns: one(DELETED),
    handle: async ({ params }, call) => {
      const found = find(params.id, call);
      if (isProblem(found)) return found;
      const committed = await commit(call, { kind: 'delete_custom_certificate', id: found.id });
      return isProblem(committed) ? committed : changed(committed, { id: found.id });
    },
  }),
];

type Shown = View<typeof CUSTOM_CERTIFICATE>;

function view(certificate: CustomCertificate, call: ZoneCall): Shown {
  return customCertificateView(certificate, call.zone.id, progress(call));
}

function preferred(zone: Zone): readonly CustomCertificate[] {
  return preferredFirst(zone).flatMap((id) => zone.customCertificates.get(id) ?? []);
}

function find(text: string, { zone }: ZoneCall): CustomCertificate | Problem {
  const id = certificateId(text.toLowerCase());
  return (id === null ? undefined : zone.customCertificates.get(id)) ?? problem('certificate_not_found');
}

async function upload(body: z.output<typeof CUSTOM_UPLOAD>, call: ZoneCall): Promise<Answer<Shown> | Problem> {
  const read = readUpload(body, call.now, 'server');
  if (isProblem(read)) return read;
  const { leaf, chain, key } = read;
  const draft: CustomCertificateDraft = {
    id: call.plane.newCertificateId(),
    leaf,
    chain,
    sent: body.certificate,
    bundleMethod: body.bundle_method,
    type: body.type ?? 'legacy_custom',
  };
  const committed = await commit(call, { kind: 'add_custom_certificate', draft }, { key });
  const warnings = body.type === 'legacy_custom' ? [...read.warnings, remark('legacy_custom')] : read.warnings;
  return isProblem(committed) ? committed : answer(committed, draft.id, { call, warnings });
}

async function replace(
  text: string,
  body: z.output<typeof CUSTOM_EDIT>,
  call: ZoneCall,
): Promise<Answer<Shown> | Problem> {
  const was = find(text, call);
  if (isProblem(was)) return was;
  const next = replacement(was, body, call);
  if (isProblem(next)) return next;
  const { draft, key, warnings } = next;
  const command = { kind: 'replace_custom_certificate', id: was.id, over: was.leaf.fingerprint, draft } as const;
  const committed = await commit(call, command, { key: key ?? undefined });
  return isProblem(committed) ? committed : answer(committed, draft.id, { call, warnings });
}

interface Replacement {
  readonly kind: 'replacement';
  readonly draft: CustomCertificateDraft;
  /** `null` where the present key stays. */
  readonly key: Secret<string> | null;
  readonly warnings: readonly Message[];
}

/** What a PATCH makes of a certificate. A key that stays must belong to the new certificate as well. */
function replacement(
  was: CustomCertificate,
  body: z.output<typeof CUSTOM_EDIT>,
  { plane, now }: ZoneCall,
): Replacement | Problem {
  const { type } = was;
  const bundleMethod = body.bundle_method ?? was.bundleMethod;
  const key = body.private_key;
  if (body.certificate === undefined) {
    const read = key === undefined ? null : readKeyOf(key, was.leaf);
    if (read !== null && isProblem(read)) return read;
    return { kind: 'replacement', draft: { ...was, bundleMethod }, key: read, warnings: [] };
  }
  const read = readChain(body.certificate, now, 'server');
  if (isProblem(read)) return read;
  const { leaf, chain, warnings } = read;
  const own = key === undefined ? null : readKeyOf(key, leaf);
  if (own !== null && isProblem(own)) return own;
  if (own === null && leaf.spki !== was.leaf.spki) {
    return problem(
      'key_mismatch',
      'the certificate has another key than the one before, and none was sent',
      '/private_key',
    );
  }
  const id = type === 'sni_custom' ? plane.newCertificateId() : was.id;
  const draft = { id, leaf, chain, sent: body.certificate, bundleMethod, type };
  return { kind: 'replacement', draft, key: own, warnings };
}

async function prioritize(
  wanted: z.output<typeof PRIORITIES>['certificates'],
  call: ZoneCall,
): Promise<Answer<readonly Shown[]> | Problem> {
  const wishes: PriorityWish[] = [];
  for (const [index, { id: text, priority }] of wanted.entries()) {
    const id = certificateId(text.toLowerCase());
    if (id === null) return problem('certificate_not_found', '', `/certificates/${index}/id`);
    wishes.push({ id, priority });
  }
  const committed = await commit(call, { kind: 'prioritize_custom_certificates', wishes });
  if (isProblem(committed)) return committed;
  return changed(
    committed,
    preferred(committed.zone).map((one) => view(one, call)),
  );
}

function answer(
  committed: Exclude<Awaited<ReturnType<typeof commit>>, Problem>,
  id: CertificateId,
  { call, warnings }: { readonly call: ZoneCall; readonly warnings: readonly Message[] },
): Answer<Shown> | Problem {
  const stored = committed.zone.customCertificates.get(id);
  return stored === undefined ? problem('certificate_not_found', id) : changed(committed, view(stored, call), warnings);
}
