import { z } from 'zod';
import { type Problem, problem } from '../domain/problems.ts';
import type { Zone } from '../domain/zone.ts';
import { TIME, type View } from './answer-fields.ts';
import { shown } from './faults.ts';
import type { RemarkCode } from './messages.ts';
import { moment } from './views.ts';

/** A setting of Cloudflare's that can only be what it is here. */
type FixedRow = FixedField & {
  /** Why it has no effect, for `messages`. */
  readonly remark: RemarkCode;
  /** Why it can be nothing else: completes "because …". */
  readonly because: string;
};

/** Under which name the value stands, and the value. */
type FixedField =
  | { readonly field: 'value'; readonly value: string }
  | { readonly field: 'enabled'; readonly value: boolean };

/** What clients read and write although nothing follows from it. Never stored: the harmless value is the only one. */
const FIXED_SETTINGS = {
  auto_origin_tls_kex: {
    field: 'enabled',
    value: false,
    remark: 'no_kex_choice',
    because: 'the edge offers its key exchanges in one order to every origin',
  },
  ssl_automatic_mode: {
    field: 'value',
    value: 'custom',
    remark: 'no_automatic_mode',
    because: 'the edge never changes the SSL mode by itself',
  },
  ssl_recommender: {
    field: 'enabled',
    value: false,
    remark: 'no_recommender',
    because: 'no recommendations are sent',
  },
  universal_ssl: {
    field: 'enabled',
    value: true,
    remark: 'always_universal',
    because: 'every zone has a certificate of the CA of this installation',
  },
} as const satisfies Record<string, FixedRow>;

export type FixedSettingId = keyof typeof FIXED_SETTINGS;

/** What is said beside a fixed setting. */
export function fixedRemark(id: FixedSettingId): RemarkCode {
  return FIXED_SETTINGS[id].remark;
}

export const FIXED_SETTING = z
  .strictObject({
    id: z.enum(['auto_origin_tls_kex', 'ssl_automatic_mode', 'ssl_recommender']),
    value: z.string().optional(),
    enabled: z.boolean().optional().meta({ description: 'In the place of a value, where the setting is a switch.' }),
    editable: z.literal(false),
    modified_on: TIME,
  })
  .meta({ id: 'FixedSetting', description: 'A setting that can only be what it is.' });

export function fixedSettingView(id: Exclude<FixedSettingId, 'universal_ssl'>, zone: Zone): View<typeof FIXED_SETTING> {
  const row: FixedRow = FIXED_SETTINGS[id];
  const value = row.field === 'value' ? { value: row.value } : { enabled: row.value };
  return { id, ...value, editable: false, modified_on: moment(zone.createdAt) };
}

export const UNIVERSAL_SSL = z
  .strictObject({ enabled: z.literal(true) })
  .meta({ id: 'UniversalSsl', description: 'A certificate for visitors, which every zone has.' });

export function universalSslView(): View<typeof UNIVERSAL_SSL> {
  return { enabled: FIXED_SETTINGS.universal_ssl.value };
}

/** Why a body cannot be followed; `null` where it asks for what is. */
export function fixedFault(id: FixedSettingId, body: Readonly<Record<'value' | 'enabled', unknown>>): Problem | null {
  const { field, value, because }: FixedRow = FIXED_SETTINGS[id];
  const wanted = body[field];
  if (wanted === value) return null;
  return problem('bad_setting', `${id} is ${shown(wanted)}, must be ${String(value)} because ${because}`, `/${field}`);
}
