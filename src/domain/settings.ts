/** How the edge reaches origins, as at Cloudflare: see docs/concepts.md for what each mode encrypts and proves. */
export const SSL_MODES = ['off', 'flexible', 'full', 'strict', 'origin_pull'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** What an owner decides for a whole zone. */
export interface ZoneSettings {
  readonly ssl: SslMode;
  readonly alwaysUseHttps: boolean;
  /** Level `global`: present the installation's shared identity. Cloudflare's name is `tls_client_auth`. */
  readonly globalPull: boolean;
  /** Level `zone`: present the zone's own identity. Cloudflare's name is `origin_tls_client_auth/settings`. */
  readonly zonePull: boolean;
}

/** A new zone verifies its origins and sends visitors to https, so that no pull goes unprotected by default. */
export const NEW_ZONE_SETTINGS: ZoneSettings = {
  ssl: 'strict',
  alwaysUseHttps: true,
  globalPull: false,
  zonePull: false,
};
