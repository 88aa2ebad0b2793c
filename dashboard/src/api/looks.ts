/** A time in which nobody looks at the locks of a zone, because somebody wished so. */
export interface LookPause {
  readonly since: string;
  readonly until: string;
  readonly paused_by: string;
  readonly reason: string;
}

/** How the locks of a zone are looked at: `/postern/v1/zones/:zone/attestation_settings`. */
export interface LookSettings {
  /** What is asked for at origins of which nothing else is said. */
  readonly path: string;
  readonly hostnames: Readonly<Record<string, string>>;
  /** `null` where somebody looks. */
  readonly paused: LookPause | null;
}

/** Where the API has how a zone is looked at. */
export function lookSettingsPath(zone: string): string {
  return `/postern/v1/zones/${zone}/attestation_settings`;
}

/** Where the API has the pause of a zone. */
export function lookPausePath(zone: string): string {
  return `/postern/v1/zones/${zone}/attestation_pause`;
}
