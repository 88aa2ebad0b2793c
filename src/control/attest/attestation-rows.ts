import { z } from 'zod';
import { type Attestation, attestationKey } from '../../domain/attestation.ts';
import {
  certificateId,
  hostname,
  hostnamePattern,
  instant,
  type Instant,
  type ZoneId,
  zoneId,
} from '../../domain/ids.ts';
import { originKey, type OriginName } from '../../domain/proof.ts';
import { type Verdict, VERDICTS } from '../../domain/verdict.ts';
import { ATTESTATION_EVIDENCE, type AttestationEvidence } from '../../wire/attestations.ts';
import type { Store } from '../store.ts';
import { damaged, storedList, storedWord } from '../stored.ts';
import type { AttestationRow } from '../origin-tables.ts';

/** When the verdict of an origin became another one. */
export interface AttestationChange {
  readonly origin: string;
  readonly at: Instant;
  readonly verdict: Verdict;
  readonly findings: readonly string[];
}

/** Changes that are kept of one zone, and for how long. */
const MOST_CHANGES = 5_000;
const KEPT_FOR = 400 * 86_400_000;

/** Writes what is known of an origin. `evidence` is null where it stays as it was. */
export async function writeAttestation(
  store: Store,
  zone: ZoneId,
  { attestation, evidence, changed }: { attestation: Attestation; evidence: string | null; changed: boolean },
): Promise<void> {
  const origin = attestationKey(attestation);
  const state = JSON.stringify(attestation);
  await store
    .insertInto('attestations')
    .values({ zone, origin, state, evidence: evidence ?? 'null' })
    .onConflict((conflict) =>
      conflict.columns(['zone', 'origin']).doUpdateSet({ state, ...(evidence === null ? {} : { evidence }) }),
    )
    .execute();
  if (!changed) return;
  const { verdict, at, findings } = attestation;
  await store
    .insertInto('attestation_changes')
    .values({ zone, origin, at, verdict, findings: JSON.stringify(findings) })
    .execute();
}

/** Everything that is known, by zone. Throws StartError. */
export async function loadAttestations(store: Store): Promise<Map<ZoneId, Map<string, Attestation>>> {
  const known = new Map<ZoneId, Map<string, Attestation>>();
  for (const row of await store.selectFrom('attestations').select(['zone', 'state']).execute()) {
    const zone = zoneId(row.zone) ?? damaged('the id of a zone', row.zone);
    const attestation = storedAttestation(row.state);
    const ofZone = known.get(zone) ?? new Map<string, Attestation>();
    known.set(zone, ofZone.set(attestationKey(attestation), attestation));
  }
  return known;
}

/** What the newest full look at an origin saw, as JSON; null where there was none. */
export async function evidenceOf(store: Store, zone: ZoneId, origin: OriginName): Promise<string | null> {
  const row = await store
    .selectFrom('attestations')
    .select('evidence')
    .where('zone', '=', zone)
    .where('origin', '=', originKey(origin))
    .executeTakeFirst();
  return row?.evidence ?? null;
}

/** The same for origins of a zone behind one of them, in order, as it is stored. Each is tens of kilobytes. */
export async function evidencePage(
  store: Store,
  zone: ZoneId,
  { after, most }: { readonly after: string; readonly most: number },
): Promise<readonly Pick<AttestationRow, 'origin' | 'evidence'>[]> {
  return store
    .selectFrom('attestations')
    .select(['origin', 'evidence'])
    .where('zone', '=', zone)
    .where('origin', '>', after)
    .orderBy('origin')
    .limit(most)
    .execute();
}

/** Evidence as it was stored; null for none, and for what an older program wrote otherwise. */
export function readEvidence(json: string | null): AttestationEvidence {
  const read = ATTESTATION_EVIDENCE.safeParse(json === null ? null : JSON.parse(json));
  return read.success ? read.data : null;
}

/** Changes of verdicts in a zone, the newest first; of one origin where its key is given. */
export async function changesOf(
  store: Store,
  zone: ZoneId,
  { origin, since, most }: { origin: string | null; since: Instant | null; most: number },
): Promise<readonly AttestationChange[]> {
  let found = store.selectFrom('attestation_changes').selectAll().where('zone', '=', zone);
  if (origin !== null) found = found.where('origin', '=', origin);
  if (since !== null) found = found.where('at', '>=', since);
  const rows = await found.orderBy('at', 'desc').limit(most).execute();
  return rows.map(({ origin: key, at, verdict, findings }) => ({
    origin: key,
    at: instant(at),
    verdict: storedWord(VERDICTS, verdict),
    findings: storedList(findings),
  }));
}

/** Forgets origins that are no more. */
export async function dropAttestations(store: Store, zone: ZoneId, origins: readonly string[]): Promise<void> {
  for (const origin of origins) {
    await store.deleteFrom('attestations').where('zone', '=', zone).where('origin', '=', origin).execute();
  }
}

/** Forgets changes of long ago, and the oldest where a zone has too many. */
export async function pruneChanges(store: Store, zone: ZoneId, now: Instant): Promise<void> {
  const ofZone = store.selectFrom('attestation_changes').select('at').where('zone', '=', zone).orderBy('at', 'desc');
  await store
    .deleteFrom('attestation_changes')
    .where('zone', '=', zone)
    .where((is) => is.or([is('at', '<', now - KEPT_FOR), is('at', '<', ofZone.limit(1).offset(MOST_CHANGES))]))
    .execute();
}

const TIME = z.number().int().transform(instant);

const STATE = z.strictObject({
  origin: z.strictObject({
    hostname: z.string().transform((text) => hostnamePattern(text) ?? damaged('a hostname', text)),
    address: z.string(),
    port: z.number().int(),
    serverName: z
      .string()
      .transform((text) => hostname(text) ?? damaged('a hostname', text))
      .nullable(),
    hostHeader: z.string().nullable(),
  }),
  verdict: z.enum(VERDICTS),
  since: TIME,
  at: TIME,
  fullAt: TIME.nullable(),
  // What an older program wrote does not say.
  presented: z
    .string()
    .transform((text) => certificateId(text) ?? damaged('the id of a certificate', text))
    .nullable()
    .default(null),
  lockedSince: TIME.nullable(),
  // An older program did not write it.
  lastHeld: TIME.nullable().default(null),
  lastOpen: TIME.nullable(),
  lastBroken: TIME.nullable(),
  findings: z.array(z.string()),
});

function storedAttestation(state: string): Attestation {
  const read = STATE.safeParse(JSON.parse(state));
  return read.success ? read.data : damaged('what was seen of a lock', state);
}
