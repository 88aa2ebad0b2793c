import type { View } from '../../../../src/wire/answer-fields.ts';
import type { IDENTITY } from '../../../../src/wire/identities.ts';

/** An identity as `GET /postern/v1/zones/:zone/identities` has it. */
export type Identity = View<typeof IDENTITY>;

/** Who made it, in words. */
export const SOURCES: Readonly<Record<Identity['source'], string>> = {
  managed: 'Made and renewed by Postern',
  uploaded: 'Uploaded',
  shared: 'Shared by all zones',
};

export const LEVELS: Readonly<Record<Identity['level'], string>> = {
  hostname: 'Hostname',
  zone: 'Zone',
  global: 'Global',
};

/** What an identity is called: by its names, or by whose it is. */
export function titleOf({ level, source, subject, dns_names: names }: Identity): string {
  if (source === 'shared') return 'Shared identity';
  if (source === 'managed' && level === 'zone') return 'Identity of the zone';
  return names.length > 0 ? names.join(', ') : subject;
}

/** What an identity is called in a list to choose from. */
export function nameOf({ subject, dns_names: names, source }: Identity): string {
  return `${names.length > 0 ? names.slice(0, 3).join(', ') : subject} – ${SOURCES[source].toLowerCase()}`;
}

/** Where the certificates of a level stand in the API. */
export function certificatesPath(zone: string, level: 'zone' | 'hostname'): string {
  const base = `/client/v4/zones/${zone}/origin_tls_client_auth`;
  return level === 'zone' ? base : `${base}/hostnames/certificates`;
}
