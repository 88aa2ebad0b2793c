import type { FindingCode } from '../../../doctor/diagnosis/findings.ts';
import type { Place } from '../../server/place.ts';
import { isAtLeast } from '../../server-version.ts';
import { writePem } from '../../../pki/pem.ts';
import type { AuditRequest } from '../audit-request.ts';
import { judgeTrustedFile, readTrustedFile, type TrustedFile, type TrustFault, trustedText } from '../trusted-file.ts';
import type { ClientAuth, TrustSource } from './model.ts';

/** A fault with its place. */
interface CaddyFault extends TrustFault {
  readonly where: Place;
  /** Caddy does not start with it. */
  readonly stopsServer: boolean;
}

/** By whom callers are trusted, and what is wrong with that. */
export interface CaddyTrust {
  readonly faults: readonly CaddyFault[];
  readonly unread: readonly string[];
}

/** Judges what a policy trusts. Where it verifies nothing, whom it trusts is no matter. */
export function caddyTrust(auth: ClientAuth, request: AuditRequest): CaddyTrust {
  if (auth.mode === 'request' || auth.mode === 'require') return { faults: [], unread: [] };
  const opened = auth.trusted.map((source) => ({ source, file: openedFile(source, request) }));
  const wide = auth.trusted.length === 0 ? [systemRoots(auth)] : [];
  return {
    faults: [
      ...wide,
      ...opened.flatMap(({ source, file }) => (file === null ? [] : faultsOf(source, file, request))),
      placed(plain('no_revocation', 'no revocation lists in a configuration of Caddy'), auth.place),
    ],
    unread: [
      ...auth.trusted.flatMap((source) => (source.kind === 'elsewhere' ? [source.what] : [])),
      ...opened.flatMap(({ file }) => (file?.kind === 'out_of_reach' ? [`${file.path} (${file.code})`] : [])),
    ],
  };
}

function placed(fault: TrustFault, where: Place, stopsServer = false): CaddyFault {
  return { ...fault, where, stopsServer };
}

function plain(code: FindingCode, detail: string): TrustFault {
  return { code, detail, keepsEdgeOut: false, letsStrangersIn: false };
}

// Go verifies against the authorities of the system where none are given. A list of leaves stands behind that.
function systemRoots({ leaves, place }: ClientAuth): CaddyFault {
  const detail = 'no authority is named, so those of the system are trusted';
  return placed({ ...plain('public_authorities', detail), keepsEdgeOut: true, letsStrangersIn: !leaves }, place);
}

function openedFile(source: TrustSource, request: AuditRequest): TrustedFile | null {
  if (source.kind === 'elsewhere') return null;
  if (source.kind === 'file') return readTrustedFile(source.path, request.source);
  return trustedText('the certificate here', writePem('CERTIFICATE', Buffer.from(source.base64, 'base64')));
}

function faultsOf(source: TrustSource, file: TrustedFile, request: AuditRequest): readonly CaddyFault[] {
  const { now, version } = request;
  if (file.kind === 'unusable' && failsOpen(source, version)) {
    const detail = `${file.path}: ${file.detail}, so the authorities of the system are trusted (CVE-2026-27586)`;
    return [placed({ ...plain('public_authorities', detail), letsStrangersIn: true }, source.place)];
  }
  const isCut = source.kind === 'file' && source.firstOnly && (version === null || !isAtLeast(version, [2, 8, 0]));
  const read = file.kind === 'read' && isCut ? firstOf(file) : file;
  const judged = judgeTrustedFile(read, { now, ends: 'any' });
  return [
    ...judged.map((fault) => placed(fault, source.place, file.kind === 'unusable')),
    ...(isCut ? unreadRoots(source.place, file) : []),
  ];
}

// Between these versions an authority that cannot be read is passed over where the configuration names it in JSON.
function failsOpen(source: TrustSource, version: AuditRequest['version']): boolean {
  return (
    source.kind === 'file' &&
    !source.firstOnly &&
    version !== null &&
    isAtLeast(version, [2, 8, 0]) &&
    !isAtLeast(version, [2, 11, 1])
  );
}

function firstOf(file: TrustedFile & { readonly kind: 'read' }): TrustedFile {
  return { ...file, certificates: file.certificates.slice(0, 1), count: 1 };
}

// A second root in such a file is mostly that of a rotation: the edge will come with it, and be refused.
function unreadRoots(where: Place, file: TrustedFile): readonly CaddyFault[] {
  if (file.kind !== 'read') return [];
  const roots = file.certificates.slice(1).filter(({ subject, issuer }) => subject === issuer);
  if (roots.length === 0) return [];
  const detail = `before 2.8 Caddy reads the first of the ${file.count} certificates in ${file.path} alone`;
  return [placed(plain('old_authority', detail), where)];
}
