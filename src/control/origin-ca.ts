import type { X509Facts } from '../domain/certificate.ts';
import { type Hostname, type Instant, instant } from '../domain/ids.ts';
import { createAuthority, issueForKey, validFor } from '../pki/issue.ts';
import { generateKey } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import { INSTALLATION } from './installation.ts';
import { openSecret, putSecrets } from './secrets.ts';
import { readMeta, type Store, writeMeta } from './store.ts';
import { damaged } from './stored.ts';
import type { Vault } from './vault.ts';
import { storedCertificate } from './zone-load.ts';

/** What somebody who has proved to hold a key may have certified. Lifetime in milliseconds. */
export interface OriginRequest {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly names: readonly Hostname[];
  readonly lifetime: number;
}

// Twice the longest life of what it signs.
const ROOT_LIFETIME = 2 * 5475 * 86_400_000;
const META = 'origin_ca';

/** Makes the root of the Origin CA where the store has none: an older store gets it with this program. */
export async function ensureOriginCa(store: Store, vault: Vault, now: Instant): Promise<void> {
  if ((await readMeta(store, META)) !== null) return;
  const { certificate, key } = createAuthority({
    profile: PROFILES.serverRoot,
    subject: { organization: 'Postern', commonName: 'origin CA root' },
    key: await generateKey(),
    validity: validFor(now, ROOT_LIFETIME),
  });
  await store.transaction().execute(async (transaction) => {
    await writeMeta(transaction, META, certificate.pem);
    await putSecrets(transaction, vault, [{ purpose: 'origin_ca', id: INSTALLATION, zone: null, key }]);
  });
}

/** The root of the Origin CA. Throws StartError where the store has none. */
export async function loadOriginCa(store: Store): Promise<X509Facts> {
  return storedCertificate((await readMeta(store, META)) ?? damaged('an entry of meta', META));
}

/** A new certificate under the Origin CA. It counts only once a zone holds it. */
export async function signOrigin(
  { store, vault, originCa, clock }: { store: Store; vault: Vault; originCa: X509Facts; clock: () => Instant },
  { spki, names, lifetime }: OriginRequest,
): Promise<X509Facts> {
  const key = await openSecret(store, vault, 'origin_ca', INSTALLATION);
  const { notBefore, notAfter } = validFor(clock(), lifetime);
  const { certificate } = issueForKey({ certificate: originCa, key, chain: [] }, spki, {
    profile: PROFILES.serverLeaf,
    subject: { organization: 'Postern', commonName: 'origin certificate' },
    validity: { notBefore, notAfter: instant(Math.min(notAfter, originCa.notAfter)) },
    names: names.map((value) => ({ kind: 'dns', value })),
  });
  return certificate;
}
