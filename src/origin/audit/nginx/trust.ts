import type { X509Facts } from '../../../domain/certificate.ts';
import type { FindingCode } from '../../../doctor/diagnosis/findings.ts';
import type { NginxHost } from '../../server/nginx/hosts.ts';
import type { Effective } from '../../server/nginx/tree.ts';
import type { Place } from '../../server/place.ts';
import { isAtLeast } from '../../server-version.ts';
import type { AuditRequest } from '../audit-request.ts';
import { judgeRevocationFile } from '../revocation-file.ts';
import {
  intermediatesIn,
  judgeTrustedFile,
  readTrustedFile,
  sharedWithServer,
  shortName,
  type TrustedFile,
  type TrustFault,
} from '../trusted-file.ts';
import { inherited } from './endpoints.ts';
import { fullPath, setting, settingText } from './settings.ts';

/** A fault with its place. */
export interface PlacedFault extends TrustFault {
  readonly where: Place;
  /** nginx does not start with it. */
  readonly stopsServer: boolean;
}

/** By whom a server block trusts callers, and what is wrong with that. */
export interface NginxTrust {
  readonly faults: readonly PlacedFault[];
  /** Keys of the authorities that end a path; null where they could not be read. */
  readonly anchors: ReadonlySet<string> | null;
  /** Files that could not be looked into. */
  readonly unread: readonly string[];
}

/** Opens and judges what a server block trusts. */
export function trustOf(host: NginxHost, request: AuditRequest): NginxTrust {
  const { main, source, now } = request;
  const opened = (name: string) => {
    const directive = setting(host, name);
    return directive === null
      ? null
      : { directive, file: readTrustedFile(fullPath(main, directive.args[0] ?? ''), source) };
  };
  const [client, more] = [opened('ssl_client_certificate'), opened('ssl_trusted_certificate')];
  const where = setting(host, 'ssl_verify_client')?.place ?? host.place;
  const judged = [client ?? (more === null || !takesEither(request) ? null : more)].flatMap((one) =>
    one === null
      ? [placed(missing(), where, true)]
      : judgeTrustedFile(one.file, { now, ends: 'self_issued' }).map((fault) =>
          placed(fault, one.directive.place, one.file.kind === 'unusable'),
        ),
  );
  const files = [client, more].flatMap((one) => (one === null ? [] : [one.file]));
  return {
    faults: [
      ...(settingText(host, 'ssl_verify_client') === 'optional_no_ca' && client === null ? [] : judged),
      ...(client === null || more === null ? [] : added(client.file, more.file, more.directive, now)),
      ...serverFaults(host, client?.file ?? null, request),
      ...depthFaults(host, client?.file ?? null),
      ...revocationFaults(host, client?.file ?? null, request),
      ...signatureFaults(host, client?.file ?? null),
    ],
    anchors: files.every(({ kind }) => kind === 'read') ? new Set(files.flatMap(anchorsOf)) : null,
    unread: files.flatMap((file) => (file.kind === 'out_of_reach' ? [`${file.path} (${file.code})`] : [])),
  };
}

// Since 1.27.2 either file will do.
function takesEither({ version }: AuditRequest): boolean {
  return version === null || isAtLeast(version, [1, 27, 2]);
}

function missing(): TrustFault {
  return {
    code: 'ca_file_missing',
    detail: 'ssl_verify_client without ssl_client_certificate',
    keepsEdgeOut: true,
    letsStrangersIn: false,
  };
}

function placed(fault: TrustFault, where: Place, stopsServer = false): PlacedFault {
  return { ...fault, where, stopsServer };
}

function fault(code: FindingCode, detail: string, keepsEdgeOut = false): TrustFault {
  return { code, detail, keepsEdgeOut, letsStrangersIn: false };
}

function anchorsOf(file: TrustedFile): readonly string[] {
  return file.kind === 'read' ? file.certificates.filter(isAnchor).map(({ spki }) => spki) : [];
}

