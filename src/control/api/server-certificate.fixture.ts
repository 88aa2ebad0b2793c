/** Server certificates to upload for visitors. */

import { type Authority, createAuthority, issueLeaf, type Validity, validFor } from '../../pki/issue.ts';
import { generateKey, type PrivateKey } from '../../pki/keys.ts';
import { PROFILES, type Profile } from '../../pki/profiles.ts';
import { DAY, NOW, type Uploadable } from './api.fixture.ts';

interface Bent {
  readonly profile?: Profile;
  readonly validity?: Validity;
  readonly key?: PrivateKey;
}

/** A CA for servers. */
export async function serverAuthority(name = 'Server Root', issuer?: Authority): Promise<Authority> {
  const profile: Profile = { ...PROFILES.serverRoot, ca: { pathLength: null } };
  const request = {
    profile,
    subject: { commonName: name },
    key: await generateKey(),
    validity: validFor(NOW, 400 * DAY),
  };
  return createAuthority(issuer === undefined ? request : { ...request, issuer });
}

/** A server certificate for these names with its key, ready to be sent; bent where a test needs it wrong. */
export async function serverCertificate(
  issuer: Authority | null,
  names: readonly string[],
  bent: Bent = {},
): Promise<Uploadable> {
  const key = bent.key ?? (await generateKey());
  const request = {
    profile: bent.profile ?? PROFILES.serverLeaf,
    subject: { commonName: 'server' },
    key,
    validity: bent.validity ?? validFor(NOW, 90 * DAY),
    names: names.map((value) => ({ kind: 'dns', value }) as const),
  };
  const { certificate } = issuer === null ? createAuthority(request) : issueLeaf(issuer, request);
  return { certificate: certificate.pem, private_key: key.reveal() };
}
