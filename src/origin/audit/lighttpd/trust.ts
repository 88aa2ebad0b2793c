import type { Finding } from '../../../doctor/diagnosis/finding.ts';
import type { LighttpdTree, Setting } from '../../server/lighttpd/tree.ts';
import { textOf } from '../../server/lighttpd/tree.ts';
import { type AuditRequest, found } from '../audit-request.ts';
import type { Said } from '../said.ts';
import { readTrust } from '../trust-reading.ts';
import { intermediatesIn, readTrustedFile, type TrustedFile } from '../trusted-file.ts';
import { askingFor } from './request.ts';
import { membersOf, type Request, settingFor } from './settings.ts';

/** What is wrong with how a handshake is set, and what keeps the edge itself out of it. */
export interface HandshakeTrust {
  readonly findings: readonly Finding[];
  readonly keepsOut: Said | null;
}

/** Judges the TLS settings that a handshake meets. */
export function lighttpdTrust(tree: LighttpdTree, handshake: Request, request: AuditRequest): HandshakeTrust {
  const asking = askingFor(tree, handshake);
  if (!asking.isActive) return { findings: [], keepsOut: null };
  const named = (name: string) => pathOf(settingFor(tree, name, handshake));
  const authorities = pathOf(asking.authority);
  const lists = named('ssl.verifyclient.ca-crl-file');
  const server = named('ssl.pemfile');
  const reading = readTrust(
    'lighttpd',
    { authorities, lists: lists === null ? null : { ...lists, wanted: 'of_every_ca' }, server },
    request,
    null,
  );
  const where = asking.activate?.place ?? { file: tree.main, line: 1 };
  const missing: Said | null =
    authorities === null ? { code: 'ca_file_missing', where, detail: 'no ssl.verifyclient.ca-file' } : null;
  const depth = tooShort(settingFor(tree, 'ssl.verifyclient.depth', handshake), reading.file);
  const chain = server === null ? null : brokenChain(server, reading.file, request);
  const make = ({ code, where: at, detail }: Said) => found('lighttpd', code, { where: at, detail });
  return {
    findings: [
      ...reading.findings,
      ...[depth, chain, announced(tree, handshake, reading.file, request)].filter((one) => one !== null).map(make),
      ...[...versions(tree, handshake), ...sessions(tree, handshake, where)].map(make),
    ],
    // Whose chain cannot be built refuses everybody; it comes first.
    keepsOut: chain ?? missing ?? reading.keepsOut ?? depth,
  };
}

function pathOf(setting: Setting | undefined): { readonly path: string; readonly where: Setting['place'] } | null {
  const path = textOf(setting?.value);
  return setting === undefined || path === null || path === '' ? null : { path, where: setting.place };
}

// lighttpd counts the steps above the leaf.
function tooShort(setting: Setting | undefined, file: TrustedFile | null): Said | null {
  if (setting === undefined || file === null) return null;
  const depth = Number(textOf(setting.value));
  const needed = 1 + intermediatesIn(file);
  if (!Number.isInteger(depth) || depth >= needed) return null;
  const detail = `${depth} of ${needed} steps from the certificate to its root`;
  return { code: 'depth_too_small', where: setting.place, detail };
}

/** With an authority for callers lighttpd completes its own chain, from that file alone where the certificate stands alone. */
function brokenChain(
  server: NonNullable<ReturnType<typeof pathOf>>,
  file: TrustedFile | null,
  { source }: AuditRequest,
): Said | null {
  const own = readTrustedFile(server.path, source);
  if (own.kind !== 'read' || own.count !== 1) return null;
  const [leaf] = own.certificates;
  if (leaf === undefined || leaf.subject === leaf.issuer) return null;
  if (file?.kind === 'read' && file.certificates.some(({ subject }) => subject === leaf.issuer)) return null;
  return {
    code: 'server_chain',
    where: server.where,
    detail: `${server.path} holds the server's certificate without its issuer`,
  };
}

function announced(
  tree: LighttpdTree,
  handshake: Request,
  file: TrustedFile | null,
  { source }: AuditRequest,
): Said | null {
  const setting = settingFor(tree, 'ssl.verifyclient.ca-dn-file', handshake);
  const named = pathOf(setting);
  if (named === null || file?.kind !== 'read') return null;
  const told = readTrustedFile(named.path, source);
  if (told.kind !== 'read') return null;
  const names = new Set(told.certificates.map(({ subject }) => subject));
  if (file.certificates.some(({ subject }) => names.has(subject))) return null;
  return { code: 'names_announced', where: named.where, detail: named.path };
}

function commands(
  tree: LighttpdTree,
  handshake: Request,
): { readonly setting: Setting | undefined; readonly of: (name: string) => string | null } {
  const setting = settingFor(tree, 'ssl.openssl.ssl-conf-cmd', handshake);
  const of = (name: string) =>
    textOf(membersOf(setting?.value).findLast(({ key }) => key?.toLowerCase() === name)?.value);
  return { setting, of };
}

function versions(tree: LighttpdTree, handshake: Request): readonly Said[] {
  const { setting, of } = commands(tree, handshake);
  const only = of('minprotocol') === 'TLSv1.3' || of('maxprotocol') === 'TLSv1.2';
  if (setting === undefined || !only) return [];
  return [
    { code: 'tls_version', where: setting.place, detail: `${of('minprotocol') ?? ''} … ${of('maxprotocol') ?? ''}` },
  ];
}

function sessions(tree: LighttpdTree, handshake: Request, where: Setting['place']): readonly Said[] {
  const { setting, of } = commands(tree, handshake);
  if (/-SessionTicket/i.test(of('options') ?? '')) return [];
  return [{ code: 'lasting_sessions', where: setting?.place ?? where, detail: 'session tickets' }];
}