function isAnchor({ subject, issuer }: X509Facts): boolean {
  return subject === issuer;
}

// Meant for stapling, it is trusted for callers too. An intermediate without its root ends no path, and adds nobody.
function added(client: TrustedFile, more: TrustedFile, { place }: Effective, now: number): readonly PlacedFault[] {
  if (more.kind === 'unusable')
    return judgeTrustedFile(more, { now, ends: 'self_issued' }).map((one) => placed(one, place, true));
  if (more.kind === 'out_of_reach') return [];
  const known = new Set(anchorsOf(client));
  const fresh = more.certificates.filter((one) => isAnchor(one) && !known.has(one.spki));
  if (fresh.length === 0) return [];
  const names = fresh.slice(0, 3).map(({ subject }) => shortName(subject));
  return [placed({ ...fault('more_authorities', names.join(', ')), letsStrangersIn: true }, place)];
}

function serverFaults(
  host: NginxHost,
  file: TrustedFile | null,
  { main, source }: AuditRequest,
): readonly PlacedFault[] {
  const directive = setting(host, 'ssl_certificate');
  const written = directive?.args[0] ?? '';
  if (file === null || directive === null || written === '' || written.includes('$') || written.startsWith('data:'))
    return [];
  const server = readTrustedFile(fullPath(main, written), source);
  const shared = server.kind === 'read' ? sharedWithServer(file, server.certificates) : null;
  return shared === null ? [] : [placed(shared, setting(host, 'ssl_client_certificate')?.place ?? directive.place)];
}

const DEFAULT_DEPTH = 1;
const GREAT_DEPTH = 3;

// OpenSSL counts the intermediates: 1 allows for one.
function depthFaults(host: NginxHost, file: TrustedFile | null): readonly PlacedFault[] {
  const directive = setting(host, 'ssl_verify_depth');
  const depth = Number(directive?.args[0] ?? DEFAULT_DEPTH);
  if (file === null || !Number.isInteger(depth)) return [];
  const chain = intermediatesIn(file);
  const where = directive?.place ?? host.place;
  if (chain > depth) {
    const detail = `${chain} intermediates in ${file.path}, and ssl_verify_depth ${depth}`;
    return [placed(fault('depth_too_small', detail, true), where)];
  }
  return depth >= GREAT_DEPTH && depth > chain + 1
    ? [placed(fault('depth_too_great', `ssl_verify_depth ${depth}`), where)]
    : [];
}

function revocationFaults(
  host: NginxHost,
  file: TrustedFile | null,
  { main, source, now }: AuditRequest,
): readonly PlacedFault[] {
  const directive = setting(host, 'ssl_crl');
  if (directive === null) return [placed(fault('no_revocation', 'no ssl_crl'), host.place)];
  if (file === null) return [];
  const path = fullPath(main, directive.args[0] ?? '');
  const judged = judgeRevocationFile(path, { trusted: file, now, wanted: 'of_every_ca' }, source);
  const isThere = 'text' in source.read(path);
  return judged.map((one) => placed(one, directive.place, !isThere));
}

// Only what the authority's own key shows: the edge's leaf is mostly of the same kind.
function signatureFaults(host: NginxHost, file: TrustedFile | null): readonly PlacedFault[] {
  const lines = inherited([host.http, host.block.inner ?? []], 'ssl_conf_command');
  const line = lines.find(({ args }) => args[0] === 'ClientSignatureAlgorithms');
  if (line === undefined || file?.kind !== 'read' || file.certificates.length === 0) return [];
  const kinds = new Set((line.args[1] ?? '').split(':').map(kindOf));
  const fits = file.certificates.some(({ keyType }) => kinds.has(kindOf(keyType)));
  return fits ? [] : [placed(fault('key_kind', line.args[1] ?? '', true), line.place)];
}

function kindOf(algorithm: string): string {
  if (/rsa/i.test(algorithm)) return 'rsa';
  return /^ec/i.test(algorithm) ? 'ec' : algorithm.toLowerCase();
}
