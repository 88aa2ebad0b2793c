import type { View } from '../../../../src/wire/answer-fields.ts';
import type { ORIGIN_CONFIG } from '../../../../src/wire/origin-config.ts';
import { type Resource, useRead } from '../../api/resource.ts';
import { ask } from '../../session.ts';
import type { Choices } from './setup.ts';

/** A configuration that locks an origin, with everything around it. */
export type OriginConfig = View<typeof ORIGIN_CONFIG>;

export type OriginCommand = OriginConfig['commands'][number];

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
