import { instant } from '../../src/domain/ids.ts';
import { readCertificationRequest } from '../../src/pki/csr.ts';
import { createAuthority, issueForKey, issueLeaf, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';

const DAY = 86_400_000;

/** A certificate with its key as somebody uploads them. */
export interface Upload {
  readonly certificate: string;
  readonly private_key: string;
}

/** Uploads of each kind, good and bad, by one CA of a test. */
export interface Uploads {
  readonly good: Upload;
  /** What the CA makes of a request for a certificate. */
  readonly sign: (csr: string) => string;
  /** What no level takes, with the field that the API blames. */
  readonly bad: readonly (readonly [what: string, pointer: '/certificate' | '/private_key', upload: Upload])[];
}

/** Makes them; `commonName` stands in the good one, and `names` in all. */
export async function uploads(
  kind: 'pullLeaf' | 'serverLeaf',
  commonName: string,
  names: readonly string[],
): Promise<Uploads> {
  const root = createAuthority({
    profile: PROFILES[kind === 'pullLeaf' ? 'pullRoot' : 'serverRoot'],
    subject: { commonName: 'a CA of a test' },
    validity: validFor(instant(Date.now() - 20 * DAY), 400 * DAY),
    key: await generateKey(),
  });
  const leaf = async (validity: ReturnType<typeof validFor>): Promise<Upload> => {
    const dns = names.map((value) => ({ kind: 'dns' as const, value }));
    const made = issueLeaf(root, {
      profile: PROFILES[kind],
      subject: { commonName },
      key: await generateKey(),
      validity,
      names: dns,
    });
    return { certificate: `${made.certificate.pem}${root.certificate.pem}`, private_key: made.key.reveal() };
  };
  const good = await leaf(validFor(instant(Date.now()), 90 * DAY));
  const expired = await leaf(validFor(instant(Date.now() - 10 * DAY), DAY));
  const ca = { certificate: root.certificate.pem, private_key: root.key.reveal() };
  const sign = (csr: string): string => {
    const wish = {
      profile: PROFILES[kind],
      subject: { commonName },
      validity: validFor(instant(Date.now()), 90 * DAY),
    };
    return issueForKey(root, readCertificationRequest(csr).spki, wish).certificate.pem + root.certificate.pem;
  };
  return {
    good,
    sign,
    bad: [
      ['garbage', '/certificate', { ...good, certificate: 'not a certificate' }],
      ['a key in the place of the certificate', '/certificate', { ...good, certificate: good.private_key }],
      ['an expired one', '/certificate', expired],
      ['a CA', '/certificate', ca],
      ['the key of another', '/private_key', { ...good, private_key: expired.private_key }],
      ['several keys', '/private_key', { ...good, private_key: good.private_key + expired.private_key }],
      ['no key', '/private_key', { ...good, private_key: 'not a key' }],
    ],
  };
}
