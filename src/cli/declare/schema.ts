import { z } from 'zod';
import { MOST_ACCESS_RULES } from '../../domain/access-rule.ts';
import { COMPLIANCE_MODES } from '../../domain/compliance.ts';
import { MOST_RATE_LIMITS, RATE_ACTIONS } from '../../domain/rate-limit.ts';
import { SSL_MODES, TLS_VERSIONS } from '../../domain/settings.ts';
import { urlPattern } from '../../domain/url-pattern.ts';
import { ACCESS_RULE_DRAFT } from '../../wire/access-rules.ts';
import { LOOK_PATH } from '../../wire/look-settings.ts';
import { networkText } from '../../wire/networks.ts';
import { METHOD, RATE_LIMIT_DRAFT, URL_RULE } from '../../wire/rate-limits.ts';
import { FLAG, few, NAME, oneOf, PEM } from '../../wire/schemas.ts';
import { RECORD_DRAFT } from '../../wire/schemas-records.ts';

// YAML 1.1 readers turn `on` into true before anybody sees it.
const SWITCH = z.union([z.boolean(), z.enum(['on', 'off'])], { error: 'must be on or off' });

// Without quotes YAML reads a version as a number.
const TLS_VERSION = z.union([z.enum(TLS_VERSIONS), z.literal([1, 1.1, 1.2, 1.3])], {
  error: `must be one of ${TLS_VERSIONS.join(', ')}`,
});

const SETTINGS = z.strictObject({
  ssl: oneOf(SSL_MODES).optional(),
  always_use_https: SWITCH.optional(),
  min_tls_version: TLS_VERSION.optional().describe(
    'The oldest TLS that visitors may speak; nothing below 1.2 is in force',
  ),
  origin_tls_compliance_modes: z
    .array(oneOf(COMPLIANCE_MODES), { error: `must be a list of ${COMPLIANCE_MODES.join(', ')}` })
    .optional()
    .describe('What limits the key exchange with origins. Empty: nothing does'),
});

const ORIGIN = RECORD_DRAFT.shape.origin.unwrap().unwrap().strict();

const RECORD = z
  .strictObject({ ...RECORD_DRAFT.shape, proxied: FLAG.optional(), origin: ORIGIN.optional() })
  .describe(
    'A record in full: what is left out gets its default. The name may be relative to the zone; @ is the zone.',
  );

const OWN = z.strictObject({
  certificate: NAME.describe('Id or SHA-256 fingerprint of a hostname certificate that was uploaded'),
  enabled: FLAG.optional().describe('false: present nothing to this origin, whatever the zone says. Default: true'),
});

const ORIGIN_PULLS = z.strictObject({
  zone: SWITCH.optional().describe('Zone level: present an identity that is the own of this zone'),
  global: SWITCH.optional().describe('Global level: present the identity that all zones share'),
  hostnames: z
    .record(NAME, z.union([z.literal('inherit'), OWN], { error: 'must be "inherit" or {certificate: …}' }))
    .optional()
    .describe(
      'Hostnames that present a certificate of their own. Under --prune all others are given back to the zone.',
    ),
});

const ASKED = z.strictObject({
  certificates: PEM.describe('The CAs in PEM, one after the other'),
  name: NAME.optional().describe('What the list is called'),
});

const ATTESTATION = z.strictObject({
  path: LOOK_PATH.optional().describe('What is asked for at origins of which nothing else is said. Default: /'),
  hostnames: z
    .record(NAME, z.union([z.literal('inherit'), LOOK_PATH], { error: 'must be "inherit" or a path like /status' }))
    .optional()
    .describe(
      'What is asked for at the origins of these hostnames, or of those below a wildcard. Under --prune all others are asked what the zone says.',
    ),
});

