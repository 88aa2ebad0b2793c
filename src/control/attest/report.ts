import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { FINDINGS, isFindingCode } from '../../doctor/diagnosis/findings.ts';
import { type Attestation, attestationKey, type ZoneLocks } from '../../domain/attestation.ts';
import type { Instant, ZoneId } from '../../domain/ids.ts';
import type { LookPause } from '../../domain/look-settings.ts';
import { worst } from '../../domain/verdict.ts';
import type { Zone } from '../../domain/zone.ts';
import { writeDetached } from '../../pki/cms.ts';
import { writePem } from '../../pki/pem.ts';
import { type AttestationReport, reportText } from '../../wire/attestation-report.ts';
import { findingTitle } from './finding-title.ts';
import { type AttestationEvidence, attestationView, unattestedView } from '../../wire/attestations.ts';
import { moment } from '../../wire/views.ts';
import type { ControlState } from '../control-state.ts';
import { zoneSigner } from '../zone-signer.ts';
import type { InTurn } from '../turns.ts';
import { type AttestationChange, changesOf, evidencePage, readEvidence } from './attestation-rows.ts';

/** A report with its signature. */
export interface SignedReport {
  readonly kind: 'signed';
  readonly text: string;
  /** PEM. */
  readonly signature: string;
  readonly sha256: string;
}

/** Changes that a report lists. */
const MOST_CHANGES = 5_000;

/** Rows of evidence that are read in one turn. */
const IN_ONE_TURN = 20;

interface About {
  readonly locksOf: (zone: ZoneId) => ZoneLocks;
  readonly since: Instant;
  readonly inTurn: InTurn;
}

/**
 * How the locks of a zone are, and how they were since then, signed for the zone; null where it is no more. Takes many short
 * turns and not one long one: everybody's changes wait for turns.
 */
export async function signedReport(
  state: ControlState,
  { id }: Zone,
  { locksOf, since, inTurn }: About,
): Promise<SignedReport | null> {
  const present = () => (state.closed ? undefined : state.zones.index.get(id));
  const looks = await fullLooks(state, id, inTurn);
  const changes = await inTurn(async () =>
    state.closed ? [] : changesOf(state.store, id, { origin: null, since, most: MOST_CHANGES + 1 }),
  );
  const [zone, now] = [present(), state.clock()];
  if (zone === undefined) return null;
  const locks = locksOf(id);
  const text = reportText({
    format: 'postern-attestation-report',
    installation: state.installation.host,
    zone: zone.id,
    zone_name: zone.name,
    issued_on: moment(now),
    since: moment(since),
    verdict: locks.attestations.length === 0 ? null : worst(locks.attestations.map(({ verdict }) => verdict)),
    ...pausedPart(locks.pause),
    locks: locks.attestations.map((one) => lock(one, looks.get(attestationKey(one)) ?? NO_LOOK)),
    changes: changes.slice(0, MOST_CHANGES).map(change),
    complete: changes.length <= MOST_CHANGES,
    unattested: locks.unattested.map(unattestedView),
  });
  const signature = await inTurn(async () => {
    const signing = present();
    return signing === undefined
      ? null
      : writeDetached(Buffer.from(text, 'utf8'), await zoneSigner(state, signing, now));
  });
  if (signature === null) return null;
  return {
    kind: 'signed',
    text,
    signature: writePem('CMS', signature),
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}

async function fullLooks(state: ControlState, zone: ZoneId, inTurn: InTurn): Promise<ReadonlyMap<string, FullLook>> {
  const looks = new Map<string, FullLook>();
  for (let after = ''; ; ) {
    const asked = { after, most: IN_ONE_TURN };
    const rows = await inTurn(async () => (state.closed ? [] : evidencePage(state.store, zone, asked)));
    for (const { origin, evidence } of rows) {
      const read = readEvidence(evidence);
      if (read !== null) looks.set(origin, fullLook(read));
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < IN_ONE_TURN) return looks;
    after = last.origin;
    // Also those who wait for no turn get theirs.
    await setImmediate();
  }
}

function pausedPart(pause: LookPause | null): Pick<AttestationReport, 'paused'> {
  if (pause === null) return {};
  const { since, until, because } = pause;
  return { paused: { since: moment(since), until: moment(until), reason: because } };
}

type Lock = AttestationReport['locks'][number];

/** What a report says of the newest full look: how much was seen, and what was not. */
type FullLook = Pick<Lock, 'checked' | 'not_checked'>;

const NO_LOOK: FullLook = { checked: 0, not_checked: [] };

function fullLook({ checked, notChecked }: NonNullable<AttestationEvidence>): FullLook {
  return { checked: checked.length, not_checked: notChecked.map(({ what, why }) => ({ what, why })) };
}

function lock(attestation: Attestation, look: FullLook): Lock {
  const { findings, found: _, ...view } = attestationView(attestation, findingTitle);
  return {
    ...view,
    findings: findings.filter(isFindingCode).map((code) => {
      const { severity, title, refs } = FINDINGS[code];
      return { code, severity, title, refs: [...refs] };
    }),
    ...look,
  };
}

function change({ at, origin, verdict, findings }: AttestationChange): AttestationReport['changes'][number] {
  return { at: moment(at), origin, verdict, findings: [...findings] };
}
