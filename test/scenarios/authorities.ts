import { readFileSync } from 'node:fs';
import { instant } from '../../src/domain/ids.ts';
import { type Authority, createAuthority, type Issued, issueLeaf, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { loadCertificates } from '../../src/pki/read.ts';
import type { Credential } from '../support/knock.ts';

const DAY = 86_400_000;

/** A private CA for the origins' own certificates. */
export interface ServerAuthority {
  readonly ca: string;
  readonly issue: (names: readonly string[]) => Promise<Credential>;
}

/** Makes one. */
export async function serverAuthority(): Promise<ServerAuthority> {
  const authority = await root('serverRoot', 'origins of a test');
  return {
    ca: authority.certificate.pem,
    issue: async (names) => {
      const leaf = issueLeaf(authority, {
        profile: PROFILES.serverLeaf,
        subject: { commonName: 'an origin' },
        key: await generateKey(),
        validity: validFor(instant(Date.now()), DAY),
        names: names.map((value) => ({ kind: 'dns' as const, value })),
      });
      return credentialOf(leaf);
    },
  };
}

/** A CA for client certificates, with one of its certificates. */
export async function clientAuthority(name: string): Promise<{ readonly ca: string; readonly credential: Credential }> {
  const authority = await root('pullRoot', name);
  return { ca: authority.certificate.pem, credential: await client(authority) };
}

/** Everybody who may knock at a locked origin and must not come in, by what is wrong with them. */
export async function strangers(bundle: string): Promise<readonly (readonly [what: string, Credential | null])[]> {
  const sameName = await imposter(readFileSync(bundle, 'utf8'));
  return [
    ['no certificate', null],
    ['a self-signed certificate', await selfSigned()],
    ['a certificate of another CA', (await clientAuthority('Somebody else')).credential],
    ['a certificate of a CA with the same name and another key', sameName],
  ];
}

function root(profile: 'serverRoot' | 'pullRoot', commonName: string, organization?: string): Promise<Authority> {
  const subject = organization === undefined ? { commonName } : { commonName, organization };
  const validity = validFor(instant(Date.now()), DAY);
  return generateKey().then((key) => createAuthority({ profile: PROFILES[profile], subject, validity, key }));
}

async function client(authority: Authority): Promise<Credential> {
  const leaf = issueLeaf(authority, {
    profile: PROFILES.pullLeaf,
    subject: { commonName: 'a client' },
    key: await generateKey(),
    validity: validFor(instant(Date.now()), DAY),
  });
  return credentialOf(leaf);
}

async function selfSigned(): Promise<Credential> {
  const subject = { commonName: 'just me' };
  const validity = validFor(instant(Date.now()), DAY);
  return credentialOf(createAuthority({ profile: PROFILES.pullLeaf, subject, validity, key: await generateKey() }));
}

// Root and intermediate bear the names of the real ones; only the keys differ.
async function imposter(bundle: string): Promise<Credential> {
  const names = loadCertificates(bundle).map(({ subject }) => ({
    commonName: /CN=([^,]+)/.exec(subject)?.[1] ?? '',
    organization: /O=([^,]+)/.exec(subject)?.[1] ?? '',
  }));
  const [top = { commonName: '', organization: '' }, below] = names;
  const above = await root('pullRoot', top.commonName, top.organization);
  if (below === undefined) return client(above);
  const intermediate = createAuthority({
    issuer: above,
    profile: PROFILES.pullIntermediate,
    subject: below,
    key: await generateKey(),
    validity: validFor(instant(Date.now()), DAY),
  });
  return client(intermediate);
}

function credentialOf({ certificate, chain, key }: Issued): Credential {
  return { cert: [certificate, ...chain].map(({ pem }) => pem).join(''), key: key.reveal() };
}
