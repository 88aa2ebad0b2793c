import { type Problem, type ProblemCode, problem } from '../domain/problems.ts';
import { SSL_MODES, type ZoneSettings } from '../domain/settings.ts';
import { shown } from './faults.ts';

/** How one setting of Cloudflare's is written in ours, and back. */
interface SettingRow {
  readonly allowed: readonly string[];
  readonly read: (settings: ZoneSettings) => string;
  readonly write: (value: string) => Partial<ZoneSettings> | null;
}

const SWITCH = ['on', 'off'] as const;

const SETTINGS = {
  always_use_https: {
    allowed: SWITCH,
    read: ({ alwaysUseHttps }) => word(alwaysUseHttps),
    write: (value) => switched(value, (alwaysUseHttps) => ({ alwaysUseHttps })),
  },
  ssl: {
    allowed: SSL_MODES,
    read: ({ ssl }) => ssl,
    write: (value) => {
      const ssl = SSL_MODES.find((mode) => mode === value);
      return ssl === undefined ? null : { ssl };
    },
  },
  tls_client_auth: {
    allowed: SWITCH,
    read: ({ globalPull }) => word(globalPull),
    write: (value) => switched(value, (globalPull) => ({ globalPull })),
  },
} as const satisfies Record<string, SettingRow>;

export type SettingId = keyof typeof SETTINGS;
export const SETTING_IDS: readonly SettingId[] = ['always_use_https', 'ssl', 'tls_client_auth'];

/** The setting of that name, or `unknown_setting`. */
export function settingId(text: string, pointer?: string): SettingId | Problem {
  const known = SETTING_IDS.find((id) => id === text);
  return known ?? fault('unknown_setting', `${shown(text)}; known are ${SETTING_IDS.join(', ')}`, pointer);
}

/** A setting's value as the API shows it. */
export function settingValue(id: SettingId, settings: ZoneSettings): string {
  return SETTINGS[id].read(settings);
}

/** What a value means for the zone, or `bad_setting` with what is allowed. */
export function settingChange(id: SettingId, value: unknown, pointer: string): Partial<ZoneSettings> | Problem {
  const row: SettingRow = SETTINGS[id];
  const change = typeof value === 'string' ? row.write(value) : null;
  return change ?? fault('bad_setting', `${id} is ${shown(value)}, must be one of ${row.allowed.join(', ')}`, pointer);
}

function fault(code: ProblemCode, detail: string, pointer?: string): Problem {
  return problem(code, detail, pointer);
}

function word(on: boolean): 'on' | 'off' {
  return on ? 'on' : 'off';
}

function switched(value: string, change: (on: boolean) => Partial<ZoneSettings>): Partial<ZoneSettings> | null {
  return value === 'on' || value === 'off' ? change(value === 'on') : null;
}
