import { createHash } from 'node:crypto';
import { PERMISSIONS, type Permission } from './permissions.ts';

/** A permission as Cloudflare's API names it. */
export interface PermissionGroup {
  /** 32 hexadecimal digits, the same in every installation. */
  readonly id: string;
  readonly name: string;
  readonly permission: Permission;
  readonly scope: 'account' | 'zone';
}

const NAMES = {
  'account:read': ['Account Settings Read', 'account'],
  'account:edit': ['Account Settings Write', 'account'],
  'zone:read': ['Zone Read', 'zone'],
  'zone:edit': ['Zone Write', 'zone'],
  'dns:read': ['DNS Read', 'zone'],
  'dns:edit': ['DNS Write', 'zone'],
  'settings:read': ['Zone Settings Read', 'zone'],
  'settings:edit': ['Zone Settings Write', 'zone'],
  'ssl:read': ['SSL and Certificates Read', 'zone'],
  'ssl:edit': ['SSL and Certificates Write', 'zone'],
  'firewall:read': ['Firewall Services Read', 'zone'],
  'firewall:edit': ['Firewall Services Write', 'zone'],
  'tokens:read': ['API Tokens Read', 'account'],
  'tokens:edit': ['API Tokens Write', 'account'],
  'audit:read': ['Access: Audit Logs Read', 'account'],
  'edges:read': ['Postern Edges Read', 'account'],
  'edges:edit': ['Postern Edges Write', 'account'],
  'metrics:read': ['Postern Metrics Read', 'account'],
  'notices:read': ['Notifications Read', 'account'],
  'notices:edit': ['Notifications Write', 'account'],
  'backup:read': ['Postern Backups Read', 'account'],
  'keys:export': ['Postern Root Keys Export', 'zone'],
  'origin:report': ['Postern Origin Reports Write', 'zone'],
  'locks:probe': ['Postern Lock Probes Write', 'zone'],
  'origins:private': ['Postern Private Origins', 'account'],
} as const satisfies Record<Permission, readonly [name: string, scope: PermissionGroup['scope']]>;

/** What tokens can be given, in Cloudflare's words where it has any. */
export const PERMISSION_GROUPS: readonly PermissionGroup[] = PERMISSIONS.map((permission) => {
  const [name, scope] = NAMES[permission];
  return { id: groupId(permission), name, permission, scope };
});

/** What a resource key of Cloudflare's says it is about. */
export const RESOURCE_SCOPES = {
  account: 'com.cloudflare.api.account',
  zone: 'com.cloudflare.api.account.zone',
} as const;

function groupId(permission: Permission): string {
  return createHash('sha256').update(`postern permission ${permission}`).digest('hex').slice(0, 32);
}
