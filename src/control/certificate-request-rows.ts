import type { CertificateRequest } from '../domain/certificate-request.ts';
import { certificateId, hostnamePattern, instant } from '../domain/ids.ts';
import type { Zone } from '../domain/zone.ts';
import type { Store } from './store.ts';
import { damaged, storedList, storedWord } from './stored.ts';
import type { CertificateRequestRow, RowChange } from './tables.ts';

/** Writes the certificate requests that differ: they are never changed. Belongs in a transaction. */
export async function writeCertificateRequests(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, CertificateRequest>,
  born: number,
): Promise<void> {
  for (const id of dropped) await store.deleteFrom('certificate_requests').where('id', '=', id).execute();
  for (const [ordinal, request] of put.entries()) {
    await store
      .insertInto('certificate_requests')
      .values(row(zone, request, { born, ordinal }))
      .execute();
  }
}

/** A certificate request as it was stored. Throws StartError. */
export function certificateRequest(row: CertificateRequestRow): CertificateRequest {
  return {
    id: certificateId(row.id) ?? damaged('the id of a certificate request', row.id),
    level: storedWord(['zone', 'hostname'], row.level),
    keyType: row.key_type,
    spki: row.spki,
    commonName: row.common_name,
    hostnames: storedList(row.hostnames).map((name) => hostnamePattern(name) ?? damaged('a hostname', name)),
    pem: row.pem,
    createdAt: instant(row.created_at),
  };
}

function row(
  zone: Zone,
  { id, level, keyType, spki, commonName, hostnames, pem, createdAt }: CertificateRequest,
  place: Pick<CertificateRequestRow, 'born' | 'ordinal'>,
): CertificateRequestRow {
  return {
    id,
    zone: zone.id,
    level,
    key_type: keyType,
    spki,
    common_name: commonName,
    hostnames: JSON.stringify(hostnames),
    pem,
    created_at: createdAt,
    ...place,
  };
}
