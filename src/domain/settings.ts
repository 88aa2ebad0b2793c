import type { Compliance } from './compliance.ts';

/** How the edge reaches origins, as at Cloudflare: see docs/concepts.md for what each mode encrypts and proves. */
export const SSL_MODES = ['off', 'flexible', 'full', 'strict', 'origin_pull'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** Whether the edge pulls over TLS from whoever visits over https. */
export function pullsOverTls(ssl: SslMode): boolean {
  return ssl !== 'off' && ssl !== 'flexible';
}

/** Whether the edge pulls only from origins whose certificates it can verify. */
export function verifiesOrigins(ssl: SslMode): boolean {
  return ssl === 'strict' || ssl === 'origin_pull';
}

/** The oldest TLS that visitors may speak. The edge itself speaks nothing older than 1.2. */
export const TLS_VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** What an owner decides for a whole zone. */
export interface ZoneSettings {
  readonly ssl: SslMode;
  readonly alwaysUseHttps: boolean;
  readonly minTlsVersion: TlsVersion;
  /** What limits the key exchange with origins. Cloudflare's name is `origin_tls_compliance_modes`. */
  readonly compliance: Compliance;
  /** Level `global`: present the installation's shared identity. Cloudflare's name is `tls_client_auth`. */
  readonly globalPull: boolean;
  /** Level `zone`: present the zone's own identity. Cloudflare's name is `origin_tls_client_auth/settings`. */
  readonly zonePull: boolean;
}

/** A new zone verifies its origins and sends visitors to https, so that no pull goes unprotected by default. */
export const NEW_ZONE_SETTINGS: ZoneSettings = {
  ssl: 'strict',
  alwaysUseHttps: true,
  // What is in force anyway: 1.3 would turn away visitors that are safe, and 1.0 would promise what nobody gets.
  minTlsVersion: '1.2',
  compliance: 'none',
  globalPull: false,
  zonePull: false,
};
