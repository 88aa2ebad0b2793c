import { certificateId, fingerprint, instant } from '../domain/ids.ts';
import { REVOCATION_REASONS, type Revocation, type RevocationReason } from '../domain/revocation.ts';
import type { Zone } from '../domain/zone.ts';
import type { Store } from './store.ts';
import { damaged, storedWord } from './stored.ts';
import type { RevocationRow, RowChange } from './tables.ts';

/** Writes the revocations that differ: they are never changed. Belongs in a transaction. */
export async function writeRevocations(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, Revocation>,
  born: number,
): Promise<void> {
  for (const key of dropped) {
    const [issuer = '', serial = ''] = key.split(' ');
    const here = store.deleteFrom('revocations').where('zone', '=', zone.id);
    await here.where('issuer', '=', issuer).where('serial', '=', serial).execute();
  }
  for (const [ordinal, revoked] of put.entries()) {
    await store
      .insertInto('revocations')
      .values(row(zone, revoked, { born, ordinal }))
      .execute();
  }
}

const REASONS = Object.keys(REVOCATION_REASONS) as RevocationReason[];

/** A revocation as it was stored. Throws StartError. */
export function revocation(row: RevocationRow): Revocation {
  const { certificate, subject } = row;
  return {
    issuer: fingerprint(row.issuer) ?? damaged('a fingerprint', row.issuer),
    serial: row.serial,
    certificate: certificate === null ? null : (certificateId(certificate) ?? damaged('a certificate id', certificate)),
    subject,
    reason: storedWord(REASONS, row.reason),
    at: instant(row.revoked_at),
    notAfter: instant(row.not_after),
  };
}

function row(
  zone: Zone,
  { issuer, serial, certificate, subject, reason, at, notAfter }: Revocation,
  place: Pick<RevocationRow, 'born' | 'ordinal'>,
): RevocationRow {
  return { zone: zone.id, issuer, serial, certificate, subject, reason, revoked_at: at, not_after: notAfter, ...place };
}
