import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import type { PrivateKey } from '../pki/keys.ts';
import { Secret } from '../pki/secret.ts';
import type { KeyEncryptionKey } from './kek.ts';
import { StartError } from './start-error.ts';

/** What a sealed key is for: a key that is moved to another place in the store does not open there. */
export type Purpose =
  | 'client'
  /** Of a certificate request that waits for its answer. */
  | 'requested'
  | 'visitor'
  | 'custom'
  | 'origin_ca'
  | 'zone_root'
  | 'zone_intermediate'
  /** Of the intermediate that a zone's root has signed ahead. */
  | 'zone_standby'
  /** Of whom the root has certified ahead to sign what is said of the zone's bundle. */
  | 'zone_signer'
  | 'shared_root'
  | 'shared_intermediate'
  | 'visitor_ca'
  /** What the notices of a webhook are signed with. */
  | 'webhook'
  /** Where they go. */
  | 'webhook_url';

/** A key with its place in the store. `zone` is what it goes away with; `null` for the installation's own. */
export interface StoredSecret {
  readonly purpose: Purpose;
  readonly id: string;
  readonly zone: string | null;
  readonly key: PrivateKey;
}

/** Seals and opens private keys under the key-encryption key. */
export interface Vault {
  readonly kekId: string;
  readonly seal: (purpose: Purpose, id: string, key: PrivateKey) => string;
  /** Throws StartError for text that was altered, moved, or sealed with another key. */
  readonly open: (purpose: Purpose, id: string, sealed: string) => PrivateKey;
  /** A key of 256 bits for something else than sealing: whoever learns it learns nothing of any other (RFC 5869). */
  readonly derive: (salt: Uint8Array, use: string) => KeyObject;
}

const VERSION = 'v1';
// NIST SP 800-38D §8.2.2: a random nonce of 96 bits is good for 2^32 seals under one key.
const NONCE = 12;
const TAG = 16;
const DERIVED = 32;

/** A vault under this key: AES-256-GCM, with purpose and id as additional data. */
export function openVault({ id: kekId, key }: KeyEncryptionKey): Vault {
  return {
    kekId,
    seal: (purpose, id, secret) => {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
      cipher.setAAD(place(purpose, id));
      const body = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
      return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')}`;
    },
    open: (purpose, id, sealed) => {
      try {
        if (!sealed.startsWith(`${VERSION}.`)) throw new TypeError('another format');
        const bytes = Buffer.from(sealed.slice(VERSION.length + 1), 'base64');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG });
        decipher.setAAD(place(purpose, id));
        decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
        const body = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
        return new Secret(body.toString('utf8'));
      } catch {
        throw new StartError(
          `The ${purpose} key ${id} in the store does not open with key ${kekId}`,
          'The store was altered or is damaged: restore a backup of the data directory.',
        );
      }
    },
    derive: (salt, use) => createSecretKey(Buffer.from(hkdfSync('sha256', key, salt, use, DERIVED))),
  };
}

function place(purpose: Purpose, id: string): Buffer {
  return Buffer.from(`postern/${VERSION}/${purpose}/${id}`, 'utf8');
}
