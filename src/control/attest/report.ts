import { createHash } from 'node:crypto';
import { FINDINGS, isFindingCode } from '../../doctor/diagnosis/findings.ts';
import { type Attestation, attestationKey, type ZoneLocks } from '../../domain/attestation.ts';
import type { Instant } from '../../domain/ids.ts';
import type { LookPause } from '../../domain/look-settings.ts';
import { worst } from '../../domain/verdict.ts';
import type { Zone } from '../../domain/zone.ts';
import { writeDetached } from '../../pki/cms.ts';
import { writePem } from '../../pki/pem.ts';
import { type AttestationReport, reportText } from '../../wire/attestation-report.ts';
import { type AttestationEvidence, attestationView, unattestedView } from '../../wire/attestations.ts';
import { moment } from '../../wire/views.ts';
import type { ControlState } from '../control-state.ts';
import { zoneSigner } from '../zone-signer.ts';
import { type AttestationChange, changesOf, eachEvidence } from './attestation-rows.ts';

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

/** How the locks of a zone are, and how they were since then, signed for the zone. Belongs in a turn. */
export async function signedReport(
  state: ControlState,
  zone: Zone,
  { locks, since }: { readonly locks: ZoneLocks; readonly since: Instant },
): Promise<SignedReport> {
  const now = state.clock();
  const changes = await changesOf(state.store, zone.id, { origin: null, since, most: MOST_CHANGES + 1 });
  const looks = new Map<string, FullLook>();
  await eachEvidence(state.store, zone.id, (origin, evidence) => {
    if (evidence !== null) looks.set(origin, fullLook(evidence));
  });
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
  const signature = writeDetached(Buffer.from(text, 'utf8'), await zoneSigner(state, zone, now));
  return {
    kind: 'signed',
    text,
    signature: writePem('CMS', signature),
    sha256: createHash('sha256').update(text).digest('hex'),
  };
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
  const { findings, ...view } = attestationView(attestation);
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
