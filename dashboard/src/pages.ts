import type { LoadPage, PageProps, Params, ZonePageProps } from './page-props.ts';

interface Row<Props> {
  readonly path: string;
  readonly title: string;
  /** Without it a token sees neither the page nor the way to it. */
  readonly permission: string | null;
  readonly load: LoadPage<Props>;
  /** Stands in the navigation below this heading; `null` where other pages lead there. */
  readonly group: string | null;
}

/** Pages of the installation. */
export const PAGES: readonly Row<PageProps>[] = [
  { path: '/', title: 'Overview', permission: 'zone:read', group: '', load: () => import('./pages/overview/page.tsx') },
  { path: '/zones', title: 'Zones', permission: 'zone:read', group: '', load: () => import('./pages/zones/page.tsx') },
  {
    path: '/setup',
    title: 'Lock an origin',
    permission: 'zone:edit',
    group: '',
    load: () => import('./pages/setup/start.tsx'),
  },
  {
    path: '/setup/:zone/:hostname',
    title: 'Lock an origin',
    permission: 'zone:read',
    group: null,
    load: () => import('./pages/setup/page.tsx'),
  },
  {
    path: '/notices',
    title: 'Notices',
    permission: 'notices:read',
    group: 'Installation',
    load: () => import('./pages/notices/page.tsx'),
  },
  {
    path: '/edges',
    title: 'Edges',
    permission: 'edges:read',
    group: 'Installation',
    load: () => import('./pages/edges/page.tsx'),
  },
  {
    path: '/tokens',
    title: 'Tokens',
    permission: 'tokens:read',
    group: 'Installation',
    load: () => import('./pages/tokens/page.tsx'),
  },
  {
    path: '/audit',
    title: 'Audit log',
    permission: 'audit:read',
    group: 'Installation',
    load: () => import('./pages/audit/page.tsx'),
  },
];

/** Pages of a zone, below `/zones/:zone`. */
export const ZONE_PAGES: readonly Row<ZonePageProps>[] = [
  {
    path: '',
    title: 'Overview',
    permission: 'zone:read',
    group: '',
    load: () => import('./pages/zone-overview/page.tsx'),
  },
  { path: '/dns', title: 'DNS', permission: 'dns:read', group: '', load: () => import('./pages/dns/page.tsx') },
  {
    path: '/ssl',
    title: 'Encryption mode',
    permission: 'ssl:read',
    group: 'SSL/TLS',
    load: () => import('./pages/ssl/page.tsx'),
  },
  {
    path: '/ssl/edge-certificates',
    title: 'Edge Certificates',
    permission: 'ssl:read',
    group: 'SSL/TLS',
    load: () => import('./pages/edge-certificates/page.tsx'),
  },
  {
    path: '/ssl/origin-server',
    title: 'Origin Server',
    permission: 'ssl:read',
    group: 'SSL/TLS',
    load: () => import('./pages/origin-server/page.tsx'),
  },
  {
    path: '/rotations',
    title: 'Rotations',
    permission: 'ssl:read',
    group: 'SSL/TLS',
    load: () => import('./pages/rotations/page.tsx'),
  },
  {
    path: '/rotations/:id',
    title: 'Rotation',
    permission: 'ssl:read',
    group: null,
    load: () => import('./pages/rotations/rotation.tsx'),
  },
  {
    path: '/attestations',
    title: 'Attestations',
    permission: 'ssl:read',
    group: 'SSL/TLS',
    load: () => import('./pages/attestations/page.tsx'),
  },
  {
    path: '/attestations/:hostname',
    title: 'Attestation',
    permission: 'ssl:read',
    group: null,
    load: () => import('./pages/attestations/hostname.tsx'),
  },
  {
    path: '/protection',
    title: 'Protection',
    permission: 'firewall:read',
    group: 'Traffic',
    load: () => import('./pages/protection/page.tsx'),
  },
  {
    path: '/analytics',
    title: 'Analytics',
    permission: 'zone:read',
    group: 'Traffic',
    load: () => import('./pages/analytics/page.tsx'),
  },
  {
    path: '/audit',
    title: 'Audit log',
    permission: 'audit:read',
    group: 'History',
    load: () => import('./pages/zone-audit/page.tsx'),
  },
];

/** The words of a path where it has this form; `null` where it has another. */
export function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split('/');
  const given = path.replace(/\/$/, '').split('/');
  if (pattern === '/' && (path === '/' || path === '')) return {};
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const word = given[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decoded(word);
    else if (part !== word) return null;
  }
  return params;
}

/** The zone that a path is about; `null` where it is about none. */
export function zoneIn(path: string): string | null {
  const word = /^\/zones\/([^/]+)/.exec(path)?.[1];
  return word === undefined ? null : decoded(word);
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
