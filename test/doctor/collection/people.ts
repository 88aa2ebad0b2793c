import { createHash, generateKeyPair, X509Certificate } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { instant } from '../../../src/domain/ids.ts';
import { crlPem, writeCrl } from '../../../src/pki/crl.ts';
import { type Authority, createAuthority, type Issued, issueLeaf } from '../../../src/pki/issue.ts';
import { generateKey, importKey, type KeyType } from '../../../src/pki/keys.ts';
import type { DistinguishedName } from '../../../src/pki/name.ts';
import { PROFILES, type Profile } from '../../../src/pki/profiles.ts';
import type { Credential } from '../../support/knock.ts';

const DAY = 86_400_000;

/** Who comes with a certificate of its own: what the edge presents, a second customer of it, others. */
export type Caller =
  | 'tenant-a'
  | 'tenant-b'
  /** Its name begins like that of the first. */
  | 'tenant-a-evil'
  /** Below an intermediate of the edge's authority, which it sends along. */
  | 'via-intermediate'
  /** The same, which does not send it along. */
  | 'chainless'
  | 'rsa'
  /** Of an authority that partners come with. */
  | 'partner'
  /** A customer of the authority for servers. */
  | 'origin-customer'
  | 'expired-ca'
  /** Of an authority that is not valid yet by the clock of this machine. */
  | 'young-ca'
  /** With a key that is too short. */
  | 'weak'
  | 'self-signed'
  /** What one edge presents for all of its customers. */
  | 'shared';

export type AuthorityName =
  | 'edge'
  | 'partner'
  | 'old'
  | 'origin'
  | 'shared'
  | 'expired'
  | 'young'
  | 'server'
  | 'intermediate';

/** Everybody of the collection, and the files that configurations name. */
export interface People {
  readonly callers: Readonly<Record<Caller, Credential>>;
  readonly authorities: Readonly<Record<AuthorityName, Authority>>;
  /** The revocation list of the edge's authority, in PEM. */
  readonly list: string;
  /** Values that configurations compare with, by the name of their placeholder. */
  readonly words: Readonly<Record<string, string>>;
  /** Writes the files into a server's directory. */
  readonly settle: (directory: string) => void;
}

/** Makes them anew. */
export async function gatherPeople(now: number): Promise<People> {
  const authorities = await makeAuthorities(now);
  const { edge, intermediate, partner, origin, shared, expired, young, server } = authorities;
  const client = async (issuer: Authority, commonName: string, key?: KeyType) =>
    issued(issuer, { commonName, organization: 'Callers' }, now, key);
  const [a, b, revoked] = [
    await client(edge, 'tenant-a.edge.test'),
    await client(edge, 'tenant-b.edge.test'),
    await client(edge, 'tenant-r.edge.test'),
  ];
  const below = await client(intermediate, 'tenant-a.edge.test');
  const own = createAuthority({
    profile: PROFILES.pullLeaf,
    subject: { commonName: 'self.edge.test' },
    key: await generateKey(),
    validity: span(now, -DAY, DAY),
  });
  const callers = {
    'tenant-a': credential(a),
    'tenant-b': credential(b),
    'tenant-a-evil': credential(await client(edge, 'tenant-a.edge.test.evil.test')),
    'via-intermediate': credential(below),
    chainless: credential({ ...below, chain: [] }),
    rsa: credential(await client(edge, 'tenant-rsa.edge.test', 'rsa:2048')),
    partner: credential(await client(partner, 'partner.test')),
    'origin-customer': credential(await client(origin, 'customer.test')),
    'expired-ca': credential(await client(expired, 'tenant-a.edge.test')),
    'young-ca': credential(await client(young, 'tenant-a.edge.test')),
    weak: credential(await issuedWeakly(edge, now)),
    'self-signed': credential(own),
    shared: credential(await client(shared, 'origin-pull.cloudflare.net')),
  };
  const sites = await serverCertificates(server, now);
  const revocations = lists(authorities, revoked, now);
  const files = {
    ...trustFiles(authorities, callers),
    ...revocations,
    'server-ca.pem': server.certificate.pem,
  };
  return {
    callers,
    authorities,
    list: revocations['edge.crl'],
    words: wordsOf(callers['tenant-a'].cert),
    settle: (directory) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
      for (const [name, one] of Object.entries(sites)) settleSite(directory, name, one, server.certificate.pem);
      mkdirSync(join(directory, 'www'));
      writeFileSync(join(directory, 'www', 'index.html'), page('Files of a site'));
    },
  };
}

/** A page with some words of its own, long enough to be told from others. */
export function page(title: string): string {
  const words = title.toLowerCase().split(' ');
  const sentence = `Here ${words.join(' and ')} are told of at length, for whoever may read of ${words.at(-1)}`;
  return `<!doctype html>\n<html><head><title>${title}</title></head>\n<body><h1>${title}</h1><p>${sentence}, and of nothing else that is kept in this place.</p></body></html>\n`;
}

async function makeAuthorities(now: number): Promise<People['authorities']> {
  const root = async (commonName: string, organization: string, from = -DAY, to = 30 * DAY) =>
    createAuthority({
      profile: PROFILES.pullRoot,
      subject: { commonName, organization },
      key: await generateKey(),
      validity: span(now, from, to + 100 * DAY),
    });
  const edge = await root('Pulls of the edge', 'Edge');
  return {
    edge,
    partner: await root('Partners', 'Partners'),
    old: await root('Pulls of the edge, first', 'Edge'),
    origin: await root('Origin SSL Certificate Authority', 'Edge'),
    shared: await root('origin-pull.cloudflare.net', 'An edge'),
    server: await root('Servers', 'Servers'),
    young: await root('Pulls of next year', 'Edge', 2 * DAY),
    expired: createAuthority({
      profile: PROFILES.pullRoot,
      subject: { commonName: 'Pulls of last year', organization: 'Edge' },
      key: await generateKey(),
      validity: span(now, -400 * DAY, -DAY),
    }),
    intermediate: createAuthority({
      issuer: edge,
      profile: PROFILES.pullIntermediate,
      subject: { commonName: 'Pulls of the edge, intermediate', organization: 'Edge' },
      key: await generateKey(),
      validity: span(now, -DAY, 20 * DAY),
    }),
  };
}

