import { inZone, type Resource, useResource } from '../../api/resource.ts';
import type { DnsRecord } from '../dns/record.ts';
import { atOrigin } from './record-fields.tsx';

/** The records of one name of a zone, kept up to date. */
export function useRecordsOf(
  zone: string,
  name: string,
): readonly [Resource<readonly DnsRecord[]>, refresh: () => void] {
  return useResource<readonly DnsRecord[]>(recordsPath(zone, name), { on: inZone(zone) });
}

/** Where the API has the records of one name. */
export function recordsPath(zone: string, name: string): string {
  return `/client/v4/zones/${zone}/dns_records?name=${encodeURIComponent(name)}&per_page=100`;
}

/** Where each record of a name leads, and where the edge knocks there. */
export function RecordLines({ rows }: { readonly rows: readonly DnsRecord[] }) {
  return (
    <>
      {rows.map((record) => (
        <p key={record.id}>
          <span class="tag">{record.type}</span> {record.name} → <span class="mono break">{record.content}</span>
          <span class="muted"> · {atOrigin(record)}</span>
        </p>
      ))}
    </>
  );
}
