import { z } from 'zod';
import type { NotChecked } from '../doctor/configuration.ts';
import type { Hand } from '../doctor/credentials.ts';
import type { Credential } from '../doctor/knock-request.ts';
import { writeCertificationRequest } from '../pki/csr.ts';
import { generateKey } from '../pki/keys.ts';
import { PROBE_CREDENTIALS } from '../wire/attestations.ts';
import { type ApiAccess, callApi, Refusal } from './api.ts';

/** What the looks go out with, and what could not be made. */
export interface Minted {
  readonly hand: Hand;
  readonly notChecked: readonly NotChecked[];
}

// A newer control plane may say more beside them.
const CREDENTIALS = z.object({ certificates: z.object(PROBE_CREDENTIALS.shape.certificates.shape) });

/**
 * Has the control plane sign what to knock with, for a key that never leaves this process. Only where nothing was given:
 * what somebody names is what the edge shows. `zones` says which zone each host is in; one zone's CA vouches for its own.
 */
export async function minted(access: ApiAccess, hand: Hand, zones: ReadonlyMap<string, string>): Promise<Minted> {
  const [first] = zones;
  if (hand.identity !== null || hand.authority !== null || first === undefined) return { hand, notChecked: [] };
  const [hostname, zone] = first;
  if (new Set(zones.values()).size > 1)
    return lacking(hand, 'the targets are in several zones: ask for each by itself');
  try {
    const key = await generateKey();
    const csr = writeCertificationRequest({ subject: { commonName: 'postern doctor' }, names: [], key });
    const path = `/postern/v1/zones/${encodeURIComponent(zone)}/probe_credentials`;
    const { result } = await callApi<unknown>(access, 'POST', path, { hostname, csr });
    const read = CREDENTIALS.safeParse(result);
    if (!read.success) return lacking(hand, 'the control plane answers in a shape that is not known');
    const made: Record<string, Credential> = {};
    for (const [kind, cert] of Object.entries(read.data.certificates))
      if (cert !== undefined) made[kind] = { cert, key: key.reveal() };
    return { hand: { ...hand, made: { ...made, ...hand.made } }, notChecked: [] };
  } catch (error) {
    if (error instanceof Refusal) return lacking(hand, `none can be signed: ${error.message}`);
    throw error;
  }
}

function lacking(hand: Hand, why: string): Minted {
  return { hand, notChecked: [{ what: 'the right certificate, and wrong ones of the same authority', why }] };
}
