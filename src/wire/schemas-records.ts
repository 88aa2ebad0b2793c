import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import { RECORD_TYPES } from '../domain/record.ts';
import { typedHostname } from './names.ts';
import { DIRECTION, FILTER, FLAG, MATCH, NAME, oneOf, paging, text, wholeNumber } from './schemas.ts';

const MAX_PER_PAGE = 5_000_000;

const TTL_RULE = 'must be 1 (automatic) or a whole number of seconds from 60 to 86400';
const TTL = z
  .int({ error: TTL_RULE })
  .refine((seconds) => seconds === 1 || (seconds >= 60 && seconds <= 86_400), { error: TTL_RULE });

const PORT = wholeNumber(1, 65_535);

/**
 * Postern's addition to Cloudflare's record. Only checked here, not rewritten: it is answered as it was sent.
 */
export const ORIGIN = z.object(
  {
    https_port: PORT.optional(),
    http_port: PORT.optional(),
    server_name: NAME.refine((name) => typedHostname(name) !== null, {
      error: 'must be a hostname: it is the SNI and the name that is verified',
    }).nullish(),
    host_header: NAME.refine(isHostField, { error: 'must be a host with an optional port' }).nullish(),
    http2: FLAG.optional().meta({ description: 'Whether pulls over TLS offer HTTP/2; the origin chooses.' }),
  },
  { error: 'must be an object such as {"https_port": 8443, "server_name": "origin.example.test"}' },
);

export type OriginBody = z.output<typeof ORIGIN>;

const fields = {
  name: NAME.meta({ description: 'In full, one label below the zone, or @ for the zone itself.', examples: ['www'] }),
  type: oneOf(RECORD_TYPES),
  content: NAME.meta({ description: 'The address of the origin, or for CNAME its name.', examples: ['192.0.2.1'] }),
  ttl: TTL.optional().meta({ description: 'Seconds from 60 to 86400; 1 is automatic.' }),
  proxied: FLAG.nullish().meta({ description: 'Whether the edge serves the name.' }),
  comment: text(500).nullish(),
  origin: ORIGIN.nullish().meta({ description: 'Where on the origin the edge knocks, and by which names.' }),
};

/** A whole record: what POST and PUT take. */
export const RECORD_DRAFT = z.object(fields).meta({
  examples: [{ type: 'A', name: 'www', content: '192.0.2.1', proxied: true, origin: { https_port: 8443 } }],
});
/** What PATCH takes: fields left out stay as they are. */
export const RECORD_EDIT = z
  .object(fields)
  .partial()
  .meta({ examples: [{ proxied: false }] });

export type RecordBody = z.output<typeof RECORD_EDIT>;

/** How many records one batch may change, as in a free plan of Cloudflare's: it is one transaction. */
export const MAX_BATCH = 200;

const ID = { id: NAME };

/** What to do with several records, in this order, all or none. */
export const RECORD_BATCH = z
  .object({
    deletes: several(z.object(ID)),
    patches: several(RECORD_EDIT.extend(ID)),
    puts: several(RECORD_DRAFT.extend(ID)),
    posts: several(RECORD_DRAFT),
  })
  .refine((batch) => Object.values(batch).reduce((sum, items) => sum + items.length, 0) <= MAX_BATCH, {
    error: `must have at most ${MAX_BATCH} items in all`,
  });

export type RecordBatch = z.output<typeof RECORD_BATCH>;

// No limit of its own: all lists together have one.
function several<Item extends z.ZodType>(item: Item) {
  return z
    .array(item, { error: 'must be an array' })
    .nullish()
    .transform((items) => items ?? []);
}

export const RECORD_LIST = z.object({
  ...filters('name'),
  ...filters('content'),
  ...filters('comment'),
  'comment.absent': FILTER.optional(),
  'comment.present': FILTER.optional(),
  ...filters('tag'),
  'tag.absent': FILTER.optional(),
  'tag.present': FILTER.optional(),
  // How tags combine makes no difference where no record has one.
  'tag-match': MATCH.optional(),
  tag_match: MATCH.optional(),
  search: FILTER.optional(),
  type: FILTER.optional(),
  proxied: oneOf(['true', 'false']).optional(),
  match: MATCH,
  order: oneOf(['type', 'name', 'content', 'ttl', 'proxied']).optional(),
  direction: DIRECTION,
  ...paging({ minimum: 1, maximum: MAX_PER_PAGE, otherwise: 100 }),
});

export type RecordQuery = z.output<typeof RECORD_LIST>;

/** A text field of a record by its whole value, bare or as `exact`, or by a part of it. */
function filters<Field extends string>(field: Field) {
  const optional = FILTER.optional();
  const named = {
    [field]: optional,
    [`${field}.exact`]: optional,
    [`${field}.contains`]: optional,
    [`${field}.startswith`]: optional,
    [`${field}.endswith`]: optional,
  };
  // TypeScript forgets the names that are computed.
  return named as Record<Field | `${Field}.${'exact' | 'contains' | 'startswith' | 'endswith'}`, typeof optional>;
}

/** `host[:port]` as it may stand in a Host field (RFC 9110 §7.2): nothing that two readers understand differently. */
function isHostField(value: string): boolean {
  const [, host = '', port] = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::([1-9]\d{0,4}))?$/.exec(value) ?? [];
  if (port !== undefined && Number(port) > 65_535) return false;
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1));
  return typedHostname(host) !== null || isIPv4(host);
}
