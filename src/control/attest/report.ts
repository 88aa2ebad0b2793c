import { createHash } from 'node:crypto';
import { FINDINGS, isFindingCode } from '../../doctor/diagnosis/findings.ts';
import type { Attestation, ZoneLocks } from '../../domain/attestation.ts';
import type { Instant } from '../../domain/ids.ts';
import { worst } from '../../domain/verdict.ts';
import type { Zone } from '../../domain/zone.ts';
import { writeDetached } from '../../pki/cms.ts';
import { writePem } from '../../pki/pem.ts';
import { type AttestationReport, reportText } from '../../wire/attestation-report.ts';
import { attestationView, unattestedView } from '../../wire/attestations.ts';
import { moment } from '../../wire/views.ts';
import type { ControlState } from '../control-state.ts';
import { zoneSigner } from '../zone-signer.ts';
import { type AttestationChange, changesOf, evidenceOf, readEvidence } from './attestation-rows.ts';

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
  const text = reportText({
    format: 'postern-attestation-report',
    installation: state.installation.host,
    zone: zone.id,
    zone_name: zone.name,
    issued_on: moment(now),
    since: moment(since),
    verdict: locks.attestations.length === 0 ? null : worst(locks.attestations.map(({ verdict }) => verdict)),
    locks: await Promise.all(locks.attestations.map((one) => lock(state, zone, one))),
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

async function lock(
  { store }: ControlState,
  { id }: Zone,
  attestation: Attestation,
): Promise<AttestationReport['locks'][number]> {
  const { findings, ...view } = attestationView(attestation);
  const evidence = readEvidence(await evidenceOf(store, id, attestation.origin));
  return {
    ...view,
    findings: findings.filter(isFindingCode).map((code) => {
      const { severity, title, refs } = FINDINGS[code];
      return { code, severity, title, refs: [...refs] };
    }),
    checked: evidence?.checked.length ?? 0,
    not_checked: (evidence?.notChecked ?? []).map(({ what, why }) => ({ what, why })),
  };
}

function change({ at, origin, verdict, findings }: AttestationChange): AttestationReport['changes'][number] {
  return { at: moment(at), origin, verdict, findings: [...findings] };
}
