import { type Resource, useRead } from '../../api/resource.ts';
import { ask } from '../../session.ts';
import type { Choices } from './setup.ts';

/** A configuration that locks an origin, with everything around it. */
export interface OriginConfig {
  readonly server: string;
  readonly mode: 'watch' | 'enforce';
  readonly text: string;
  readonly files: readonly {
    readonly path: string;
    readonly what: string;
    readonly text: string | null;
    readonly from: string;
  }[];
  readonly watch_logs: readonly { readonly path: string }[];
  readonly notes: readonly string[];
  readonly commands: readonly OriginCommand[];
}

export interface OriginCommand {
  readonly what: 'install' | 'configure' | 'enforce' | 'report_callers' | 'report_installed' | 'look' | 'uninstall';
  readonly text: string;
  readonly says: string;
  /** It goes on to tell who comes. */
  readonly reports: boolean;
  readonly permissions: readonly string[];
}

/** The call that makes the configuration for what was chosen. It changes nothing. */
export function originConfigCall(
  zone: string,
  hostname: string,
  { way: _way, other_names: others = [], ...choices }: Choices,
) {
  return {
    method: 'POST',
    path: `/postern/v1/zones/${zone}/origin_config`,
    body: { ...choices, hostnames: [hostname, ...others] },
    asks: true,
  } as const;
}

/**
 * The configuration for what was chosen, made anew where the choices are others, or the zone or its bundle is. `choices`
 * null: none is asked for.
 */
export function useOriginConfig(
  zone: string,
  hostname: string,
  choices: Choices | null,
): readonly [Resource<OriginConfig>, retry: () => void] {
  const call = originConfigCall(zone, hostname, choices ?? {});
  const path = choices === null ? null : JSON.stringify(call);
  return useRead<OriginConfig>(path, (_, signal) => ask<OriginConfig>(call, signal), {
    on: (event) => event.zone?.id === zone && MADE_OF.has(event.kind),
  });
}

// Who comes and what was seen are no part of it.
const MADE_OF: ReadonlySet<string> = new Set(['revision_committed', 'bundle_changed']);
