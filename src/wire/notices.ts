import { z } from 'zod';
import { DELIVERY_FAILURES, type Delivery, type DeliveryFailure, deliveryState } from '../domain/delivery.ts';
import { NOTICE_KINDS, type Notice, type NoticeCode, SEVERITIES, TOLD_CODES } from '../domain/notice.ts';
import type { NoticeChannel } from '../domain/notice-channel.ts';
import { HOST, ID, TIME, type View } from './answer-fields.ts';
import { ORIGIN_NAME, originNameView } from './rotations.ts';
import { FLAG, list, NAME, oneOf, text } from './schemas.ts';
import { moment } from './views.ts';

/** Notices, and the channels that they go out by. */

const CODES = Object.keys(NOTICE_KINDS) as [NoticeCode, ...NoticeCode[]];
const FAILURES = Object.keys(DELIVERY_FAILURES) as [DeliveryFailure, ...DeliveryFailure[]];

export const NOTICE = z
  .strictObject({
    id: ID,
    at: TIME,
    code: z.enum(CODES).meta({ examples: ['certificate_ending'] }),
    severity: z.enum(SEVERITIES),
    text: z.string().meta({ description: 'What such a notice says.' }),
    detail: z.string().meta({
      description: 'What there is to say of this case.',
      examples: ['CN=pulls ends on 2031-01-31, in 14 days'],
    }),
    fix: z.string().meta({ description: 'What to do; empty where there is nothing to do.' }),
    zone: z
      .strictObject({ id: ID, name: HOST.meta({ examples: ['example.test'] }) })
      .nullable()
      .meta({ description: 'null for what is about the whole installation.' }),
    account: ID.nullable(),
    about: z.strictObject({
      certificate: z.string().nullable().meta({ description: "Its id; of the Origin CA's its serial number." }),
      fingerprint: z.string().nullable(),
      subject: z.string().nullable(),
      hostnames: z.array(HOST).meta({ description: 'The first twenty.' }),
      origin: ORIGIN_NAME.nullable(),
      rotation: ID.nullable(),
      expires_on: TIME.nullable(),
    }),
  })
  .meta({ id: 'Notice', description: 'Something that people are told, once.' });

/** A notice as the API, webhooks and listeners get it. */
export function noticeView({ id, at, code, severity, zone, about, detail }: Notice): View<typeof NOTICE> {
  const { text: words, fix } = NOTICE_KINDS[code];
  const { certificate, fingerprint, subject, hostnames, origin, rotation, endsAt } = about;
  return {
    id,
    at: moment(at),
    code,
    severity,
    text: words,
    detail,
    fix,
    zone: zone === null ? null : { id: zone.id, name: zone.name },
    account: zone?.account ?? null,
    about: {
      certificate,
      fingerprint,
      subject,
      hostnames,
      origin: origin === null ? null : originNameView(origin),
      rotation,
      expires_on: endsAt === null ? null : moment(endsAt),
    },
  };
}

const PLACES = z.union([z.literal('all'), z.array(NAME).max(100, { error: 'must have at most 100 entries' })], {
  error: 'must be "all" or an array of ids or names',
});

// RFC 3986 sets no limit; what is longer than this is a slip.
const URL_TEXT = text(2048).meta({ examples: ['https://hooks.example.test/postern'] });
const EMAIL = z
  .email({ error: 'must be an e-mail address' })
  .max(254, { error: 'must have at most 254 characters' })
  .meta({ examples: ['ops@example.test'] });

const FILTERS = {
  severity: oneOf(SEVERITIES).optional().meta({ description: 'Only what matters at least so much; else warning.' }),
  codes: list(oneOf(TOLD_CODES), `of ${TOLD_CODES.join(', ')}`, TOLD_CODES.length)
    .nullable()
    .optional()
    .meta({ description: 'Only such notices; null for all.' }),
  zones: PLACES.optional().meta({ description: 'Only about these; else all that the token sees.' }),
  accounts: PLACES.optional(),
  enabled: FLAG.optional(),
};

export const CHANNEL_DRAFT = z.strictObject({
  name: NAME.meta({ examples: ['ops'] }),
  kind: oneOf(['webhook', 'email']),
  url: URL_TEXT.optional().meta({ description: 'Of a webhook.' }),
  to: EMAIL.optional().meta({ description: 'Whom mail goes to.' }),
  ...FILTERS,
});
export type ChannelBody = z.output<typeof CHANNEL_DRAFT>;

export const CHANNEL_EDIT = z.strictObject({
  name: NAME.optional().meta({ examples: ['ops'] }),
  url: URL_TEXT.optional(),
  to: EMAIL.optional(),
  ...FILTERS,
});
export type ChannelEdit = z.output<typeof CHANNEL_EDIT>;

export const CHANNEL = z
  .strictObject({
    id: ID,
    name: z.string().meta({ examples: ['ops'] }),
    kind: z.enum(['webhook', 'email']),
    url: z.string().nullable(),
    to: z.string().nullable(),
    enabled: z.boolean(),
    severity: z.enum(SEVERITIES),
    codes: z.array(z.enum(CODES)).nullable().meta({ description: 'null for all.' }),
    zones: z.union([z.literal('all'), z.array(ID)]),
    accounts: z.union([z.literal('all'), z.array(ID)]),
    created_on: TIME,
    modified_on: TIME,
  })
  .meta({ id: 'NoticeChannel', description: 'A way out for notices.' });

export const CHANNEL_WITH_SECRET = z
  .strictObject({
    ...CHANNEL.shape,
    secret: z
      .string()
      .nullable()
      .meta({ description: 'What its notices are signed with, shown this once; null for mail.' }),
  })
  .meta({ id: 'NoticeChannelWithSecret', description: 'A channel that was made, or got another secret.' });

/** A channel as the API shows it. */
export function channelView(channel: NoticeChannel): View<typeof CHANNEL> {
  const { id, name, target, enabled, least, codes, zones, accounts, createdAt, modifiedAt } = channel;
  return {
    id,
    name,
    kind: target.kind,
    url: target.kind === 'webhook' ? target.url : null,
    to: target.kind === 'email' ? target.to : null,
    enabled,
    severity: least,
    codes: codes.length === 0 ? null : codes,
    zones,
    accounts,
    created_on: moment(createdAt),
    modified_on: moment(modifiedAt),
  };
}

export const DELIVERY = z
  .strictObject({
    id: ID.meta({ description: 'What a webhook gets as webhook-id, the same at each attempt.' }),
    created_on: TIME,
    state: z.enum(['waiting', 'delivered', 'failed']),
    notices: z.array(ID),
    next_attempt_on: TIME.nullable(),
    attempts: z.array(
      z.strictObject({
        at: TIME,
        status: z
          .int()
          .nullable()
          .meta({ description: 'Of HTTP or SMTP.', examples: [204] }),
        failure: z.enum(FAILURES).nullable(),
        text: z.string().nullable().meta({ description: 'What went wrong.' }),
      }),
    ),
  })
  .meta({ id: 'NoticeDelivery', description: 'Notices on their way through one channel.' });

/** A delivery with its history. */
export function deliveryView(delivery: Delivery): View<typeof DELIVERY> {
  const { id, createdAt, notices, attempts, nextAt } = delivery;
  return {
    id,
    created_on: moment(createdAt),
    state: deliveryState(delivery),
    notices,
    next_attempt_on: nextAt === null ? null : moment(nextAt),
    attempts: attempts.map(({ at, status, failure }) => ({
      at: moment(at),
      status,
      failure,
      text: failure === null ? null : DELIVERY_FAILURES[failure].text,
    })),
  };
}
