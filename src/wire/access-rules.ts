import { z } from 'zod';
import { ACCESS_MODES, type AccessRule, type AccessRuleDraft } from '../domain/access-rule.ts';
import { type Problem, problem } from '../domain/problems.ts';
import type { Zone } from '../domain/zone.ts';
import { HOST, ID, TIME, type View } from './answer-fields.ts';
import { shown } from './faults.ts';
import { networkText, parseNetwork } from './networks.ts';
import { DIRECTION, FILTER, MATCH, NAME, oneOf, paging, text } from './schemas.ts';
import { moment } from './views.ts';

/** Rules about visitors' addresses, as they come in and as they are shown: Cloudflare's IP access rules. */

const TARGETS = ['ip', 'ip6', 'ip_range'] as const;
type Target = (typeof TARGETS)[number];

const CONFIGURATION = z.object(
  { target: oneOf(TARGETS), value: NAME },
  { error: 'must be an object such as {"target": "ip_range", "value": "192.0.2.0/24"}' },
);

export const ACCESS_RULE_DRAFT = z.object({
  mode: oneOf(ACCESS_MODES),
  configuration: CONFIGURATION,
  notes: text(1_000).default(''),
});

export const ACCESS_RULE_EDIT = z.object({
  mode: oneOf(ACCESS_MODES).optional(),
  configuration: CONFIGURATION.optional(),
  notes: text(1_000).optional(),
});

export const ACCESS_RULE_LIST = z.object({
  mode: oneOf(ACCESS_MODES).optional(),
  'configuration.target': oneOf(TARGETS).optional(),
  'configuration.value': FILTER.optional(),
  notes: FILTER.optional(),
  match: MATCH,
  order: oneOf(['configuration.target', 'configuration.value', 'mode']).optional(),
  direction: DIRECTION,
  ...paging({ minimum: 1, maximum: 1_000, otherwise: 20 }),
});

export type AccessRuleQuery = z.output<typeof ACCESS_RULE_LIST>;

/** What a body makes of a rule; `was` is the rule that it changes. */
export function accessRuleDraft(
  body: z.output<typeof ACCESS_RULE_EDIT>,
  was: AccessRuleDraft,
): AccessRuleDraft | Problem {
  const network = body.configuration === undefined ? was.network : networkOf(body.configuration);
  if (typeof network !== 'string') return network;
  return { mode: body.mode ?? was.mode, network, notes: body.notes ?? was.notes };
}

const RULES: Readonly<Record<Target, string>> = {
  ip: 'must be an IPv4 address such as 192.0.2.1',
  ip6: 'must be an IPv6 address such as 2001:db8::1',
  ip_range: 'must be a network such as 192.0.2.0/24 or 2001:db8::/32, without bits beyond its prefix',
};

function networkOf({ target, value }: z.output<typeof CONFIGURATION>): string | Problem {
  const network = parseNetwork(value);
  const single = !value.includes('/');
  const fits =
    network !== null && (target === 'ip_range' ? !single : single && network.family === (target === 'ip' ? 4 : 6));
  const spelled = fits ? networkText(value) : null;
  const rule = `configuration.value is ${shown(value)}, ${RULES[target]}`;
  return spelled ?? problem('bad_body', rule, '/configuration/value');
}

/** Of a network what Cloudflare calls its target and value. */
export function configuration(network: string): { readonly target: Target; readonly value: string } {
  const [address = '', prefix] = network.split('/');
  const four = address.includes('.') && !address.includes(':');
  if (prefix === (four ? '32' : '128')) return { target: four ? 'ip' : 'ip6', value: address };
  return { target: 'ip_range', value: network };
}

export const ACCESS_RULE = z
  .strictObject({
    id: ID,
    notes: z.string(),
    allowed_modes: z.array(z.enum(ACCESS_MODES)).meta({ examples: [ACCESS_MODES] }),
    mode: z.enum(ACCESS_MODES),
    configuration: z
      .strictObject({ target: z.enum(TARGETS), value: z.string() })
      .meta({ examples: [{ target: 'ip_range', value: '192.0.2.0/24' }] }),
    created_on: TIME,
    modified_on: TIME,
    scope: z.strictObject({ id: ID, name: HOST, type: z.literal('zone') }).meta({ description: 'The zone.' }),
  })
  .meta({ id: 'AccessRule', description: 'What becomes of visitors from a network.' });

/** A rule of a zone. */
export function accessRuleView(rule: AccessRule, { id, name }: Zone): View<typeof ACCESS_RULE> {
  return {
    id: rule.id,
    notes: rule.notes,
    allowed_modes: ACCESS_MODES,
    mode: rule.mode,
    configuration: configuration(rule.network),
    created_on: moment(rule.createdAt),
    modified_on: moment(rule.modifiedAt),
    scope: { id, name, type: 'zone' },
  };
}
