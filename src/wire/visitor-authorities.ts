import { z } from 'zod';
import type { VisitorAuthorities } from '../domain/visitor-authorities.ts';
import { CERTIFICATE_PEM, HOST, SECOND, SHA256, TIME, type View } from './answer-fields.ts';
import { NAME, PEM, HOLDING, paging } from './schemas.ts';
import { moment, second } from './views.ts';

/** Whose certificates hostnames ask of their visitors, as lists come in and as they are shown. */

export const VISITOR_AUTHORITIES_BODY = z.strictObject({
  certificates: PEM.meta({
    description:
      'The CA certificates in PEM, one after the other: roots, and the intermediates that visitors come with.',
    examples: ['-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n'],
  }),
  name: NAME.nullish().meta({ description: 'What the list is called.', examples: ['staff'] }),
});

export const VISITOR_AUTHORITIES_LIST = z.strictObject({
  ...paging({ minimum: 1, maximum: 100, otherwise: 20 }),
  ...HOLDING,
});

const AUTHORITY = z.strictObject({
  subject: z.string().meta({ examples: ['CN=Staff CA'] }),
  issuer: z.string().meta({ examples: ['CN=Staff CA'] }),
  fingerprint: SHA256,
  expires_on: SECOND,
});

/** A list without its PEM. */
export const ASKED = z
  .strictObject({
    hostname: HOST.meta({ description: 'Where the list stands: the name itself, or a wildcard above it.' }),
    name: z.string().nullable(),
    authorities: z.array(AUTHORITY),
  })
  .meta({ id: 'AskedVisitors', description: 'Whose certificates visitors must show.' });

export const VISITOR_AUTHORITIES = z
  .strictObject({
    ...ASKED.shape,
    certificates: CERTIFICATE_PEM,
    created_on: TIME,
    modified_on: TIME,
  })
  .meta({
    id: 'VisitorAuthorities',
    description: 'The CAs whose certificates a hostname, or each name below a wildcard, asks of its visitors.',
  });

/** A list in short. */
export function askedView({ hostname, name, certificates }: VisitorAuthorities): View<typeof ASKED> {
  const authorities = certificates.map(({ subject, issuer, fingerprint, notAfter }) => {
    return { subject, issuer, fingerprint, expires_on: second(notAfter) };
  });
  return { hostname, name, authorities };
}

/** A list in full. */
export function visitorAuthoritiesView(list: VisitorAuthorities): View<typeof VISITOR_AUTHORITIES> {
  return {
    ...askedView(list),
    certificates: list.certificates.map(({ pem }) => pem).join(''),
    created_on: moment(list.createdAt),
    modified_on: moment(list.modifiedAt),
  };
}
