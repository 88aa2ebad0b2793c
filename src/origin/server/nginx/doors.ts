import type { Door } from '../doors.ts';
import { listenerText } from '../virtual-host.ts';
import type { NginxHost } from './hosts.ts';
import { nginxListener } from './listen.ts';
import type { Effective, NginxTree } from './tree.ts';

/** The doors that only nginx has. Pure. */
export function nginxDoors(tree: NginxTree, locked: readonly NginxHost[]): readonly Door[] {
  return [
    ...tree.stops.map(({ place }) => ({ server: 'nginx', code: 'unread', place, at: '' }) as const),
    ...streamListeners(tree),
    ...locked.flatMap(errorPages),
    ...locked.flatMap(sharedSessions),
  ];
}

function streamListeners({ effective }: NginxTree): readonly Door[] {
  const servers = effective
    .filter(({ name }) => name === 'stream')
    .flatMap(({ inner }) => (inner ?? []).filter(({ name }) => name === 'server'));
  return servers.flatMap(({ inner }) =>
    (inner ?? [])
      .filter(({ name }) => name === 'listen')
      .map(({ args, place }) => {
        const listener = nginxListener(args, place);
        return {
          server: 'nginx',
          code: 'stream_listener',
          place,
          at: listener === null ? args.join(' ') : listenerText(listener),
        } as const;
      }),
  );
}

/** Statuses with which nginx refuses a caller's certificate, or plain HTTP on a port for TLS. */
const REFUSALS: ReadonlySet<string> = new Set(['400', '495', '496', '497']);

function errorPages({ block, http }: NginxHost): readonly Door[] {
  const isPage = ({ name }: Effective) => name === 'error_page';
  const own = (block.inner ?? []).filter(isPage);
  // One of its own keeps all of those around it away.
  return (own.length > 0 ? own : http.filter(isPage))
    .filter(({ args }) => args.some((arg) => REFUSALS.has(arg)))
    .map(({ place, args }) => ({ server: 'nginx', code: 'error_page', place, at: args.join(' ') }));
}

// The lock switches sessions off unless a file that others share says otherwise. Tickets alone end with the next reload,
// and so before a list or a bundle can count; a shared cache outlives it, and so do tickets under a key from a file.
function sharedSessions({ block, http, place }: NginxHost): readonly Door[] {
  const inner = block.inner ?? [];
  const shared = inner.filter((found) => found.place.file !== place.file);
  const caches = shared.filter(
    ({ name, args }) => name === 'ssl_session_cache' && args[0] !== 'off' && args[0] !== 'none',
  );
  const hasTickets = shared.some(({ name, args }) => name === 'ssl_session_tickets' && args[0] === 'on');
  const key = [...inner, ...http].find(({ name }) => name === 'ssl_session_ticket_key');
  return [
    ...caches.map((found) => door(found, found.args)),
    ...(hasTickets && key !== undefined ? [door(key, [key.name, ...key.args])] : []),
  ];

  function door(found: Effective, words: readonly string[]): Door {
    return { server: 'nginx', code: 'lasting_sessions', place: found.place, at: words.join(' ') };
  }
}
