import { type Problem, problem } from '../domain/problems.ts';
import { shown } from './faults.ts';
import type { RemarkCode } from './messages.ts';

/** A setting of Cloudflare's that can only be what it is here. */
interface FixedRow {
  /** Under which name the value stands. */
  readonly field: 'value' | 'enabled';
  readonly value: string | boolean;
  /** Why it has no effect, for `messages`. */
  readonly remark: RemarkCode;
  /** Why it can be nothing else: completes "because …". */
  readonly because: string;
}

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

/** The field in which the value stands, and the value. */
export function fixedValue(id: FixedSettingId): Readonly<Record<string, string | boolean>> {
  const { field, value } = FIXED_SETTINGS[id];
  return { [field]: value };
}

/** Why a body cannot be followed; `null` where it asks for what is. */
export function fixedFault(id: FixedSettingId, body: Readonly<Record<'value' | 'enabled', unknown>>): Problem | null {
  const { field, value, because }: FixedRow = FIXED_SETTINGS[id];
  const wanted = body[field];
  if (wanted === value) return null;
  return problem('bad_setting', `${id} is ${shown(wanted)}, must be ${String(value)} because ${because}`, `/${field}`);
}
