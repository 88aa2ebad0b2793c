import type { Finding } from '../../doctor/diagnosis/finding.ts';
import type { ServerKind } from '../../doctor/diagnosis/fixes.ts';
import type { Place } from '../server/place.ts';
import { type AuditRequest, found } from './audit-request.ts';
import type { Said } from './said.ts';
import { judgeRevocationFile, type ListsWanted } from './revocation-file.ts';
import {
  judgeTrustedFile,
  readTrustedFile,
  sharedWithServer,
  type TrustedFile,
  type TrustFault,
} from './trusted-file.ts';

/** The files by which a site trusts its callers, with where each is named. */
export interface TrustNamed {
  readonly authorities: { readonly path: string; readonly where: Place } | null;
  readonly lists: { readonly path: string; readonly where: Place; readonly wanted: ListsWanted } | null;
  readonly server: { readonly path: string; readonly where: Place } | null;
}

/** What those files hold, and what is wrong with them. */
export interface TrustReading {
  readonly file: TrustedFile | null;
  readonly findings: readonly Finding[];
  /** Why no certificate of the edge can pass. */
  readonly keepsOut: Said | null;
}

/** Opens and judges the files of a site. */
export function readTrust(
  server: ServerKind,
  { authorities, lists, server: own }: TrustNamed,
  { source, now }: Pick<AuditRequest, 'source' | 'now'>,
  target: string | null,
): TrustReading {
  if (authorities === null) return { file: null, findings: [], keepsOut: null };
  const file = readTrustedFile(authorities.path, source);
  const certificate = own === null ? null : readTrustedFile(own.path, source);
  const shared = sharedWithServer(file, certificate?.kind === 'read' ? certificate.certificates.slice(0, 1) : []);
  const faults = [
    ...[...judgeTrustedFile(file, { now, ends: 'self_issued' }), ...(shared === null ? [] : [shared])].map(
      at(authorities.where),
    ),
    ...(lists === null
      ? []
      : judgeRevocationFile(lists.path, { trusted: file, now, wanted: lists.wanted }, source).map(at(lists.where))),
  ];
  const [out] = faults.filter(({ fault }) => fault.keepsEdgeOut);
  return {
    file,
    findings: faults.map(({ fault, where }) => found(server, fault.code, { where, detail: fault.detail, target })),
    keepsOut: out === undefined ? null : { code: out.fault.code, where: out.where, detail: out.fault.detail },
  };
}

function at(where: Place) {
  return (fault: TrustFault) => ({ fault, where });
}
