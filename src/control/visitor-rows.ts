import { hostnamePattern, instant, type ZoneId } from '../domain/ids.ts';
import type { Store } from './store.ts';
import { damaged, storedList } from './stored.ts';
import type { VisitorCertificate } from './visitor-certificates.ts';

/** Stores a zone's visitor certificate in place of the one before. Its key is a secret of its own. */
export async function writeVisitorCertificate(store: Store, zone: ZoneId, one: VisitorCertificate): Promise<void> {
  const { names, chain, notBefore, notAfter } = one;
  const changes = { names: JSON.stringify(names), chain, not_before: notBefore, not_after: notAfter };
  await store
    .insertInto('visitor_certificates')
    .values({ zone, ...changes })
    .onConflict((conflict) => conflict.column('zone').doUpdateSet(changes))
    .execute();
}

/** All visitor certificates by zone. Throws StartError for rows it cannot read. */
export async function loadVisitorCertificates(store: Store): Promise<ReadonlyMap<string, VisitorCertificate>> {
  const rows = await store.selectFrom('visitor_certificates').selectAll().execute();
  return new Map(
    rows.map(({ zone, names, chain, not_before, not_after }) => [
      zone,
      {
        names: storedList(names).map((name) => hostnamePattern(name) ?? damaged('a hostname', name)),
        chain,
        notBefore: instant(not_before),
        notAfter: instant(not_after),
      },
    ]),
  );
}
