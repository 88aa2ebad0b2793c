import type { ApiMessage } from '../../api/call.ts';
import type { Mode } from './mode.ts';

/** A setting as `GET /client/v4/zones/:zone/settings` has it. */
export interface Setting {
  readonly id: string;
  readonly value: string | readonly string[];
}

/** The settings that concern how visitors and pulls are encrypted. */
export interface SslSettings {
  readonly mode: Mode;
  readonly alwaysUseHttps: boolean;
  readonly minTlsVersion: string;
  readonly compliance: readonly string[];
  readonly globalPull: boolean;
}

/** The same out of the list of all settings. */
export function sslSettings(settings: readonly Setting[]): SslSettings {
  const value = (id: string) => settings.find((setting) => setting.id === id)?.value ?? '';
  const modes = value('origin_tls_compliance_modes');
  return {
    mode: value('ssl') as Mode,
    alwaysUseHttps: value('always_use_https') === 'on',
    minTlsVersion: String(value('min_tls_version')),
    compliance: typeof modes === 'string' ? [] : modes,
    globalPull: value('tls_client_auth') === 'on',
  };
}

/** Which messages of the API stand beside which setting, by their codes; the table is src/domain/caveats.ts. */
const PLACES = {
  mode: [20001, 20002, 20003, 20008, 20011],
  https: [20004],
  version: [20009],
  compliance: [20010],
} as const;

/** The messages that belong beside a setting. */
export function messagesFor(place: keyof typeof PLACES, messages: readonly ApiMessage[]): readonly ApiMessage[] {
  const codes: readonly number[] = PLACES[place];
  return messages.filter(({ code }) => codes.includes(code));
}
