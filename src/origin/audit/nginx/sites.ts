import type { Listener } from '../../server/virtual-host.ts';
import { nginxHosts } from '../../server/nginx/hosts.ts';
import { upstreamsIn } from '../../server/nginx/reaches.ts';
import type { NginxTree } from '../../server/nginx/tree.ts';
import type { AuditRequest } from '../audit-request.ts';
import type { Site, VerifyMode } from './admission.ts';
import { endpointsOf, ownDirectives } from './endpoints.ts';
import { fullPath, settingText } from './settings.ts';
import { madeVariables } from './variables.ts';

const MODES: ReadonlySet<string> = new Set(['off', 'on', 'optional', 'optional_no_ca']);

/** The server blocks of `http { }`, ready to be asked. */
export function sitesOf(tree: NginxTree, request: AuditRequest): readonly Site[] {
  const hosts = nginxHosts(tree);
  const levels = new Map(
    [...new Set(hosts.map(({ http }) => http))].map((http) => [
      http,
      {
        upstreams: upstreamsIn(http),
        made: madeVariables(http, request.source, (path) => fullPath(request.main, path)),
      },
    ]),
  );
  return hosts.map((host) => {
    const level = levels.get(host.http);
    const written = settingText(host, 'ssl_verify_client') ?? 'off';
    return {
      host,
      mode: MODES.has(written) ? (written as VerifyMode) : 'off',
      endpoints: endpointsOf(host, level?.upstreams ?? new Map()),
      made: level?.made ?? new Map(),
    };
  });
}

/** Whether a site asks for certificates, or names an authority for them, or looks at what became of them. */
export function isMeant({ host, mode }: Site): boolean {
  const inner = host.block.inner ?? [];
  if (!host.listeners.some(({ tls }) => tls)) return false;
  if (mode !== 'off' || inner.some(({ name }) => name === 'ssl_client_certificate')) return true;
  return [...ownDirectives(inner)].some(
    ({ name, args }) => name === 'if' && args.some((arg) => arg.includes('$ssl_client_')),
  );
}

/** Names that people would call a site by. */
export function usableNames({ host }: Site): readonly string[] {
  return host.names
    .filter((name) => /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name) && name !== '_')
    .concat(host.names.filter((name) => /^\.[a-z0-9]/.test(name)).map((name) => name.slice(1)));
}

/** The listener of a site at a socket. */
export function listenerAt({ host }: Site, socket: Listener): Listener {
  const { port, family, quic } = socket;
  const found = host.listeners.find(
    (one) => one.host === socket.host && one.port === port && one.family === family && one.quic === quic,
  );
  return found ?? socket;
}
