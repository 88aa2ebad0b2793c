import type { FindingCode } from '../../../doctor/diagnosis/findings.ts';
import type { Place } from '../../server/place.ts';
import { optionOf } from '../../server/stunnel/services.ts';
import type { StunnelService } from '../../server/stunnel/syntax.ts';
import type { AuditRequest } from '../audit-request.ts';
import { judgeRevocationFile } from '../revocation-file.ts';
import type { Said } from '../said.ts';
import {
  judgeTrustedFile,
  readTrustedFile,
  sharedWithServer,
  type TrustedFile,
  type TrustFault,
} from '../trusted-file.ts';
import type { Verification } from './verification.ts';

/** By whom a service trusts callers, and what is wrong with that. */
export interface StunnelTrust {
  readonly faults: readonly Said[];
  readonly keepsEdgeOut: boolean;
  readonly letsStrangersIn: boolean;
  /** What keeps stunnel from starting. */
  readonly stoppedBy: Place | null;
  readonly unread: readonly string[];
}

interface Context extends AuditRequest {
  readonly resolve: (path: string) => string;
}

type Placed = TrustFault & { readonly where: Place; readonly stops: boolean };

/** Judges what a service trusts, where it verifies. */
export function stunnelTrust(service: StunnelService, verification: Verification, context: Context): StunnelTrust {
  const { chain, peer } = verification;
  if (!chain && !peer) return summed([], []);
  const option = optionOf(service, 'cafile');
  if (option === null) return withoutFile(service, verification);
  const file = readTrustedFile(context.resolve(option.value), context.source);
  // The certificates of callers themselves stand in it where only those pass.
  const judged = judgeTrustedFile(file, { now: context.now, ends: chain ? 'self_issued' : 'any' });
  const isPinned = peer || PINS.some((name) => optionOf(service, name) !== null);
  return summed(
    [
      ...judged.map((fault) => placed(isPinned ? narrowed(fault) : fault, option.place, file.kind === 'unusable')),
      ...(peer ? withoutLeaf(file, option.place) : []),
      ...fromServer(service, file, option.place, context),
      ...revocation(service, file, isPinned, context),
    ],
    file.kind === 'out_of_reach' ? [`${file.path} (${file.code})`] : [],
  );
}

const PINS = ['checkhost', 'checkemail', 'checkip'];

function summed(faults: readonly Placed[], unread: readonly string[]): StunnelTrust {
  return {
    faults,
    keepsEdgeOut: faults.some(({ keepsEdgeOut }) => keepsEdgeOut),
    letsStrangersIn: faults.some(({ letsStrangersIn }) => letsStrangersIn),
    stoppedBy: faults.find(({ stops }) => stops)?.where ?? null,
    unread,
  };
}

function placed(fault: TrustFault, where: Place, stops = false): Placed {
  return { ...fault, where, stops };
}

function fault(code: FindingCode, detail: string, keepsEdgeOut = false): TrustFault {
  return { code, detail, keepsEdgeOut, letsStrangersIn: false };
}

// A name that is compared keeps those out whom the authorities would vouch for.
function narrowed(one: TrustFault): TrustFault {
  return { ...one, letsStrangersIn: false };
}

function withoutFile(service: StunnelService, { by }: Verification): StunnelTrust {
  const directory = optionOf(service, 'capath');
  if (directory !== null) return summed([], [directory.value]);
  const detail = 'certificates are verified, and neither CAfile nor CApath is named';
  return summed([placed(fault('ca_file_missing', detail, true), by?.place ?? service.place, true)], []);
}

function withoutLeaf(file: TrustedFile, where: Place): readonly Placed[] {
  if (file.kind !== 'read' || file.certificates.length < file.count || file.certificates.some(({ isCa }) => !isCa))
    return [];
  const detail = `verifyPeer wants the edge's own certificate, and ${file.path} holds authorities only`;
  return [placed(fault('edge_refused', detail, true), where)];
}

function fromServer(
  service: StunnelService,
  file: TrustedFile,
  where: Place,
  { resolve, source }: Context,
): readonly Placed[] {
  const option = optionOf(service, 'cert');
  const server = option === null ? null : readTrustedFile(resolve(option.value), source);
  const shared = server?.kind === 'read' ? sharedWithServer(file, server.certificates) : null;
  return shared === null ? [] : [placed(shared, where)];
}

function revocation(
  service: StunnelService,
  file: TrustedFile,
  isPinned: boolean,
  context: Context,
): readonly Placed[] {
  const option = optionOf(service, 'crlfile');
  if (option === null) {
    const isChecked = ['crlpath', 'ocsp', 'ocspaia'].some((name) => optionOf(service, name) !== null);
    return isChecked || isPinned ? [] : [placed(fault('no_revocation', 'no CRLfile'), service.place)];
  }
  const path = context.resolve(option.value);
  const judged = judgeRevocationFile(
    path,
    { trusted: file, now: context.now, wanted: 'of_the_issuer' },
    context.source,
  );
  const isThere = 'text' in context.source.read(path);
  return judged.map((one) => placed(one, option.place, !isThere));
}
