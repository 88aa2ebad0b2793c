import type { Door } from '../doors.ts';
import { type ApacheHost, lastOf } from './hosts.ts';
import type { ApacheEffective, ApacheTree } from './tree.ts';

/** The doors that only Apache has. Pure. */
export function apacheDoors(tree: ApacheTree, locked: readonly ApacheHost[]): readonly Door[] {
  return [
    ...tree.stops.map(({ place }) => ({ server: 'apache', code: 'unread', place, at: '' }) as const),
    ...trustedElsewhere(tree, locked),
    ...keptSessions(tree),
    ...locked.flatMap(({ block }) => verifiedByPath(block.inner ?? [])),
  ];
}

// A directory of CAs is trusted beside the file, and a virtual host cannot take it away.
function trustedElsewhere({ effective }: ApacheTree, locked: readonly ApacheHost[]): readonly Door[] {
  const found = [effective, ...locked.map(({ block }) => block.inner ?? [])].flatMap(
    (level) => lastOf(level, 'sslcacertificatepath') ?? [],
  );
  return found.map(({ place, args }) => ({ server: 'apache', code: 'trusted_certificate', place, at: args.join(' ') }));
}

function keptSessions({ effective }: ApacheTree): readonly Door[] {
  const cache = lastOf(effective, 'sslsessioncache');
  if (cache === undefined || cache.args[0]?.toLowerCase() === 'none') return [];
  return [{ server: 'apache', code: 'lasting_sessions', place: cache.place, at: cache.args.join(' ') }];
}

function verifiedByPath(level: readonly ApacheEffective[]): readonly Door[] {
  return level.flatMap(({ name, inner }) => {
    if (inner === null) return [];
    const own = lastOf(inner, 'sslverifyclient');
    const here: readonly Door[] =
      own === undefined ? [] : [{ server: 'apache', code: 'verified_by_path', place: own.place, at: name }];
    return [...here, ...verifiedByPath(inner)];
  });
}
