import { confirm } from './confirm.ts';
import type { FoundDoors } from './doctor-doors.ts';
import type { DoctorRequest } from './doctor-request.ts';
import { LOOKS } from './doctor-looks.ts';
import { isLoopback } from './host-port.ts';

const UNASKED = 1_000;
const LOOKS_PER_NEIGHBOUR = 2;

/** Connections to this machine harm nobody else; before many to others somebody has to agree, once. */
export function permission(
  { identities: { unwanted } }: DoctorRequest,
  yes: boolean,
): (found: FoundDoors) => Promise<void> {
  let agreed = yes;
  return async ({ targets }) => {
    const away = targets.filter(({ address }) => !isLoopback({ host: address, port: 0 }));
    const connections = away.length * (LOOKS + unwanted.length * LOOKS_PER_NEIGHBOUR);
    if (agreed || connections <= UNASKED) return;
    const machines = new Set(away.map(({ address }) => address)).size;
    await confirm(`About ${connections} connections will be made to ${machines} addresses.`, {});
    agreed = true;
  };
}
