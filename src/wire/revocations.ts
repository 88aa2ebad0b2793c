import { z } from 'zod';
import { REVOCATION_REASONS, type Revocation, type RevocationReason } from '../domain/revocation.ts';
import { CERTIFICATE_ID, SECOND, SHA256, TIME, type View } from './answer-fields.ts';
import { FLAG, paging, text } from './schemas.ts';
import { moment, second } from './views.ts';

/** The reasons, in the order of their codes. */
export const REASONS = Object.keys(REVOCATION_REASONS) as [RevocationReason, ...RevocationReason[]];

const REASON = z
  .enum(REASONS, {
    error: `must be one of ${REASONS.join(', ')}. A revocation is for good: certificateHold and removeFromCRL are not offered`,
  })
  .meta({ description: 'Why (RFC 5280 §5.3.1); it stands on the list. For good: there is no removeFromCRL.' });

const MOST_OCTETS = 20;

export const REVOCATION_BODY = z.strictObject({
  certificate_id: text(100)
    .optional()
    .meta({ description: 'The id of a certificate of the zone. Either this or serial.' }),
  serial: text(100)
    .optional()
    .meta({
      description:
        'The serial number of a certificate that the CA of the zone issued: decimal, or hexadecimal with 0x before it, with colons, or with letters in it.',
      examples: ['0x4a3f9c0d11e24b6a8f7e5d3c2b1a0987'],
    }),
  reason: REASON.optional().meta({ default: 'unspecified' }),
  force: FLAG.optional().meta({
    description: 'Also where the zone presents it now: then its pulls are refused until there is another one.',
    default: false,
  }),
});

export const REVOCATION_LIST = z.strictObject(paging({ minimum: 1, maximum: 1000, otherwise: 100 }));

export const REVOCATION = z
  .strictObject({
    serial_number: z
      .string()
      .regex(/^\d+$/)
      .meta({ description: 'Decimal.', examples: ['98685326219484127236416539264120523143'] }),
    serial: z
      .string()
      .regex(/^[0-9a-f]+$/)
      .meta({ description: 'The same in hexadecimal.', examples: ['4a3f9c0d11e24b6a8f7e5d3c2b1a0987'] }),
    issuer: SHA256.meta({ description: 'The certificate of the CA that issued it.' }),
    certificate_id: CERTIFICATE_ID.nullable().meta({ description: 'null where only the number is known.' }),
    subject: z
      .string()
      .nullable()
      .meta({ examples: ['CN=pull identity'] }),
    reason: z.enum(REASONS),
    revoked_on: TIME,
    expires_on: SECOND.meta({ description: 'Its end, or where only the number is known that of its CA.' }),
  })
  .meta({ id: 'Revocation', description: 'A certificate that a CA of the zone has revoked.' });

/** A revocation as the API shows it. */
export function revocationView(revocation: Revocation): View<typeof REVOCATION> {
  const { serial, issuer, certificate, subject, reason, at, notAfter } = revocation;
  const facts = {
    serial_number: BigInt(`0x${serial}`).toString(),
    serial,
    issuer,
    certificate_id: certificate,
    subject,
  };
  return { ...facts, reason, revoked_on: moment(at), expires_on: second(notAfter) };
}

/** A serial number that somebody typed, as certificates' facts have it; `null` where it is none (RFC 5280 §4.1.2.2). */
export function typedSerial(typed: string): string | null {
  const plain = typed.trim().toLowerCase();
  const isHex = /^0x|:|[a-f]/.test(plain);
  const digits = plain.replace(/^0x/, '').replaceAll(':', '');
  if (!(isHex ? /^[0-9a-f]+$/ : /^\d+$/).test(digits)) return null;
  const hex = (isHex ? digits : BigInt(digits).toString(16)).replace(/^0+/, '');
  return hex === '' || hex.length > 2 * MOST_OCTETS ? null : hex;
}
