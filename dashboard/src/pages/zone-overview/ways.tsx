import { Panel } from '../../parts/panel.tsx';
import { Link } from '../../route.tsx';
import { may } from '../../session.ts';
import { type Zone, zonePath } from '../../zone.tsx';

const WAYS: readonly {
  readonly path: string;
  readonly title: string;
  readonly about: string;
  readonly permission: string;
}[] = [
  {
    path: '/dns',
    title: 'DNS',
    about: 'Which names the edge serves, and where their origins are.',
    permission: 'dns:read',
  },
  { path: '/ssl', title: 'Encryption mode', about: 'What is encrypted and proved on the way.', permission: 'ssl:read' },
  {
    path: '/ssl/edge-certificates',
    title: 'Edge Certificates',
    about: 'What visitors are shown.',
    permission: 'ssl:read',
  },
  {
    path: '/ssl/origin-server',
    title: 'Origin Server',
    about: 'Which certificate origins are shown, and why.',
    permission: 'ssl:read',
  },
  {
    path: '/rotations',
    title: 'Rotations',
    about: 'Certificates and authorities replaced without a gap.',
    permission: 'ssl:read',
  },
  {
    path: '/attestations',
    title: 'Attestations',
    about: 'What was seen at each origin, and the signed report.',
    permission: 'ssl:read',
  },
  { path: '/protection', title: 'Protection', about: 'Rate limits and access rules.', permission: 'firewall:read' },
  { path: '/analytics', title: 'Analytics', about: 'What was pulled, and how it ended.', permission: 'zone:read' },
  { path: '/audit', title: 'Audit log', about: 'Who changed what, from where and when.', permission: 'audit:read' },
];

/** Each page of the zone with what it is for. */
export function Ways({ zone }: { readonly zone: Zone }) {
  const open = WAYS.filter(({ permission }) => may(permission));
  if (open.length === 0) return null;
  return (
    <Panel title="In this zone">
      <ul class="ways">
        {open.map(({ path, title, about }) => (
          <li key={path}>
            <Link to={zonePath(zone.name, path)}>{title}</Link>
            <span class="hint">{about}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
