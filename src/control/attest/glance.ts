import { lookup as systemLookup } from 'node:dns';
import type { Glance } from '../../domain/lock-glance.ts';
import { begin, type Knocked } from '../../doctor/knock.ts';
import type { Knock } from '../../doctor/knock-request.ts';
import type { Saw } from '../../doctor/observation.ts';
import { createResolver } from '../../pull/resolve.ts';
import type { AttestGround } from './examination.ts';
import type { Attestee } from './look-order.ts';
import { AGENT, askedName, placesOf, TIMEOUT } from './look-place.ts';

/**
 * Knocks once at each address of an origin as a stranger who shows no certificate, with whatever version of TLS is spoken
 * there. Answers `null` where that says nothing, as while a server starts anew.
 */
export function glancing({ addresses, lookup = systemLookup }: AttestGround) {
  const resolver = createResolver(() => performance.now(), lookup);
  return async (attestee: Attestee, signal: AbortSignal): Promise<Glance | null> => {
    const { origin, mayBePrivate, path } = attestee;
    const { allowed } = await placesOf(attestee, resolver, (address) =>
      addresses.objection(address, origin.port, mayBePrivate),
    );
    const host = askedName(attestee);
    const seen: Glance[] = [];
    for (const address of allowed) {
      const serverName = origin.serverName ?? host;
      const headers = [`User-Agent: ${AGENT}`, 'Accept: */*'];
      const request = { address, port: origin.port, serverName, host, path, credential: null, headers };
      const knocked = await knocking({ ...request, timeout: TIMEOUT }, signal);
      const one = knocked === null ? null : glanceOf(knocked.saw);
      if (one === null) return null;
      seen.push(one);
    }
    if (seen.length === 0) return null;
    return { told: seen.map(({ told }) => told).join(', '), isRefused: seen.every(({ isRefused }) => isRefused) };
  };
}

/** What came of it; `null` where the signal ended it. */
function knocking(request: Knock, signal: AbortSignal): Promise<Knocked | null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => {
    const stop = (): void => {
      giveUp();
      resolve(null);
    };
    const giveUp = begin(request, (knocked) => {
      signal.removeEventListener('abort', stop);
      resolve(knocked);
    });
    signal.addEventListener('abort', stop);
  });
}

/** Statuses of nginx for who shows no certificate, or a wrong one, where a site answers them itself. */
const CERTIFICATE_STATUSES: readonly number[] = [495, 496];

function glanceOf(saw: Saw): Glance | null {
  if (saw.kind === 'alert' || saw.kind === 'closed') return { told: 'refused', isRefused: true };
  if (saw.kind !== 'answered') return null;
  const { status, page } = saw.answer;
  const isRefused = page === 'nginx_no_certificate' || CERTIFICATE_STATUSES.includes(status);
  return { told: `answered ${status}`, isRefused };
}
