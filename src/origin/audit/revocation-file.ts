import type { X509Facts } from '../../domain/certificate.ts';
import { isListOf, type OpenCrl, openCrls } from '../../pki/crl-read.ts';
import { PkiError } from '../../pki/pki-error.ts';
import type { ConfigSource } from '../server/config-source.ts';
import type { TrustFault, TrustedFile } from './trusted-file.ts';
import { shortName } from './trusted-file.ts';

/** Whose lists a server wants to have: of every CA in the path, or of the one that issued the caller's certificate. */
export type ListsWanted = 'of_every_ca' | 'of_the_issuer';

/** What is wrong with a file of revocation lists, beside the authorities that it belongs to. */
export function judgeRevocationFile(
  path: string,
  { trusted, now, wanted }: { readonly trusted: TrustedFile; readonly now: number; readonly wanted: ListsWanted },
  source: Pick<ConfigSource, 'read'>,
): readonly TrustFault[] {
  const read = source.read(path);
  if ('code' in read) return read.code === 'ENOENT' ? [stale(`${path}: not there`)] : [];
  const lists = listsIn(read.text);
  if (lists === null) return [stale(`${path}: it holds no list that can be read`)];
  if (trusted.kind !== 'read') return [];
  const { certificates } = trusted;
  const cas = wanted === 'of_every_ca' ? certificates : certificates.filter((ca) => !issuesOthers(ca, certificates));
  return cas.filter(({ isCa }) => isCa).flatMap((ca) => ofAuthority(path, ca, lists, now));
}

// Who stands above another authority of the same file may have certified that one alone.
function issuesOthers(ca: X509Facts, certificates: readonly X509Facts[]): boolean {
  return certificates.some((other) => other !== ca && other.isCa && other.issuer === ca.subject);
}

function listsIn(text: string): readonly OpenCrl[] | null {
  // Certificates may stand beside the lists.
  const blocks = text.match(/-----BEGIN X509 CRL-----[\s\S]*?-----END X509 CRL-----/g) ?? [];
  try {
    return blocks.length === 0 ? null : openCrls(blocks.join('\n'));
  } catch (error) {
    if (error instanceof PkiError) return null;
    throw error;
  }
}

function ofAuthority(path: string, ca: X509Facts, lists: readonly OpenCrl[], now: number): readonly TrustFault[] {
  const own = lists.filter(({ facts }) => isListOf(facts, ca));
  if (own.length === 0) return [stale(`${path} has no list of ${shortName(ca.subject)}`)];
  if (own.some(({ facts: { nextUpdate } }) => nextUpdate === null || nextUpdate >= now)) return [];
  const until = Math.max(...own.map(({ facts }) => facts.nextUpdate ?? 0));
  return [
    stale(`the list of ${shortName(ca.subject)} in ${path} ended ${new Date(until).toISOString().slice(0, 16)}Z`),
  ];
}

function stale(detail: string): TrustFault {
  return { code: 'revocation_stale', detail, keepsEdgeOut: true, letsStrangersIn: false };
}
