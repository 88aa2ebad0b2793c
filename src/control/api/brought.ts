import { hostnamePattern } from '../../domain/ids.ts';
import { type Problem, problem } from '../../domain/problems.ts';
import { type BroughtAuthority, type BroughtFault, broughtFault } from '../../pki/brought-authority.ts';
import { importKey } from '../../pki/keys.ts';
import { PkiError } from '../../pki/pki-error.ts';
import { loadCertificates } from '../../pki/read.ts';
import { zoneUri } from '../../pki/zone-authority.ts';
import { isProblem } from '../../wire/commands.ts';
import type { ZoneCall } from './route.ts';

interface BroughtTexts {
  readonly certificate: string;
  readonly private_key: string;
  readonly root_certificate?: string | undefined;
}

const POINTERS: Readonly<Record<BroughtFault['with'], string>> = {
  root: '/root_certificate',
  intermediate: '/certificate',
  key: '/private_key',
};

/** Reads a CA that somebody brings for a zone, and sees whether it can issue that zone's identities. */
export async function readBrought(texts: BroughtTexts, call: ZoneCall): Promise<BroughtAuthority | Problem> {
  const sent = attempt('certificate_unreadable', '/certificate', () => loadCertificates(texts.certificate));
  if (isProblem(sent)) return sent;
  const roots = attempt('certificate_unreadable', '/root_certificate', () =>
    texts.root_certificate === undefined ? [] : loadCertificates(texts.root_certificate),
  );
  if (isProblem(roots)) return roots;
  const key = attempt('key_unreadable', '/private_key', () => importKey(texts.private_key));
  if (isProblem(key)) return key;
  const { zone, plane, now } = call;
  const [intermediate, ...above] = sent;
  if (intermediate === undefined) return problem('certificate_unreadable', '', '/certificate');
  const present = zone.authority.root;
  const [root = intermediate.issuer === present.subject ? present : undefined, ...others] = [...roots, ...above];
  if (root === undefined) {
    const why = `the root that has signed it (${intermediate.issuer}) must come along, for the bundle of the zone`;
    return problem('authority_unfit', why, '/root_certificate');
  }
  if (others.length > 0) {
    const why =
      'more than a root and one intermediate below it came; the root must have signed the intermediate itself';
    return problem('authority_unfit', why, '/certificate');
  }
  // Whoever gets a certificate under these would come in.
  const foreign = [plane.originCa, plane.installation.shared.root].map(({ fingerprint }) => fingerprint);
  if (foreign.includes(root.fingerprint)) {
    return problem('authority_unfit', 'this root also vouches for others than this zone', '/root_certificate');
  }
  const wildcard = hostnamePattern(`*.${zone.name}`) ?? zone.name;
  const issues = { uri: zoneUri(plane.installation.host, zone.id), zoneName: zone.name, wildcard };
  const fault = await broughtFault({ root, intermediate, key }, issues, now);
  if (fault === null) return { root, intermediate, key };
  return problem('authority_unfit', fault.because, POINTERS[fault.with]);
}

function attempt<T>(code: 'certificate_unreadable' | 'key_unreadable', pointer: string, read: () => T): T | Problem {
  try {
    return read();
  } catch (error) {
    // It names the block and the kind of fault, never the content.
    if (error instanceof PkiError) return problem(code, error.message, pointer);
    throw error;
  }
}
