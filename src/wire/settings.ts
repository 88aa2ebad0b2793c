import { COMPLIANCE_MODES, COMPLIANCES, complianceOf } from '../domain/compliance.ts';
import { type Problem, problem } from '../domain/problems.ts';
import { SSL_MODES, TLS_VERSIONS, type ZoneSettings } from '../domain/settings.ts';
import { shown } from './faults.ts';

/** A setting's value as the API shows it. */
export type SettingValue = string | readonly string[];

/** How one setting of Cloudflare's is written in ours, and back. */
interface SettingRow {
  /** What a value must be: completes "must be …". */
  readonly allowed: string;
  readonly read: (settings: ZoneSettings) => SettingValue;
  readonly write: (value: unknown) => Partial<ZoneSettings> | null;
}

const SWITCH = ['on', 'off'] as const;

const SETTINGS = {
  always_use_https: {
    allowed: oneOf(SWITCH),
    read: ({ alwaysUseHttps }) => word(alwaysUseHttps),
    write: (value) => among(SWITCH, value, (to) => ({ alwaysUseHttps: to === 'on' })),
  },
  min_tls_version: {
    allowed: oneOf(TLS_VERSIONS),
    read: ({ minTlsVersion }) => minTlsVersion,
    write: (value) => among(TLS_VERSIONS, value, (minTlsVersion) => ({ minTlsVersion })),
  },
  origin_tls_compliance_modes: {
    allowed: `a list of ${COMPLIANCE_MODES.join(', ')}, empty for no limit`,
    read: ({ compliance }) => COMPLIANCES[compliance].modes,
    write: (value) => {
      const compliance = Array.isArray(value) ? complianceOf(value) : null;
      return compliance === null ? null : { compliance };
    },
  },
  ssl: {
    allowed: oneOf(SSL_MODES),
    read: ({ ssl }) => ssl,
    write: (value) => among(SSL_MODES, value, (ssl) => ({ ssl })),
  },
  tls_client_auth: {
    allowed: oneOf(SWITCH),
    read: ({ globalPull }) => word(globalPull),
    write: (value) => among(SWITCH, value, (to) => ({ globalPull: to === 'on' })),
  },
} as const satisfies Record<string, SettingRow>;

export type SettingId = keyof typeof SETTINGS;
export const SETTING_IDS: readonly SettingId[] = [
  'always_use_https',
  'min_tls_version',
  'origin_tls_compliance_modes',
  'ssl',
  'tls_client_auth',
];

/** The setting of that name, or `unknown_setting`. */
export function settingId(text: string, pointer?: string): SettingId | Problem {
  const known = SETTING_IDS.find((id) => id === text);
  return known ?? problem('unknown_setting', `${shown(text)}; known are ${SETTING_IDS.join(', ')}`, pointer);
}

/** What a value of the setting must be, as a sentence. */
export function settingRule(id: SettingId): string {
  return `Must be ${SETTINGS[id].allowed}.`;
}

/** Something for each setting, under its name. */
export function bySetting<Made>(make: (id: SettingId) => Made): Readonly<Record<SettingId, Made>> {
  // TypeScript forgets the names that are computed.
  return Object.fromEntries(SETTING_IDS.map((id) => [id, make(id)])) as Record<SettingId, Made>;
}

/** A setting's value as the API shows it. */
export function settingValue(id: SettingId, settings: ZoneSettings): SettingValue {
  return SETTINGS[id].read(settings);
}

/** What a value means for the zone, or `bad_setting` with what is allowed. */
export function settingChange(id: SettingId, value: unknown, pointer: string): Partial<ZoneSettings> | Problem {
  const { allowed, write }: SettingRow = SETTINGS[id];
  return write(value) ?? problem('bad_setting', `${id} is ${shown(value)}, must be ${allowed}`, pointer);
}

function oneOf(words: readonly string[]): string {
  return `one of ${words.join(', ')}`;
}

function word(on: boolean): 'on' | 'off' {
  return on ? 'on' : 'off';
}

function among<Word extends string>(
  words: readonly Word[],
  value: unknown,
  change: (to: Word) => Partial<ZoneSettings>,
): Partial<ZoneSettings> | null {
  const found = words.find((one) => one === value);
  return found === undefined ? null : change(found);
}