// In the words of `postern access-rules`.
const ACCESS_RULE = z
  .strictObject({
    network: NAME.refine((text) => networkText(text) !== null, {
      error: 'must be an address, or a network such as 192.0.2.0/24 without bits beyond its prefix',
    }).describe('An address, or a network such as 192.0.2.0/24. Of several that hold a visitor the smallest decides.'),
    mode: oneOf(['block', 'allow']).describe('allow: let in past all other rules'),
    notes: ACCESS_RULE_DRAFT.shape.notes.unwrap().optional(),
  })
  .describe('What becomes of visitors from a network. Each network has one rule.');

// In the words of `postern rate-limits`.
const RATE_LIMIT = z
  .strictObject({
    url: NAME.refine((text) => urlPattern(text) !== null, { error: URL_RULE }).describe(
      'Host and path; * stands for anything. In quotes where it begins with *',
    ),
    methods: few(METHOD, 20).optional().describe('Only requests with these count. Default: all'),
    schemes: few(oneOf(['http', 'https']), 2)
      .optional()
      .describe('Only requests over these count. Default: both'),
    threshold: RATE_LIMIT_DRAFT.shape.threshold.describe('So many requests …'),
    period: RATE_LIMIT_DRAFT.shape.period.describe('… are allowed in so many seconds'),
    action: oneOf(RATE_ACTIONS).optional().describe('simulate: only write to the log. Default: ban'),
    timeout: RATE_LIMIT_DRAFT.shape.action.shape.timeout.describe(
      'For how many seconds visitors are turned away. Default: as long as the period',
    ),
    per_host: FLAG.optional().describe('true: count each hostname apart. Default: false'),
    description: RATE_LIMIT_DRAFT.shape.description.unwrap().optional().describe('By this a limit is known again'),
    disabled: FLAG.optional().describe('true: keep it without effect. Default: false'),
  })
  .describe('How often one visitor may ask for something, in full: what is left out gets its default.');

const ZONE = z.strictObject({
  account: NAME.optional().describe(
    'Name or id of the account that a new zone is made in. Left out: the default one. Zones do not move.',
  ),
  paused: FLAG.optional(),
  settings: SETTINGS.optional(),
  origin_pulls: ORIGIN_PULLS.optional(),
  visitor_authorities: z
    .record(NAME, z.union([z.literal('none'), ASKED], { error: 'must be "none" or {certificates: …}' }))
    .optional()
    .describe(
      'Hostnames, or wildcards, that let in only visitors with a certificate of these CAs. Under --prune all others ask for none.',
    ),
  access_rules: few(ACCESS_RULE, MOST_ACCESS_RULES)
    .optional()
    .describe('Which visitors are blocked and let in, by address. Under --prune these are all rules of the zone.'),
  rate_limits: few(RATE_LIMIT, MOST_RATE_LIMITS)
    .optional()
    .describe('How often visitors may ask. Under --prune these are all limits of the zone.'),
  attestation: ATTESTATION.optional().describe('How the locks of origins are looked at.'),
  records: z
    .array(RECORD)
    .optional()
    .describe('Under --prune these are all records of the zone. Left out, records are left alone.'),
});

/** What `postern apply` takes. Unknown keys are refused: a misspelt one would silently do nothing. */
export const WANTED_FILE = z
  .strictObject({
    $schema: z.string().optional().describe('Where this schema is, for editors'),
    version: z.literal(1, { error: 'must be 1' }),
    zones: z.record(NAME, ZONE.nullable()).describe('Zones by name. What is left out is left as it is.'),
  })
  .describe('What zones of a Postern installation are to be: postern apply -f FILE');

export type WantedFile = z.output<typeof WANTED_FILE>;
export type WantedFileZone = z.output<typeof ZONE>;

/** The JSON schema for editors, as it is published in docs/schema. */
export function publishedSchema(): string {
  const schema = z.toJSONSchema(WANTED_FILE, { target: 'draft-2020-12', io: 'input' });
  return `${JSON.stringify({ ...schema, title: 'Postern zones' }, null, 2)}\n`;
}
