import type { ModeLine } from '../lock-record.ts';
import { ORIGIN_PROBLEMS } from '../problems.ts';
import type { Door } from '../server/doors.ts';
import { type Place, placeText, type Stop, stopWhy } from '../server/place.ts';
import type { Listener, VirtualHost } from '../server/virtual-host.ts';

/** A file before and after, one character for each byte; `null` where there is none. */
export interface FileChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What an installation would do to this host, and what would stay open. */
export interface InstallPlan {
  readonly kind: 'plan';
  readonly changes: readonly FileChange[];
  /** Files that are the lock's own, whether they change or not, and what they hold. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files of others that hold lines of the lock. */
  readonly edited: readonly string[];
  /** Of those lines the ones that differ between watching and enforcing, in both forms. */
  readonly lines: ReadonlyMap<string, readonly ModeLine[]>;
  readonly locked: readonly VirtualHost[];
  /** Sockets of the locked hosts, and those around them, at which the proof knocks. */
  readonly sockets: readonly Listener[];
  /** Those of them on which the plan has names refused that no site has. */
  readonly refusing: readonly Listener[];
  readonly doors: readonly Door[];
  /** Who goes on answering, on sockets of the lock, for names that no site has. */
  readonly neighbours: readonly Neighbour[];
  readonly notes: readonly string[];
}

/** A virtual host beside the lock that answers for names that no site has. */
export interface Neighbour {
  /** A name of it, and its sockets. */
  readonly at: string;
  /** Has names of its own, by which it is reached where others are refused. */
  readonly isNamed: boolean;
}

/** Why nothing is installed: one row each. */
export const REFUSED = {
  not_served: {
    text: 'no virtual host answers for this name over TLS',
    fix: 'Give it one with a server certificate first, or make a whole configuration: postern origin config.',
  },
  more_names: {
    text: 'the virtual host answers for more names than were given, and they would be locked too',
    fix: 'Name them as well (--hostname), or say --all-names.',
  },
  not_understood: {
    text: 'the configuration was not understood there, and what is not understood is not edited',
    fix: 'Put the lock in by hand as shown below, or simplify that place.',
  },
  not_read: {
    text: 'a file of the configuration is not there, or may not be read',
    fix: 'Mend what includes it, or run this as a user that may read it: usually root.',
  },
  set_elsewhere: {
    text: 'a directive of the lock is set in a file that other virtual hosts may share',
    fix: 'Move it into the virtual host, or put the lock in by hand as shown below.',
  },
  not_alone: {
    text: 'a directive that must give way shares its line with others',
    fix: 'Put it on a line of its own.',
  },
  no_room: {
    text: 'the opening line of the virtual host holds more than its beginning',
    fix: 'Begin a new line behind it.',
  },
  proxied_socket: {
    text: 'the socket expects the PROXY protocol, so nobody can knock at it to prove the lock',
    fix: 'Put the lock in by hand as shown below, and look from outside.',
  },
  asks_already: {
    text: 'the virtual host demands certificates already, and watching would open it to everybody meanwhile',
    fix: 'Say --replace to have the new lock enforce at once, in place of the old one.',
  },
  no_module: {
    text: 'the server does not load what the lock needs',
    fix: 'Load it first (Debian: a2enmod).',
  },
  cannot: {
    text: 'this server cannot check that',
    fix: "Use the zone's own identity and no revocation lists, or put postern guard before it.",
  },
  own_callers: {
    text: 'callers of another CA need a listener of their own, and for that the virtual host would have to be copied with all that it includes',
    fix: 'Make a configuration that takes its place (postern origin config SERVER --also-trust FILE --also-listen HOST:PORT), or put postern guard --also-trust before the same application, on a port of its own.',
  },
  no_header: {
    text: 'nginx passes on what each location says, so that nothing in the server block reaches the application for sure',
    fix: 'Leave --verified-header out, and put the lines below into each location that passes requests on.',
  },
  moved_header: {
    text: 'the global options move a directive, so that a request might be handed on before the header is set',
    fix: 'Take that order away, or leave --verified-header out.',
  },
  default_said: {
    text: 'the neighbour that answers for names that nobody claims says itself that it does',
    fix: 'Take default_server out of its listen line first, or leave --default-server out.',
  },
  no_default_server: {
    text: 'there is no place here for a virtual host that refuses names that nobody claims',
    fix: 'Leave --default-server out, and look at the lock from outside: postern doctor.',
  },
  sessions_cross: ORIGIN_PROBLEMS.sessions_cross,
  too_old: {
    text: 'this version of the server cannot be locked',
    fix: 'Update it: nginx 1.19.4 or later, Apache 2.4.37 or later.',
  },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

/** A refusal, with what to do by hand. */
export interface InstallRefusal {
  readonly kind: 'refused';
  readonly code: keyof typeof REFUSED;
  readonly place: Place | null;
  readonly detail: string;
  /** Lines to put in by hand, where that is possible. */
  readonly byHand: readonly string[];
}

/** One sentence: what is wrong and where. What to do stands in the table. */
export function refusalText({ code, place, detail }: InstallRefusal): string {
  const where = [detail, place === null ? '' : placeText(place)].filter((part) => part !== '').join(', ');
  return `${REFUSED[code].text}${where === '' ? '' : ` (${where})`}.`;
}

/** Whether a person has to mend something first, or the lock has to go in by hand. */
export function stopCode({ code }: Stop): 'not_read' | 'not_understood' {
  return code === 'missing' || code === 'unreadable' ? 'not_read' : 'not_understood';
}

/** A lock goes into virtual hosts of others; a listener for other callers cannot. `asked` says what asks for one. */
export function refusedCallers(asked: string): InstallRefusal {
  return { kind: 'refused', code: 'own_callers', place: null, detail: asked, byHand: [] };
}

/** A refusal for a place where reading stopped. */
export function refusedStop(stop: Stop, byHand: readonly string[]): InstallRefusal {
  return { kind: 'refused', code: stopCode(stop), place: stop.place, detail: stopWhy(stop), byHand };
}
