import { createECDH, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { bitString, contextConstructed, integer, octetString, sequence } from '../pki/der.ts';
import { members, readBitString, readDer } from '../pki/der-read.ts';
import { writePem } from '../pki/pem.ts';

/**
 * A key file that fits a certificate and is not its key: the public half is right, the secret one made up. OpenSSL looks
 * at the public half alone, so a TLS client can show somebody else's certificate with it; it cannot sign for it. Servers
 * that judge the chain first say what they think of it, and then that the signature is wrong. Null for kinds of keys
 * whose public half follows from the secret one.
 */
export function forgedKey(spki: Buffer): string | null {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  switch (key.asymmetricKeyType) {
    case 'ec':
      return forgedEcKey(spki, key);
    case 'rsa':
      return forgedRsaKey(key);
    default:
      return null;
  }
}

/** RFC 5915 §3 in PKCS#8 (RFC 5208 §5): the point is that of the certificate. */
function forgedEcKey(spki: Buffer, { asymmetricKeyDetails }: KeyObject): string | null {
  const curve = asymmetricKeyDetails?.namedCurve;
  const [algorithm, bits] = members(readDer(spki));
  if (curve === undefined || algorithm === undefined) return null;
  const other = createECDH(curve);
  other.generateKeys();
  const point = readBitString(bits);
  const own = sequence(integer(1), octetString(other.getPrivateKey()), contextConstructed(1, bitString(point)));
  return writePem('PRIVATE KEY', sequence(integer(0), algorithm.raw, octetString(own)));
}

const RSA_BITS = 2048;

/** RFC 8017 appendix A.1.2: modulus and exponent of the certificate, all else of another key. */
function forgedRsaKey(key: KeyObject): string {
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  const other = generateKeyPairSync('rsa', { modulusLength: RSA_BITS }).privateKey.export({ format: 'jwk' });
  const numbers = [n, e, other.d, other.p, other.q, other.dp, other.dq, other.qi];
  return writePem(
    'RSA PRIVATE KEY',
    sequence(integer(0), ...numbers.map((number = '') => integer(Buffer.from(number, 'base64url')))),
  );
}
