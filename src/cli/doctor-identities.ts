import type { X509Facts } from '../domain/certificate.ts';
import { importKey, keyMatches, type PrivateKey } from '../pki/keys.ts';
import { readPem, writePem } from '../pki/pem.ts';
import { PkiError } from '../pki/pki-error.ts';
import { nameText } from '../pki/name-text.ts';
import { loadCertificates, reread } from '../pki/read.ts';
import type { RightIdentity } from '../doctor/right-identity.ts';
import type { Credential } from '../doctor/knock.ts';
import type { CredentialFiles } from '../doctor/report/reproduce.ts';
import { Failure } from './failure.ts';
import { readPemFile } from './pem-file.ts';

/** A certificate with its chain and its key, and the files that they came from. */
export interface GivenIdentity {
  readonly files: CredentialFiles;
  readonly credential: Credential;
  readonly leaf: X509Facts;
}

/** Reads `CERT,KEY`, and refuses what no server could take: another certificate's key, or one outside of its dates. */
export function givenIdentity(flag: string, text: string, now: number): GivenIdentity {
  const [cert = '', key = '', ...more] = text.split(',').map((part) => part.trim());
  if (cert === '' || key === '' || more.length > 0)
    throw new Failure(
      `${flag} is ${JSON.stringify(text)}, which is not CERT,KEY.`,
      'Name two PEM files with a comma between them, like good.pem,good.key.',
    );
  const identity = pairOf({ cert, key }, flag, flag);
  const { notBefore, notAfter } = identity.leaf;
  const fault =
    notAfter <= now ? ['expired on', notAfter] : notBefore > now ? ['is not valid before', notBefore] : null;
  if (fault !== null)
    throw new Failure(
      `The certificate in ${cert} ${fault[0]} ${new Date(Number(fault[1])).toISOString()}: every server would refuse it.`,
      'Give one that is valid today; the doctor makes expired ones by itself with --ca-cert and --ca-key.',
    );
  return identity;
}

/** Reads a certificate authority and its key, with which identities are made for the looks. */
export function givenAuthority({ cert, key }: CredentialFiles): GivenIdentity {
  const authority = pairOf({ cert, key }, '--ca-cert', '--ca-key');
  if (!authority.leaf.isCa)
    throw new Failure(
      `The certificate in ${cert} is not of an authority, so nothing that its key signs would be trusted.`,
      "Give the authority's own certificate; that of the edge goes to --identity.",
    );
  return authority;
}

/** What the judgement needs to know of the right identity. */
export function rightIdentity({ leaf, credential }: GivenIdentity): RightIdentity {
  const family = leaf.keyType.split(':')[0];
  const chain = loadCertificates(credential.cert).map((facts) => reread(facts));
  return {
    keyKind: family === 'rsa' || family === 'ed25519' ? family : 'ec',
    issuers: chain.map(({ der }) => nameText(der.issuer)),
    // Cloudflare presents one certificate for all of its customers.
    shared: /origin-pull\.cloudflare\.net/i.test(leaf.issuer),
  };
}

function pairOf(files: CredentialFiles, certFlag: string, keyFlag: string): GivenIdentity {
  const chain = reading(certFlag, files.cert, () => certificatesIn(readPemFile(certFlag, files.cert)));
  const key: PrivateKey = reading(keyFlag, files.key, () => importKey(readPemFile(keyFlag, files.key)));
  const [leaf] = loadCertificates(chain);
  if (leaf === undefined || !keyMatches(key, leaf))
    throw new Failure(
      `The key in ${files.key} does not fit the certificate in ${files.cert}.`,
      'Name the key that the certificate was made for; the certificate itself comes first in its file.',
    );
  return { files, credential: { cert: chain, key: key.reveal() }, leaf };
}

// One file may hold the key as well: that is how HAProxy wants it.
function certificatesIn(pem: string): string {
  const blocks = readPem(pem).filter(({ label }) => label === 'CERTIFICATE');
  const text = blocks.map(({ label, der }) => writePem(label, der)).join('');
  loadCertificates(text);
  return text;
}

function reading<T>(flag: string, path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new Failure(`${flag} ${path} cannot be used: ${error.message}.`, 'Give certificate and key in PEM.');
  }
}
