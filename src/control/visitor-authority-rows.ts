import type { X509Facts } from '../domain/certificate.ts';
import { hostnamePattern, instant } from '../domain/ids.ts';
import type { VisitorAuthorities } from '../domain/visitor-authorities.ts';
import type { Zone } from '../domain/zone.ts';
import type { Store } from './store.ts';
import { damaged, storedList } from './stored.ts';
import type { RowChange, Unordered, VisitorAuthoritiesRow } from './tables.ts';

/** Writes the lists of visitors' CAs that differ. Belongs in a transaction. */
export async function writeVisitorAuthorities(
  store: Store,
  zone: Zone,
  { put, dropped }: RowChange<string, VisitorAuthorities>,
  born: number,
): Promise<void> {
  for (const hostname of dropped) {
    await store
      .deleteFrom('visitor_authorities')
      .where('zone', '=', zone.id)
      .where('hostname', '=', hostname)
      .execute();
  }
  for (const [ordinal, list] of put.entries()) {
    const row = listRow(zone, list);
    await store
      .insertInto('visitor_authorities')
      .values({ ...row, born, ordinal })
      .onConflict((conflict) => conflict.columns(['zone', 'hostname']).doUpdateSet(row))
      .execute();
  }
}

/** A list as it was stored. Throws StartError: one that cannot be read must not leave its hostname open. */
export function visitorAuthorities(row: VisitorAuthoritiesRow, read: (pem: string) => X509Facts): VisitorAuthorities {
  return {
    hostname: hostnamePattern(row.hostname) ?? damaged('a hostname', row.hostname),
    name: row.name,
    certificates: storedList(row.certificates).map(read),
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
  };
}

function listRow(
  zone: Zone,
  { hostname, name, certificates, createdAt, modifiedAt }: VisitorAuthorities,
): Unordered<VisitorAuthoritiesRow> {
  return {
    zone: zone.id,
    hostname,
    name,
    certificates: JSON.stringify(certificates.map(({ pem }) => pem)),
    created_at: createdAt,
    modified_at: modifiedAt,
  };
}
