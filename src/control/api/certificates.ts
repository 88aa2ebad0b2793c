import type { ClientCertificate } from '../../domain/certificate.ts';
import { type CertificateDraft, sameCertificate } from '../../domain/certificate-changes.ts';
import { deploymentStatus } from '../../domain/deployment.ts';
import { certificateId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { isMoving } from '../../domain/rotation.ts';
import { keep } from '../../pki/kept-certificate.ts';
import type { Secret } from '../../pki/secret.ts';
import type { View } from '../../wire/answer-fields.ts';
import { type CERTIFICATE, certificateView } from '../../wire/certificate-views.ts';
import { isProblem } from '../../wire/commands.ts';
import { changed, commit, zoneMessages } from './committed.ts';
import { progress, type ZoneCall } from './route.ts';
import type { Answer } from './outcome.ts';
import { type ReadChain, readUpload } from './upload.ts';

type Level = ClientCertificate['level'];
type Shown = View<typeof CERTIFICATE>;

/**
 * What both levels that hold certificates do alike. The managed identity of a zone is readable by id, but nothing to list;
 * those for hostnames are, since hostnames name them as they name uploads.
 */

export function listCertificates(level: Level, call: ZoneCall): Answer<readonly Shown[]> {
  const { applied, now } = progress(call);
  const shown = [...call.zone.certificates.values()].filter(
    (certificate) =>
      certificate.level === level &&
      (certificate.source === 'uploaded' || level === 'hostname') &&
      !isMoving(call.zone.rotation, certificate.id) &&
      deploymentStatus(certificate.wish, applied, now) !== 'deleted',
  );
  return {
    kind: 'answer',
    result: shown.map((certificate) => certificateView(certificate, call.zone, { applied, now })),
  };
}

/** One certificate, alive or not: those that were deleted stay readable. */
export function showCertificate(level: Level, id: string, call: ZoneCall): Answer<Shown> | Problem {
  const certificate = find(level, id, call);
  if (isProblem(certificate)) return certificate;
  return { kind: 'answer', result: certificateView(certificate, call.zone, progress(call)) };
}

/** Takes a certificate and its key in; warnings about either are in the messages. */
export async function uploadCertificate(
  level: Level,
  body: { readonly certificate: string; readonly private_key: string },
  call: ZoneCall,
): Promise<Answer<Shown> | Problem> {
  const upload = readUpload(body, call.now);
  if (isProblem(upload)) return upload;
  const place = { kind: 'add_certificate', id: call.plane.newCertificateId(), level } as const;
  return takeIn({ ...place, sent: body.certificate, read: upload, key: upload.key }, call);
}

/** A certificate that was read, and how it comes into its zone. */
interface Incoming extends Pick<CertificateDraft, 'id' | 'level' | 'sent'> {
  readonly kind: 'add_certificate' | 'answer_certificate_request';
  readonly read: Pick<ReadChain, 'leaf' | 'chain' | 'warnings'>;
  /** Left out where it is here already. */
  readonly key?: Secret<string>;
}

/** Refuses what the Origin CA signed. */
export function underOriginCa(
  { leaf, chain }: Pick<ReadChain, 'leaf' | 'chain'>,
  { plane }: Pick<ZoneCall, 'plane'>,
): Problem | null {
  const isUnder = [leaf, ...chain].some(({ fingerprint }) => fingerprint === plane.originCa.fingerprint);
  // The zone's bundle holds the issuers of uploads, and whoever asks gets a certificate under this one.
  return isUnder
    ? problem('certificate_unfit', 'the Origin CA is for servers, never for clients', '/certificate')
    : null;
}

/** Puts a certificate into its zone, and answers it as it is there. */
export async function takeIn(
  { kind, id, level, sent, read: { leaf, chain, warnings }, key }: Incoming,
  call: ZoneCall,
): Promise<Answer<Shown> | Problem> {
  const refused = underOriginCa({ leaf, chain }, call);
  if (refused !== null) return refused;
  const draft = { id, level, source: 'uploaded', leaf: keep(leaf), chain, sent } as const;
  const committed = await commit(call, { kind, draft }, { key });
  if (isProblem(committed)) return committed;
  // One that had been deleted comes back under its old id.
  const stored = sameCertificate(committed.zone, level, leaf);
  if (stored === undefined) return problem('certificate_not_found', id);
  const view = certificateView(stored, committed.zone, progress(call));
  return changed(committed, view, [...warnings, ...zoneMessages(committed.zone)]);
}

export async function deleteCertificate(level: Level, id: string, call: ZoneCall): Promise<Answer<Shown> | Problem> {
  const certificate = find(level, id, call);
  if (isProblem(certificate)) return certificate;
  const committed = await commit(call, { kind: 'delete_certificate', level, id: certificate.id });
  if (isProblem(committed)) return committed;
  const gone = committed.zone.certificates.get(certificate.id) ?? certificate;
  return changed(committed, certificateView(gone, committed.zone, progress(call)));
}

function find(level: Level, text: string, { zone }: ZoneCall): ClientCertificate | Problem {
  const id = certificateId(text.toLowerCase());
  const certificate = id === null ? undefined : zone.certificates.get(id);
  return certificate?.level === level ? certificate : problem('certificate_not_found');
}
