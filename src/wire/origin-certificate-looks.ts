import { z } from 'zod';
import type { X509Facts } from '../domain/certificate.ts';
import {
  CERTIFICATE_FAULTS,
  type CertificateFault,
  faultWords,
  type LookedOrigin,
  type ShownCertificates,
} from '../domain/shown-certificate.ts';
import type { Instant } from '../domain/ids.ts';
import { verifiesOrigins } from '../domain/settings.ts';
import { toldByOrigin, type Witness } from '../domain/told-certificate.ts';
import type { Zone } from '../domain/zone.ts';
import { CERTIFICATE_PEM, HOST, SECOND, SHA256, TIME, type View } from './answer-fields.ts';
import { NAME } from './schemas.ts';
import { TOLD_BY_ORIGIN, toldByOriginView } from './told-certificates.ts';
import { moment, second } from './views.ts';

/** What certificate the origins of a hostname show now, and whether the edge believes it. */

export const CERTIFICATE_LOOK_BODY = z.strictObject({ hostname: NAME.meta({ examples: ['www.example.test'] }) });

const FACTS = {
  subject: z.string().meta({ examples: ['CN=www.example.test'] }),
  issuer: z.string().meta({ examples: ['CN=Example Internal CA'] }),
  fingerprint: SHA256,
  expires_on: SECOND,
};

const CODES = Object.keys(CERTIFICATE_FAULTS) as readonly CertificateFault[];

const FAULT = z.strictObject({
  code: z.enum(CODES).meta({ description: 'Each by itself keeps the edge from pulling there (526).' }),
  text: z.string(),
  fix: z.string(),
});

const ORIGIN = z.strictObject({
  address: z.string().meta({ description: 'As the record has it.', examples: ['192.0.2.1'] }),
  port: z.int().meta({ examples: [443] }),
  server_name: HOST.meta({ description: 'What the edge asks for there, and what the certificate has to name.' }),
  believed: z
    .boolean()
    .nullable()
    .meta({ description: 'Whether the edge would believe it when it verifies; null where nothing was seen.' }),
  why: z.string().nullable().meta({ description: 'Why nothing was seen.' }),
  certificate: z
    .strictObject({ ...FACTS, begins_on: SECOND, names: z.array(z.string()).meta({ description: 'The first 20.' }) })
    .nullable(),
  faults: z.array(FAULT),
  offered: z
    .strictObject({
      kind: z.enum(['self_signed', 'sent']).meta({
        description: 'self_signed: the certificate itself. sent: the root that the origin sent along with it.',
      }),
      ...FACTS,
      certificate: CERTIFICATE_PEM,
    })
    .nullable()
    .meta({
      description:
        'What would have to be trusted, where the origin sent it and no edge trusts it. Whoever sits between could have sent it: unless the origin itself tells the same certificate, its fingerprint is to be compared with the one on the origin first.',
    }),
  wanted: z
    .string()
    .nullable()
    .meta({
      description: 'Subject of the CA certificate that would have to be trusted, where the origin did not send it.',
      examples: ['CN=Example Internal CA'],
    }),
  told_by_origin: TOLD_BY_ORIGIN.nullable().meta({
    description:
      'Whether the origin itself tells that it shows this certificate (`postern origin install --watch --stay`, `postern origin watch-report`); null where none was seen.',
  }),
});

const TRUSTED = z.strictObject({ subject: FACTS.subject, fingerprint: SHA256, expires_on: SECOND });

export const CERTIFICATE_LOOK = z
  .strictObject({
    hostname: HOST,
    looked_on: TIME,
    verifies: z.boolean().meta({ description: 'Whether the edge verifies origins in the present mode.' }),
    trusted: z
      .array(TRUSTED)
      .meta({ description: 'The CAs that count; where there are none, public ones and the Origin CA do.' }),
    origins: z.array(ORIGIN).meta({ description: 'The first 4 of the hostname.' }),
  })
  .meta({
    id: 'OriginCertificateLook',
    description: 'What the origins of a hostname show, and what stands against it.',
  });

export type CertificateLook = View<typeof CERTIFICATE_LOOK>;

/** The same as the API shows it. */
export function certificateLookView(
  { hostname, at, origins }: ShownCertificates,
  { zone, witnesses }: { readonly zone: Zone; readonly witnesses: readonly Witness[] },
): CertificateLook {
  const { ssl } = zone.settings;
  return {
    hostname,
    looked_on: moment(at),
    verifies: verifiesOrigins(ssl),
    trusted: [...zone.trustStore.values()].map(({ certificate }) => trustedView(certificate)),
    origins: origins.map((origin) => originView(origin, witnesses, at)),
  };
}

function originView(
  { place, showing }: LookedOrigin,
  witnesses: readonly Witness[],
  now: Instant,
): View<typeof ORIGIN> {
  const where = { address: place.address, port: place.port, server_name: place.serverName };
  if (showing.kind === 'unseen')
    return {
      ...where,
      believed: null,
      why: showing.why,
      certificate: null,
      faults: [],
      offered: null,
      wanted: null,
      told_by_origin: null,
    };
  const { certificate, faults, offered, wanted } = showing;
  return {
    ...where,
    believed: faults.length === 0,
    why: null,
    certificate: { ...factsView(certificate), begins_on: second(certificate.notBefore), names: certificate.dnsNames },
    faults: faults.map((fault) => ({
      code: fault.code,
      text: `${faultWords(fault)}.`,
      fix: CERTIFICATE_FAULTS[fault.code].fix,
    })),
    offered:
      offered === null
        ? null
        : { kind: offered.kind, ...factsView(offered.certificate), certificate: offered.certificate.pem },
    wanted,
    told_by_origin: toldByOriginView(toldByOrigin(certificate.fingerprint, witnesses, now)),
  };
}

function factsView({ subject, issuer, fingerprint, notAfter }: X509Facts) {
  return { subject, issuer, fingerprint, expires_on: second(notAfter) };
}

function trustedView({ subject, fingerprint, notAfter }: X509Facts): View<typeof TRUSTED> {
  return { subject, fingerprint, expires_on: second(notAfter) };
}
