import type { ConfigurationReading } from '../../doctor/configuration.ts';
import type { ServerKind } from '../../doctor/diagnosis/fixes.ts';
import { auditApache } from './apache.ts';
import type { AuditRequest } from './audit-request.ts';
import { auditCaddy } from './caddy/audit-caddy.ts';
import { auditHaproxy } from './haproxy.ts';
import { auditLighttpd } from './lighttpd.ts';
import { dumpSource, isNginxDump } from './nginx/dump.ts';
import { auditNginx } from './nginx/audit-nginx.ts';
import { auditStunnel } from './stunnel/audit-stunnel.ts';

/** The audit of each server whose configuration can be read. */
const AUDITS: Readonly<Partial<Record<ServerKind, (request: AuditRequest) => ConfigurationReading>>> = {
  apache: auditApache,
  caddy: auditCaddy,
  haproxy: auditHaproxy,
  lighttpd: auditLighttpd,
  nginx: (request) => auditNginx(withDump(request)),
  stunnel: auditStunnel,
};

/** Servers whose configuration can be read. */
export const AUDITED = Object.keys(AUDITS) as readonly ServerKind[];

/** Reads a configuration of that server, and says what it would do; null where it cannot be read. */
export function audit(server: ServerKind, request: AuditRequest): ConfigurationReading | null {
  return AUDITS[server]?.(request) ?? null;
}

// What `nginx -T` prints is many files in one.
function withDump(request: AuditRequest): AuditRequest {
  const read = request.source.read(request.main);
  if (!('text' in read) || !isNginxDump(read.text)) return request;
  const { main, source } = dumpSource(read.text, request.source);
  return { ...request, main, source };
}
