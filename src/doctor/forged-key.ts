import { createECDH, createPublicKey, type KeyObject } from 'node:crypto';
import { bitString, contextConstructed, integer, octetString, sequence } from '../pki/der.ts';
import { members, readBitString, readDer } from '../pki/der-read.ts';
import { generateKey, keyObject, type PrivateKey } from '../pki/keys.ts';
import { writePem } from '../pki/pem.ts';

/**
 * Makes key files that fit a certificate and are not its key: the public half is right, the secret one made up. OpenSSL
 * looks at the public half alone, so a TLS client can show somebody else's certificate with it; it cannot sign for it.
 * Servers that judge the chain first say what they think of it, and then that the signature is wrong.
 */
export class Forger {
  // Making one takes long, and one will do for all forgeries.
  #rsa: Promise<PrivateKey> | null = null;

  /** For a SubjectPublicKeyInfo in DER; null for kinds of keys whose public half follows from the secret one. */
  async forgedKey(spki: Buffer): Promise<string | null> {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'ec') return forgedEcKey(spki, key);
    if (key.asymmetricKeyType !== 'rsa') return null;
    this.#rsa ??= generateKey('rsa:2048');
    return forgedRsaKey(key, await this.#rsa);
  }
}

/** RFC 5915 §3 in PKCS#8 (RFC 5208 §5): the point is that of the certificate. */
function forgedEcKey(spki: Buffer, { asymmetricKeyDetails }: KeyObject): string | null {
  const curve = asymmetricKeyDetails?.namedCurve;
  const [algorithm, bits] = members(readDer(spki));
  if (curve === undefined || algorithm === undefined) return null;
  const madeUp = createECDH(curve);
  madeUp.generateKeys();
  const point = readBitString(bits);
  const own = sequence(integer(1), octetString(madeUp.getPrivateKey()), contextConstructed(1, bitString(point)));
  return writePem('PRIVATE KEY', sequence(integer(0), algorithm.raw, octetString(own)));
}

/** RFC 8017 appendix A.1.2: modulus and exponent of the certificate, all else of another key. */
function forgedRsaKey(key: KeyObject, other: PrivateKey): string {
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  const { d, p, q, dp, dq, qi } = keyObject(other).export({ format: 'jwk' });
  const numbers = [n, e, d, p, q, dp, dq, qi];
  return writePem(
    'RSA PRIVATE KEY',
    sequence(integer(0), ...numbers.map((number = '') => integer(Buffer.from(number, 'base64url')))),
  );
}
