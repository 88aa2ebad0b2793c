import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { CertificateRequest } from '../../domain/certificate-request.ts';
import { certificateId } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { writeCertificationRequest } from '../../pki/csr.ts';
import { generateKey, publicSpki } from '../../pki/keys.ts';
import { PkiError } from '../../pki/pki-error.ts';
import { zoneUri } from '../../pki/zone-authority.ts';
import { DELETED, type View } from '../../wire/answer-fields.ts';
import {
  CERTIFICATE_REQUEST,
  CERTIFICATE_REQUEST_ANSWER,
  CERTIFICATE_REQUEST_BODY,
  CERTIFICATE_REQUEST_LIST,
  certificateRequestView,
} from '../../wire/certificate-requests.ts';
import { CERTIFICATE } from '../../wire/certificate-views.ts';
import { isProblem } from '../../wire/commands.ts';
import { IN_ZONE_PARAMS, ZONE_PARAMS } from '../../wire/schemas.ts';
import { takeIn } from './certificates.ts';
import { changed, commit } from './committed.ts';
import { page } from './page.ts';
import { one, pageOf } from './returns.ts';
import { type Route, type ZoneCall, zoneRoute } from './route.ts';
import type { Answer } from './outcome.ts';
import { typedNames } from './typed-names.ts';
import { readChain } from './upload.ts';

const PATH = '/postern/v1/zones/:zone/certificate_requests';

export const CERTIFICATE_REQUEST_ROUTES: readonly Route[] = [
  zoneRoute({
    method: 'GET',
    path: PATH,
    permission: 'ssl:read',
    takes: { params: ZONE_PARAMS, query: CERTIFICATE_REQUEST_LIST },
    answers: 'The certificate requests of a zone that wait for an answer.',
    returns: pageOf(CERTIFICATE_REQUEST),
    handle: ({ query }, { zone }) => page([...zone.certificateRequests.values()], query, certificateRequestView),
  }),
  zoneRoute({
    method: 'POST',
    path: PATH,
    permission: 'ssl:edit',
    takes: { params: ZONE_PARAMS, body: CERTIFICATE_REQUEST_BODY },
    answers: 'Makes a key that never leaves Postern, and a request (PKCS#10) that a CA of your own can sign.',
    returns: one(CERTIFICATE_REQUEST),
    handle: ({ body }, call) => make(body, call),
  }),
  zoneRoute({
    method: 'GET',
    path: `${PATH}/:id`,
    permission: 'ssl:read',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'One certificate request with its text in PEM. Never a key.',
    returns: one(CERTIFICATE_REQUEST),
    handle: ({ params }, call) => {
      const found = find(params.id, call);
      return isProblem(found) ? found : { kind: 'answer', result: certificateRequestView(found) };
    },
  }),
  zoneRoute({
    method: 'DELETE',
    path: `${PATH}/:id`,
    permission: 'ssl:edit',
    takes: { params: IN_ZONE_PARAMS },
    answers: 'Takes a certificate request back: its key is destroyed, and a certificate for it is of no use any more.',
    returns: one(DELETED),
    handle: async ({ params }, call) => {
      const found = find(params.id, call);
      if (isProblem(found)) return found;
      const committed = await commit(call, { kind: 'withdraw_certificate_request', id: found.id });
      return isProblem(committed) ? committed : changed(committed, { id: found.id });
    },
  }),
  zoneRoute({
    method: 'POST',
    path: `${PATH}/:id/certificate`,
    permission: 'ssl:edit',
    takes: { params: IN_ZONE_PARAMS, body: CERTIFICATE_REQUEST_ANSWER },
    answers: 'The certificate that your CA made of a request. From then on it is an uploaded one, under the same id.',
    returns: one(CERTIFICATE),
    handle: ({ params, body }, call) => answer(params.id, body.certificate, call),
  }),
];

function find(text: string, { zone }: ZoneCall): CertificateRequest | Problem {
  const id = certificateId(text.toLowerCase());
  return (id === null ? undefined : zone.certificateRequests.get(id)) ?? problem('request_not_found');
}

async function make(
  body: z.output<typeof CERTIFICATE_REQUEST_BODY>,
  call: ZoneCall,
): Promise<Answer<View<typeof CERTIFICATE_REQUEST>> | Problem> {
  const { zone, plane, now } = call;
  const hostnames = typedNames(body.hostnames ?? [], '/hostnames');
  if (isProblem(hostnames)) return hostnames;
  const { level = 'zone', key_type: keyType = 'ec:P-256', common_name: commonName = zone.name } = body;
  const key = await generateKey(keyType);
  const uri = { kind: 'uri', value: zoneUri(plane.installation.host, zone.id) } as const;
  const names = [uri, ...hostnames.map((value) => ({ kind: 'dns', value }) as const)];
  const pem = written(() => writeCertificationRequest({ subject: { commonName }, names, key }));
  if (isProblem(pem)) return pem;
  const spki = createHash('sha256').update(publicSpki(key)).digest('hex');
  const facts = { level, keyType, spki, commonName, hostnames, pem } as const;
  const request: CertificateRequest = { id: plane.newCertificateId(), ...facts, createdAt: now };
  const committed = await commit(call, { kind: 'request_certificate', request }, { key });
  return isProblem(committed) ? committed : changed(committed, certificateRequestView(request));
}

function written(write: () => string): string | Problem {
  try {
    return write();
  } catch (error) {
    if (error instanceof PkiError) return problem('bad_body', error.message, '/common_name');
    throw error;
  }
}

async function answer(
  text: string,
  certificate: string,
  call: ZoneCall,
): Promise<Answer<View<typeof CERTIFICATE>> | Problem> {
  const request = find(text, call);
  if (isProblem(request)) return request;
  const read = readChain(certificate, call.now, 'client');
  if (isProblem(read)) return read;
  const { id, level } = request;
  return takeIn({ kind: 'answer_certificate_request', id, level, sent: certificate, read }, call);
}
