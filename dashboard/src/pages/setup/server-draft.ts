import { serverOf } from './server.ts';
import type { Choices } from './setup.ts';
import { type Form, formOf, type Way, wayOf } from './way.ts';

/** The choices while somebody makes them: everything is text, as it stands in the fields. */
export interface ServerDraft {
  readonly server: string;
  readonly version: string;
  readonly behind: 'upstream' | 'root';
  readonly upstream: string;
  readonly root: string;
  readonly certificate: 'origin_ca' | 'own';
  readonly serverCert: string;
  readonly serverKey: string;
  readonly listen: string;
  readonly directory: string;
  readonly way: Way | null;
  readonly form: Form;
  readonly serverConfig: string;
  readonly allNames: boolean;
  readonly otherNames: string;
  readonly runtimeDir: string;
  /** Whether records that other names lack are made with the configuration. No choice of it. */
  readonly makeRecords: boolean;
}

/** The choices in the fields of the form: what is usual, until a server was chosen. */
export function draftOf(choices: Choices): ServerDraft {
  const isNew = choices.server === undefined;
  return {
    server: choices.server ?? '',
    version: choices.server_version ?? '',
    behind: choices.root === undefined ? 'upstream' : 'root',
    upstream: choices.upstream ?? '',
    root: choices.root ?? '',
    certificate: isNew || choices.origin_ca === true ? 'origin_ca' : 'own',
    serverCert: choices.server_cert ?? '',
    serverKey: choices.server_key ?? '',
    listen: (choices.listen ?? []).join(', '),
    directory: choices.directory ?? '',
    way: choices.way ?? null,
    form: isNew || choices.lines === true ? 'lines' : choices.fragment === true ? 'fragment' : 'whole',
    serverConfig: choices.server_config ?? '',
    allNames: choices.all_names ?? false,
    otherNames: (choices.other_names ?? []).join(', '),
    runtimeDir: choices.runtime_dir ?? '',
    makeRecords: true,
  };
}

/** What has a field in the form. */
const FIELDS: ReadonlySet<string> = new Set([
  'server',
  'server_version',
  'upstream',
  'root',
  'origin_ca',
  'server_cert',
  'server_key',
  'listen',
  'directory',
  'runtime_dir',
  'fragment',
  'lines',
  'way',
  'server_config',
  'all_names',
  'other_names',
]);

/**
 * What the API takes; what was left out is what it does by itself. What was chosen `before` and has no field, such as by
 * the command, stays.
 */
export function choicesOf(draft: ServerDraft, before: Choices): Choices {
  const { watches = true } = serverOf(draft.server) ?? {};
  const others = namesIn(draft.otherNames);
  return {
    ...Object.fromEntries(Object.entries(before).filter(([name]) => !FIELDS.has(name))),
    ...text({ server: draft.server }),
    way: wayOf(draft),
    ...(others.length === 0 ? {} : { other_names: others }),
    ...ofForm(draft),
    mode: watches ? (before.mode ?? 'watch') : 'enforce',
  };
}

/** What that way, and that form, needs. */
function ofForm(draft: ServerDraft): Choices {
  const form = formOf(draft);
  if (form === null)
    return { ...text({ server_config: draft.serverConfig }), ...(draft.allNames ? { all_names: true } : {}) };
  if (form === 'lines') return { ...text({ directory: draft.directory }), lines: true };
  const listen = namesIn(draft.listen);
  return {
    ...text({ server_version: draft.version }),
    ...text(draft.behind === 'upstream' ? { upstream: draft.upstream } : { root: draft.root }),
    ...(draft.certificate === 'origin_ca'
      ? { origin_ca: true }
      : text({ server_cert: draft.serverCert, server_key: draft.serverKey })),
    ...(listen.length === 0 ? {} : { listen }),
    ...text({ directory: draft.directory, runtime_dir: form === 'fragment' ? '' : draft.runtimeDir }),
    fragment: form === 'fragment',
  };
}

/** Several in one field, with commas or spaces. */
export function namesIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((one) => one !== '');
}

function text(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]])),
  );
}
