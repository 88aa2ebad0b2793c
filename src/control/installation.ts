import type { Identity, X509Facts } from '../domain/certificate.ts';
import { type AccountId, accountId, type CertificateId, certificateId, type Instant } from '../domain/ids.ts';
import { writeAccount } from './account-rows.ts';
import { readMeta, type Store, writeMeta } from './store.ts';
import { damaged } from './stored.ts';
import { storedCertificate } from './zone-load.ts';

/** What is one per data directory: its name, the account of zones that name none, and the identity that all zones may share. */
export interface Installation {
  /** Host part of the URIs in certificates: `postern://<host>/zone/<id>`. */
  readonly host: string;
  readonly account: AccountId;
  readonly shared: {
    readonly root: X509Facts;
    readonly intermediate: X509Facts;
    readonly leaf: X509Facts;
    readonly identity: Identity;
  };
  /** The CA of the certificates that the edge shows to visitors until real ones are uploaded. */
  readonly visitorCa: X509Facts;
}

/** What is one per store: the certificates in full, of which `Installation` shows what others may need. */
export interface InstallationFacts {
  readonly host: string;
  /** The account of zones that name none. */
  readonly account: AccountId;
  readonly shared: {
    readonly root: X509Facts;
    readonly intermediate: X509Facts;
    readonly leaf: X509Facts;
    readonly certificate: CertificateId;
  };
  readonly visitorCa: X509Facts;
}

/** The id under which the vault keeps what belongs to the installation as a whole. */
export const INSTALLATION = 'installation';

/** The installation as the API sees it. */
export function installationView({ host, account, shared, visitorCa }: InstallationFacts): Installation {
  const { root, intermediate, leaf, certificate } = shared;
  const identity = { certificate, fingerprint: leaf.fingerprint, notAfter: leaf.notAfter };
  return { host, account, shared: { root, intermediate, leaf, identity }, visitorCa };
}

/** Stores a new installation. Belongs in a transaction. */
export async function writeInstallation(store: Store, facts: InstallationFacts, now: Instant): Promise<void> {
  const { host, account } = facts;
  await writeAccount(store, { id: account, name: 'default', type: 'standard', createdAt: now });
  await writeMeta(store, 'installation_host', host);
  await writeMeta(store, 'default_account', account);
  await writeRenewable(store, facts);
}

/** Stores what is renewed: the shared authority with its identity, and the CA of visitor certificates. */
export async function writeRenewable(store: Store, { shared, visitorCa }: InstallationFacts): Promise<void> {
  await writeMeta(store, 'shared_root', shared.root.pem);
  await writeMeta(store, 'shared_intermediate', shared.intermediate.pem);
  await writeMeta(store, 'visitor_ca', visitorCa.pem);
  await writeMeta(store, 'shared_leaf', shared.leaf.pem);
  await writeMeta(store, 'shared_certificate', shared.certificate);
}

/** The installation of an initialised store. Throws StartError where a part is missing. */
export async function loadInstallation(store: Store): Promise<InstallationFacts> {
  const value = async (name: string) => (await readMeta(store, name)) ?? damaged('an entry of meta', name);
  const certificate = async (name: string) => storedCertificate(await value(name));
  const account = await value('default_account');
  const shared = await value('shared_certificate');
  return {
    host: await value('installation_host'),
    account: accountId(account) ?? damaged('an account id', account),
    shared: {
      root: await certificate('shared_root'),
      intermediate: await certificate('shared_intermediate'),
      leaf: await certificate('shared_leaf'),
      certificate: certificateId(shared) ?? damaged('a certificate id', shared),
    },
    visitorCa: await certificate('visitor_ca'),
  };
}
