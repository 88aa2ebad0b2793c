import type { Choices } from './setup.ts';

/** What the set-up has to know of a server that origins run. */
interface Server {
  readonly value: string;
  readonly text: string;
  /** Whether it can ask for a certificate and refuse nobody. */
  readonly watches: boolean;
  /** Whether a part can be included into a configuration that is there. */
  readonly hasParts: boolean;
}

const SERVERS: readonly Server[] = [
  { value: 'nginx', text: 'nginx', watches: true, hasParts: true },
  { value: 'apache', text: 'Apache httpd', watches: true, hasParts: true },
  { value: 'caddy', text: 'Caddy', watches: true, hasParts: true },
  { value: 'haproxy', text: 'HAProxy', watches: true, hasParts: true },
  { value: 'lighttpd', text: 'lighttpd', watches: true, hasParts: false },
  { value: 'node', text: 'Node.js', watches: true, hasParts: false },
  { value: 'stunnel', text: 'stunnel', watches: false, hasParts: false },
  { value: 'envoy', text: 'Envoy', watches: false, hasParts: false },
  { value: 'traefik', text: 'Traefik', watches: false, hasParts: false },
  { value: 'ingress-nginx', text: 'Kubernetes: ingress-nginx', watches: false, hasParts: false },
  { value: 'gateway-api', text: 'Kubernetes: Gateway API', watches: false, hasParts: false },
  { value: 'aws-alb', text: 'AWS Application Load Balancer', watches: false, hasParts: false },
];

export const SERVER_OPTIONS = [
  { value: '', text: 'Choose one' },
  ...SERVERS.map(({ value, text }) => ({ value, text })),
];

export function serverOf(value: string | undefined): Server | null {
  return SERVERS.find((server) => server.value === value) ?? null;
}

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
  readonly form: 'fragment' | 'whole';
  readonly runtimeDir: string;
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
    form: isNew || choices.fragment === true ? 'fragment' : 'whole',
    runtimeDir: choices.runtime_dir ?? '',
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
]);

/**
 * What the API takes; what was left out is what it does by itself. What was chosen `before` and has no field, such as by
 * the command, stays.
 */
export function choicesOf(draft: ServerDraft, before: Choices): Choices {
  const listen = draft.listen.split(/[\s,]+/).filter((one) => one !== '');
  const { watches = true, hasParts = true } = serverOf(draft.server) ?? {};
  const isPart = hasParts && draft.form === 'fragment';
  return {
    ...Object.fromEntries(Object.entries(before).filter(([name]) => !FIELDS.has(name))),
    ...text({ server: draft.server, server_version: draft.version }),
    ...text(draft.behind === 'upstream' ? { upstream: draft.upstream } : { root: draft.root }),
    ...(draft.certificate === 'origin_ca'
      ? { origin_ca: true }
      : text({ server_cert: draft.serverCert, server_key: draft.serverKey })),
    ...(listen.length === 0 ? {} : { listen }),
    ...text({ directory: draft.directory, runtime_dir: isPart ? '' : draft.runtimeDir }),
    fragment: isPart,
    mode: watches ? (before.mode ?? 'watch') : 'enforce',
  };
}

function text(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]])),
  );
}
