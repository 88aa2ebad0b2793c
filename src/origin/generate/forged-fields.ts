/** Fields by which somebody who is not the edge could speak for a visitor: they end where the owner's own callers come in. */

import { IDENTITY_SHAPES } from '../../http1/identity-fields.ts';
import type { VerifiedHeader } from '../verified-header.ts';

/** What is in use under the prefixes and suffixes, for servers that remove fields by their whole names alone. */
const IN_USE: Readonly<Record<string, readonly string[]>> = {
  'cf-': [
    'connecting-ip connecting-ipv6 connecting-o2o pseudo-ipv4 ipcountry ipcity visitor ray worker ew-via timezone',
    'access-authenticated-user-email access-jwt-assertion client-cert-der-base64 client-cert-sha256',
  ],
  'x-forwarded-': [
    'for proto host port server prefix by scheme ssl protocol path uri url method user email groups',
    'preferred-username access-token client-ip tls-client-cert tls-client-cert-info',
  ],
  'x-azure-': ['clientip socketip ref fdid requestchain jumpboxip'],
  'x-envoy-': ['external-address original-path original-host internal peer-metadata peer-metadata-id'],
  'wl-proxy-client-': ['ip port cert keysize secretkeysize'],
  'x-ssl-client-': [
    'cert verify verified dn s-dn i-dn cn s-dn-cn serial fingerprint sha1 sha256 not-before not-after subject issuer',
    'm-serial v-start v-end v-remain raw-cert escaped-cert has-cert session-id der',
  ],
  'ssl-client-': [
    'cert verify dn s-dn i-dn cn serial fingerprint subject-dn issuer-dn s-dn-cn m-serial v-start v-end raw-cert',
    'escaped-cert subject issuer',
  ],
  'x-amzn-mtls-': [
    'clientcert clientcert-leaf clientcert-subject clientcert-issuer clientcert-serial-number clientcert-validity',
  ],
  'x-postern-': ['verified via certificate visitor-cert pull'],
  'x-client-verify': ['|-error -result -status'],
  'x-client-cert-': ['chain verify verified dn subject issuer serial fingerprint sha1 sha256 present san leaf error'],
  '-verified': ['x-client x-cert x-ssl x-tls x-mtls x-auth x-client-cert x-origin x-edge x-user'],
  '-verify': ['x-cert x-ssl x-tls x-mtls x-client-certificate'],
};

/** The names in full, in lower case. Of the prefixes and suffixes only what is known to be in use. */
const KNOWN: readonly string[] = [
  ...new Set([
    ...IDENTITY_SHAPES.names,
    ...IDENTITY_SHAPES.prefixes.flatMap((prefix) => wordsOf(prefix).map((word) => `${prefix}${word}`)),
    ...IDENTITY_SHAPES.suffixes.flatMap((suffix) => wordsOf(suffix).map((word) => `${word}${suffix}`)),
  ]),
];

// '|' stands for nothing: the prefix alone is a name, too.
function wordsOf(shape: string): readonly string[] {
  return (IN_USE[shape] ?? []).flatMap((line) => line.split(/[ |]/));
}

// Both are set or removed by every listener anyway.
const ELSEWHERE: ReadonlySet<string> = new Set(['proxy', 'x-postern-via']);

/** Known fields that a server removes, one by one, beside the verified header and the one of who was let in. */
export function knownForgeries(verifiedHeader: VerifiedHeader): readonly string[] {
  return KNOWN.filter((name) => !ELSEWHERE.has(name) && name !== verifiedHeader.toLowerCase());
}

/** Regular expressions (PCRE, to be matched without regard to case) for all of them, with any mark between the words. */
export const FORGERY_PATTERNS: readonly string[] = [
  `^(?:${[...IDENTITY_SHAPES.names].map(anyMark).join('|')})$`,
  `^(?:${IDENTITY_SHAPES.prefixes.map(anyMark).join('|')})`,
  `^x${anyMark('-')}.*(?:${IDENTITY_SHAPES.suffixes.map(anyMark).join('|')})$`,
];

function anyMark(name: string): string {
  return name.replaceAll('-', '[^A-Za-z0-9]');
}

/** What a reader is told of servers that cannot remove a field by how its name begins. */
export const BY_NAME_NOTE = `What your own callers say of visitors is removed by its name: of the fields that begin with ${IDENTITY_SHAPES.prefixes.join(', ')}, and of those that begin with x- and end in ${IDENTITY_SHAPES.suffixes.join(' or ')}, the ones that are known to be in use`;
