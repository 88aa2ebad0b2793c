import { impactOf, isHarmless, weigh } from '../../parts/consequences.tsx';
import { ask } from '../../session.ts';
import { type Setup, setupApi } from './setup.ts';

/**
 * Has the edge show its certificate where nothing but that keeps a set-up in its first step, and nothing that works could
 * stop by it. Answers whether it was switched on: where it was not, the step itself asks.
 */
export async function switchedPullsOn(zone: string, hostname: string): Promise<boolean> {
  const setup = await ask<Setup>({ method: 'GET', path: setupApi(zone, hostname) });
  if (setup.kind !== 'answer' || setup.result.step.waits_for !== 'origin_pulls') return false;
  const path = `/client/v4/zones/${zone}/origin_tls_client_auth/settings`;
  const level = await ask<{ readonly enabled: boolean }>({ method: 'GET', path });
  // Where it is on for the zone, the hostname alone has it off: that was somebody's decision.
  if (level.kind !== 'answer' || level.result.enabled) return false;
  const { consequences } = await weigh(impactOf(zone), { kind: 'zone_level', on: true });
  if (!isHarmless(consequences)) return false;
  return (await ask({ method: 'PUT', path, body: { enabled: true } })).kind === 'answer';
}
