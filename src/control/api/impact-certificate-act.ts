import { certificateId } from '../../domain/ids.ts';
import type { Act } from '../../domain/impact.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { isProblem } from '../../wire/commands.ts';
import { shown } from '../../wire/faults.ts';
import type { ImpactBody } from '../../wire/impact.ts';
import { underOriginCa } from './certificates.ts';
import type { ZoneCall } from './route.ts';
import { readChain, readTrustedCa } from './upload.ts';
import { readAuthorities } from './visitor-authorities.ts';
import { typedPatternIn } from './typed-in-zone.ts';

type Body<Kind extends ImpactBody['kind']> = Extract<ImpactBody, { kind: Kind }>;
type CertificateBody = Body<
  | 'certificate_upload'
  | 'visitor_certificate_upload'
  | 'visitor_certificate_delete'
  | 'visitor_authorities_put'
  | 'visitor_authorities_delete'
  | 'trusted_ca_add'
  | 'trusted_ca_delete'
>;

/** What a body says somebody is about to do to certificates. Keys are not asked for: they change nothing of what follows. */
export function certificateAct(body: CertificateBody, call: ZoneCall): Act | Problem {
  switch (body.kind) {
    case 'certificate_upload':
      return upload(body, call);
    case 'visitor_certificate_upload':
      return visitorUpload(body, call);
    case 'visitor_certificate_delete': {
      const id = certificateId(body.cert_id.toLowerCase());
      if (id === null) return notFound(body.cert_id);
      return { kind: 'change', command: { kind: 'delete_custom_certificate', id } };
    }
    case 'visitor_authorities_put':
    case 'visitor_authorities_delete':
      return visitors(body, call);
    case 'trusted_ca_add': {
      const certificate = readTrustedCa(body.certificate, call.now);
      if (isProblem(certificate)) return certificate;
      const ca = { id: call.plane.newCertificateId(), certificate, sent: body.certificate, uploadedAt: call.now };
      return { kind: 'change', command: { kind: 'trust_ca', ca } };
    }
    case 'trusted_ca_delete': {
      const id = certificateId(body.cert_id.toLowerCase());
      if (id === null) return notFound(body.cert_id);
      return { kind: 'change', command: { kind: 'distrust_ca', id } };
    }
  }
}

function upload({ level, certificate, request }: Body<'certificate_upload'>, call: ZoneCall): Act | Problem {
  const read = readChain(certificate, call.now, 'client');
  if (isProblem(read)) return read;
  const refused = underOriginCa(read, call);
  if (refused !== null) return refused;
  const { leaf, chain } = read;
  const draft = { level, source: 'uploaded', leaf, chain, sent: certificate } as const;
  if (request === undefined) {
    const id = call.plane.newCertificateId();
    return { kind: 'change', command: { kind: 'add_certificate', draft: { ...draft, id } } };
  }
  const id = certificateId(request.toLowerCase());
  if (id === null) return problem('request_not_found', shown(request), '/request');
  return { kind: 'change', command: { kind: 'answer_certificate_request', draft: { ...draft, id } } };
}

function visitorUpload(
  { certificate, cert_id: replaced }: Body<'visitor_certificate_upload'>,
  { zone, plane, now }: ZoneCall,
): Act | Problem {
  const read = readChain(certificate, now, 'server');
  if (isProblem(read)) return read;
  const { leaf, chain } = read;
  const came = { leaf, chain, sent: certificate };
  if (replaced === undefined) {
    const draft = { ...came, id: plane.newCertificateId(), bundleMethod: 'ubiquitous', type: 'legacy_custom' } as const;
    return { kind: 'change', command: { kind: 'add_custom_certificate', draft } };
  }
  const id = certificateId(replaced.toLowerCase());
  const was = id === null ? undefined : zone.customCertificates.get(id);
  if (was === undefined) return notFound(replaced);
  const next = was.type === 'sni_custom' ? plane.newCertificateId() : was.id;
  const draft = { ...came, id: next, bundleMethod: was.bundleMethod, type: was.type };
  const over = was.leaf.fingerprint;
  return { kind: 'change', command: { kind: 'replace_custom_certificate', id: was.id, over, draft } };
}

function visitors(
  body: Body<'visitor_authorities_put' | 'visitor_authorities_delete'>,
  { zone, now }: ZoneCall,
): Act | Problem {
  const hostname = typedPatternIn(zone, body.hostname, '/hostname');
  if (isProblem(hostname)) return hostname;
  if (body.kind === 'visitor_authorities_delete') {
    return { kind: 'change', command: { kind: 'drop_visitor_authorities', hostname } };
  }
  const certificates = readAuthorities(body.certificates, now);
  if (isProblem(certificates)) return certificates;
  const name = zone.visitorAuthorities.get(hostname)?.name ?? null;
  return { kind: 'change', command: { kind: 'require_visitors', draft: { hostname, name, certificates } } };
}

function notFound(text: string): Problem {
  return problem('certificate_not_found', shown(text), '/cert_id');
}
