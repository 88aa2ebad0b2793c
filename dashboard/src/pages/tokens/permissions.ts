/** One thing that a token may be allowed, with what that means. */
interface Allowed {
  readonly permission: string;
  readonly text: string;
}

/** All that a token may be allowed, in the groups in which people think of it. Whoever may edit may read as well. */
export const PERMISSION_GROUPS: readonly { readonly title: string; readonly all: readonly Allowed[] }[] = [
  {
    title: 'Zones and DNS',
    all: [
      { permission: 'zone:read', text: 'See zones and what was counted of them' },
      { permission: 'zone:edit', text: 'Create, pause and delete zones' },
      { permission: 'dns:read', text: 'See records and origins' },
      { permission: 'dns:edit', text: 'Change records, and proxy them or not' },
      { permission: 'origins:private', text: 'Name origins with private or loopback addresses' },
    ],
  },
  {
    title: 'SSL/TLS and locks',
    all: [
      { permission: 'ssl:read', text: 'See certificates, locks, rotations and what a change would do' },
      { permission: 'ssl:edit', text: 'Switch origin pulls, upload, rotate and revoke certificates' },
      { permission: 'settings:read', text: 'See the settings of zones' },
      { permission: 'settings:edit', text: 'Change the settings of zones, the mode among them' },
      { permission: 'locks:probe', text: 'Get certificates that open locks for five minutes, to try them' },
      { permission: 'origin:report', text: 'Tell what is in force at an origin: for the machine itself' },
    ],
  },
  {
    title: 'Protection',
    all: [
      { permission: 'firewall:read', text: 'See access rules and rate limits' },
      { permission: 'firewall:edit', text: 'Change access rules and rate limits' },
    ],
  },
  {
    title: 'Watching',
    all: [
      { permission: 'audit:read', text: 'See who changed what' },
      { permission: 'metrics:read', text: 'See what the edges count of everything' },
      { permission: 'notices:read', text: 'See notices and where they go' },
      { permission: 'notices:edit', text: 'Say where notices go' },
      { permission: 'edges:read', text: 'See edges and their revisions' },
      { permission: 'edges:edit', text: 'Change what is kept of edges' },
    ],
  },
  {
    title: 'Installation',
    all: [
      { permission: 'account:read', text: 'See accounts' },
      { permission: 'account:edit', text: 'Change accounts' },
      { permission: 'tokens:read', text: 'See tokens with no more rights than its own' },
      { permission: 'tokens:edit', text: 'Make, change and revoke tokens with no more rights than its own' },
      { permission: 'backup:read', text: 'Take backups of everything, sealed' },
      { permission: 'keys:export', text: 'Export the keys of roots, and let go of them' },
    ],
  },
];

/** What a token may do, in few words. */
export function rightsText(permissions: readonly string[]): string {
  if (permissions.includes('*')) return 'Everything';
  const [first = 'nothing', second, ...others] = permissions;
  if (second === undefined) return first;
  return others.length === 0 ? `${first}, ${second}` : `${first}, ${second} and ${others.length} more`;
}