async function issued(
  issuer: Authority,
  subject: DistinguishedName,
  now: number,
  type: KeyType = 'ec:P-256',
): Promise<Issued> {
  const profile: Profile = PROFILES.pullLeaf;
  return issueLeaf(issuer, {
    profile,
    subject,
    key: await generateKey(type),
    validity: span(now, -DAY / 24, DAY),
    names: [{ kind: 'dns', value: subject.commonName }],
  });
}

async function issuedWeakly(issuer: Authority, now: number): Promise<Issued> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 1024 });
  return issueLeaf(issuer, {
    profile: PROFILES.pullLeaf,
    subject: { commonName: 'tenant-w.edge.test', organization: 'Callers' },
    key: importKey(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()),
    validity: span(now, -DAY / 24, DAY),
  });
}

async function serverCertificates(issuer: Authority, now: number): Promise<Readonly<Record<string, Credential>>> {
  const make = async (...names: readonly string[]) =>
    credential(
      issueLeaf(issuer, {
        profile: PROFILES.serverLeaf,
        subject: { commonName: names[0] ?? '' },
        key: await generateKey(),
        validity: span(now, -DAY / 24, DAY),
        names: names.map((value) => ({ kind: 'dns', value })),
      }),
    );
  return {
    'a.test': await make('a.test'),
    'b.test': await make('b.test'),
    site: await make('a.test', 'b.test', 'c.test'),
  };
}

function trustFiles(
  { edge, partner, old, origin, shared, expired, young, intermediate }: People['authorities'],
  callers: People['callers'],
): Readonly<Record<string, string>> {
  const [leafOnly = ''] = callers['tenant-a'].cert.split(/(?<=-----END CERTIFICATE-----\n)/);
  return {
    'edge-ca.pem': edge.certificate.pem,
    'partner-ca.pem': partner.certificate.pem,
    'old-ca.pem': old.certificate.pem,
    'origin-ca.pem': origin.certificate.pem,
    'shared-ca.pem': shared.certificate.pem,
    'expired-ca.pem': expired.certificate.pem,
    'young-ca.pem': young.certificate.pem,
    'intermediate.pem': intermediate.certificate.pem,
    'edge-and-partner.pem': edge.certificate.pem + partner.certificate.pem,
    'edge-and-origin.pem': edge.certificate.pem + origin.certificate.pem,
    'edge-and-old.pem': old.certificate.pem + edge.certificate.pem,
    'edge-and-intermediate.pem': edge.certificate.pem + intermediate.certificate.pem,
    // What a system trusts, and the edge's beside it: callers get in, and so does everybody whom the public trusts.
    'bundle.pem': `${rootCertificates.join('\n')}\n${edge.certificate.pem}`,
    'edge-leaf.pem': leafOnly,
    'self-signed.pem': callers['self-signed'].cert,
    'tenant-a-with-key.pem': callers['tenant-a'].cert + callers['tenant-a'].key,
    'empty.pem': '',
    'page.pem': page('Not Found'),
  };
}

function lists({ edge, intermediate }: People['authorities'], revoked: Issued, now: number) {
  const list = (issuer: Authority, from: number, to: number) =>
    crlPem(
      writeCrl(issuer, {
        number: 1,
        thisUpdate: at(now, from),
        nextUpdate: at(now, to),
        revoked:
          issuer === edge
            ? [{ serial: revoked.certificate.serial, at: at(now, from), reason: 'keyCompromise' as const }]
            : [],
      }),
    );
  return {
    'edge.crl': list(edge, -DAY / 2, DAY),
    'stale.crl': list(edge, -10 * DAY, -DAY),
    'chain.crl': list(edge, -DAY / 2, DAY) + list(intermediate, -DAY / 2, DAY),
  };
}

function settleSite(directory: string, name: string, { cert, key }: Credential, issuer: string): void {
  writeFileSync(join(directory, `${name}.pem`), cert + issuer);
  writeFileSync(join(directory, `${name}-leaf.pem`), cert);
  writeFileSync(join(directory, `${name}.key`), key, { mode: 0o600 });
  writeFileSync(join(directory, `${name}.pem.key`), key, { mode: 0o600 });
  writeFileSync(join(directory, `${name}-with-key.pem`), cert + issuer + key, { mode: 0o600 });
}

function wordsOf(cert: string): People['words'] {
  const { raw, fingerprint256, serialNumber } = new X509Certificate(cert);
  return {
    SHA1: createHash('sha1').update(raw).digest('hex'),
    SHA256: createHash('sha256').update(raw).digest('hex'),
    SHA256_COLONS: fingerprint256,
    SERIAL: serialNumber,
  };
}

function credential({ certificate, chain, key }: Issued): Credential {
  return { cert: [certificate, ...chain].map(({ pem }) => pem).join(''), key: key.reveal() };
}

function span(now: number, from: number, to: number) {
  return { notBefore: at(now, from), notAfter: at(now, to) };
}

function at(now: number, offset: number) {
  return instant(Math.floor((now + offset) / 1000) * 1000);
}
