/** What the control plane of an edge says about one hostname; null where it could not be asked. */
export interface ControlFacts {
  readonly host: string;
  /** `off`, `flexible`, `full`, `strict`, `origin_pull`. */
  readonly mode: string | null;
  readonly alwaysHttps: boolean | null;
  /** Every record of the name is proxied; null where there is none, too. */
  readonly proxied: boolean | null;
  readonly levels: {
    /** `unset` follows the zone. */
    readonly hostname: 'on' | 'off' | 'unset' | null;
    readonly zone: boolean | null;
    readonly global: boolean | null;
  };
  /** Of the level that decides. */
  readonly certificate: { readonly status: string; readonly ends: number | null } | null;
}
