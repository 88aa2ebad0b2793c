import { serverOf } from './server.ts';

/** What of the form of the server decides on the way, and on the form of the configuration. */
interface Chosen {
  readonly server: string;
  readonly way: Way | null;
  readonly form: Form;
}

/** The ways by which a configuration comes to an origin: one command, or by hand. */
export const WAYS = {
  install: 'One command into what is there',
  configure: 'One command that writes the files',
  copy: 'Copy the files',
} as const;

export type Way = keyof typeof WAYS;

export type Form = 'lines' | 'fragment' | 'whole';

/** Servers into whose virtual hosts the command that installs puts the lock. */
const INSTALLS: ReadonlySet<string> = new Set(['nginx', 'apache', 'haproxy', 'caddy']);

/** Servers whose virtual hosts take the lock as lines. */
const TAKES_LINES: ReadonlySet<string> = new Set(['nginx', 'apache']);

/** The ways that there are for a server. */
export function waysFor(server: string): readonly Way[] {
  return INSTALLS.has(server) ? ['install', 'configure', 'copy'] : ['configure', 'copy'];
}

/** The way that is chosen, or the usual one. */
export function wayOf({ server, way }: Pick<Chosen, 'server' | 'way'>): Way {
  const ways = waysFor(server);
  return ways.find((one) => one === way) ?? ways[0] ?? 'copy';
}

/** The forms that a configuration can have, copied or written. */
export function formsFor(draft: Pick<Chosen, 'server' | 'way'>): readonly Form[] {
  const hasParts = serverOf(draft.server)?.hasParts ?? true;
  return [
    ...(wayOf(draft) === 'copy' && TAKES_LINES.has(draft.server) ? (['lines'] as const) : []),
    ...(hasParts ? (['fragment'] as const) : []),
    'whole',
  ];
}

/** The form that is chosen, or the usual one; `null` where the command decides. */
export function formOf(draft: Chosen): Form | null {
  if (wayOf(draft) === 'install') return null;
  const forms = formsFor(draft);
  return forms.find((one) => one === draft.form) ?? forms[0] ?? 'whole';
}
