/** What a token may be allowed. `edit` includes `read` of the same thing, as at Cloudflare. */
export const PERMISSIONS = [
  'account:read',
  'account:edit',
  'zone:read',
  'zone:edit',
  'dns:read',
  'dns:edit',
  'settings:read',
  'settings:edit',
  'ssl:read',
  'ssl:edit',
  'firewall:read',
  'firewall:edit',
  'tokens:read',
  'tokens:edit',
  'audit:read',
  'edges:read',
  'edges:edit',
  'metrics:read',
  'notices:read',
  'notices:edit',
  /** Take backups of everything: sealed, but of use to whoever gets the key. */
  'backup:read',
  /** Export the keys of roots under a passphrase, let go of them, and bring them back. */
  'keys:export',
  /** Tell what is in force at an origin, and nothing else: for the machine that the origin is. */
  'origin:report',
  /** Get certificates that open locks for five minutes, to try them. */
  'locks:probe',
  /** Name origins with private, loopback or link-local addresses. */
  'origins:private',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** Whether a token's permissions cover one. `*` covers all. */
export function allows(granted: readonly string[], wanted: string): boolean {
  if (granted.includes('*') || granted.includes(wanted)) return true;
  return wanted.endsWith(':read') && granted.includes(wanted.replace(/:read$/, ':edit'));
}
