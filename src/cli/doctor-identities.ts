import { CREDENTIAL_PROBLEMS, type CredentialProblem, type Hand, now, readGiven } from '../doctor/credentials.ts';
import type { CredentialFiles } from '../doctor/report/reproduce.ts';
import { loadCrls } from '../pki/crl-read.ts';
import { readPem, writePem } from '../pki/pem.ts';
import { PkiError } from '../pki/pki-error.ts';
import { Failure } from './failure.ts';
import { readPemFile } from './pem-file.ts';

/** What may be said on the command line about certificates. */
export interface IdentityFlags {
  readonly identity?: string;
  readonly foreignIdentity?: readonly string[];
  readonly caCert?: string;
  readonly caKey?: string;
  readonly crl?: string;
}

/** Certificates and keys at hand, and the files that they came from. */
export interface Identities {
  readonly hand: Hand;
  /** null where there is none, or its key is not at hand. */
  readonly identity: CredentialFiles | null;
  readonly unwanted: readonly CredentialFiles[];
}

/** Reads what was named, and refuses at once what no server could take. */
export function identitiesOf(flags: IdentityFlags): Identities {
  const identity = flags.identity === undefined ? null : namedFiles('--identity', flags.identity, true);
  const unwanted = (flags.foreignIdentity ?? []).map((text) => namedFiles('--foreign-identity', text, false));
  const authority = authorityFiles(flags);
  const hand = readGiven(
    {
      identity: identity === null ? null : { cert: certificates('--identity', identity.cert), key: keyIn(identity) },
      unwanted: unwanted.map(({ cert, key }) => ({
        cert: certificates('--foreign-identity', cert),
        key: readPemFile('--foreign-identity', key),
      })),
      authority:
        authority === null
          ? null
          : { cert: certificates('--ca-cert', authority.cert), key: readPemFile('--ca-key', authority.key) },
      lists: listsFile(flags),
      made: {},
    },
    now(),
  );
  if (hand.kind === 'problem') throw refusal(hand, { identity, unwanted, authority });
  const same = hand.unwanted.findIndex(({ chain }) => chain[0].pem === hand.identity?.chain[0].pem);
  if (same !== -1)
    throw new Failure(
      `${unwanted[same]?.cert} is given both as the right identity and as one that must be refused.`,
      'Give the certificate of somebody else to --foreign-identity.',
    );
  return { hand, identity: identity === null || identity.key === '' ? null : identity, unwanted };
}

function keyIn({ key }: CredentialFiles): string | null {
  return key === '' ? null : readPemFile('--identity', key);
}

function namedFiles(flag: string, text: string, keyMayLack: boolean): CredentialFiles {
  const [cert = '', key = '', ...more] = text.split(',').map((part) => part.trim());
  if (cert !== '' && more.length === 0 && (key !== '' || (keyMayLack && !text.includes(',')))) return { cert, key };
  throw new Failure(
    `${flag} is ${JSON.stringify(text)}, which is not CERT,KEY.`,
    'Name two PEM files with a comma between them, like good.pem,good.key.',
  );
}

function authorityFiles({ caCert, caKey }: IdentityFlags): CredentialFiles | null {
  if (caCert !== undefined && caKey !== undefined) return { cert: caCert, key: caKey };
  if (caCert === undefined && caKey === undefined) return null;
  throw new Failure(
    `${caCert === undefined ? '--ca-key' : '--ca-cert'} is given alone.`,
    'Both are needed to make certificates for the looks: --ca-cert FILE --ca-key FILE.',
  );
}

function listsFile({ crl, caCert }: IdentityFlags): readonly string[] {
  if (crl === undefined) return [];
  if (caCert === undefined)
    throw new Failure(
      '--crl is given without the authority.',
      'Only the key of the authority can make a certificate that its list names: --ca-cert FILE --ca-key FILE.',
    );
  const pem = readPemFile('--crl', crl);
  try {
    loadCrls(pem);
    return [pem];
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new Failure(`--crl ${crl} holds no revocation lists in PEM: ${error.message}.`, 'Give lists in PEM alone.');
  }
}

// One file may hold the key as well: that is how HAProxy wants it.
function certificates(flag: string, path: string): string {
  const pem = readPemFile(flag, path);
  try {
    const blocks = readPem(pem).filter(({ label }) => label === 'CERTIFICATE');
    if (blocks.length > 0) return blocks.map(({ label, der }) => writePem(label, der)).join('');
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    throw new Failure(`${flag} ${path} cannot be used: ${error.message}.`, CREDENTIAL_PROBLEMS.unreadable.fix);
  }
  throw new Failure(`${flag} ${path} holds no certificate.`, CREDENTIAL_PROBLEMS.unreadable.fix);
}

interface Named {
  readonly identity: CredentialFiles | null;
  readonly unwanted: readonly CredentialFiles[];
  readonly authority: CredentialFiles | null;
}

function refusal({ code, which, detail }: CredentialProblem, named: Named): Failure {
  const files = { identity: named.identity, unwanted: named.unwanted[which.turn], authority: named.authority }[
    which.what
  ];
  const flag = { identity: '--identity', unwanted: '--foreign-identity', authority: '--ca-cert' }[which.what];
  const { cert = '', key = '' } = files ?? {};
  const { text, fix } = CREDENTIAL_PROBLEMS[code];
  if (code === 'key_unfit')
    return new Failure(`${flag}: the key in ${key} does not fit the certificate in ${cert}.`, fix);
  const more = detail === '' ? '' : code === 'unreadable' ? `: ${detail}` : ` (${detail})`;
  return new Failure(`${flag} ${cert}: ${text}${more}.`, fix);
}
