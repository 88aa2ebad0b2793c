import { resolve } from 'node:path';
import { type ServerName, serverFacts } from '../origin/generate/server-facts.ts';
import type { OriginRequest } from '../origin/requirement.ts';
import type { CertificateRequest, OpenNameRequest, SiteRequest } from '../origin/site.ts';
import { readBundle } from '../pki/bundle.ts';
import { type HostnameTrust, saidOfNames } from '../wire/hostname-trust.ts';
import type { ApiAccess } from './api.ts';
import { Failure } from './failure.ts';
import { absolute } from './flag-value.ts';
import { type BundlePlace, bundleKey, bundlePlaces } from './origin-bundle.ts';
import { type OriginCertificatePlan, originCertificatePlan } from './origin-certificate.ts';
import { commonCertificate, type NamedContent, type NameFlags, namedContents } from './origin-names.ts';
import { plannedTrust, zoneHolding } from './origin-plan.ts';
import { checkOwnCallers } from './own-callers-files.ts';
import { checkLists } from './revocation-file.ts';
import { type ZoneFacts, zoneNamed } from './zone-lookup.ts';

/** What the flags ask for. */
export interface RequestFlags extends NameFlags {
  readonly zone: readonly string[];
  readonly listen?: readonly string[];
  readonly listenHttp?: readonly string[];
  readonly bundle?: string;
  readonly crl?: string;
  readonly verifiedHeader?: string;
  readonly serverVersion?: string;
  readonly watch?: boolean;
  readonly alsoTrust?: string;
  readonly alsoTrustCrl?: string;
  readonly alsoListen?: readonly string[];
  readonly runtimeDir?: string;
  readonly fragment?: boolean;
  readonly acceptShared?: boolean;
  readonly originCa?: boolean;
  /** The files are written beside this one. */
  readonly out?: string;
}

interface Asked {
  readonly request: OriginRequest;
  readonly bundles: readonly BundlePlace[];
  readonly certificates: readonly OriginCertificatePlan[];
  readonly messages: readonly string[];
}

/** The request that flags and control plane make together, and the files that it names. Changes nothing. */
export async function originRequest(access: ApiAccess, server: ServerName, flags: RequestFlags): Promise<Asked> {
  const zones = await Promise.all(flags.zone.map((zone) => zoneNamed(access, zone)));
  const contents = namedContents(flags, flags.hostname);
  const trusts: HostnameTrust[] = [];
  for (const { name } of contents) trusts.push(await plannedTrust(access, name, zones));
  const places = bundlePlaces(flags, trusts);
  const bundles = [...places.values()];
  const edge = bundles.flatMap(({ text }) => readBundle(text));
  if (flags.crl !== undefined) checkLists(resolve(flags.crl), edge);
  const own = checkOwnCallers(flags, edge, server);
  const sites = trustingSites(flags, contents, { trusts, places });
  const open = openNames(flags);
  const certificates = flags.originCa ? originCertificates(flags, zones, { sites, open }) : [];
  return {
    request: certifiedRequest(server, flags, { sites, open, certificates }),
    bundles: [...bundles, ...own.trusted],
    certificates,
    messages: [
      ...saidOfNames(
        trusts.map(({ names: [name = ''] }) => name),
        trusts,
      ),
      ...own.notes,
    ],
  };
}

/** One site for each name, with whom it trusts: in the order of the names. */
export function trustingSites(
  flags: RequestFlags,
  contents: readonly NamedContent[],
  {
    trusts,
    places,
  }: {
    readonly trusts: readonly HostnameTrust[];
    readonly places: ReadonlyMap<string, Pick<BundlePlace, 'path'>>;
  },
): readonly SiteRequest[] {
  return contents.flatMap((content, index) => {
    const trust = trusts[index];
    const place = trust === undefined ? undefined : places.get(bundleKey(trust));
    return trust === undefined || place === undefined ? [] : [siteOf(flags, content, trust, place.path)];
  });
}

/** The names that stay open. */
export function openNames(flags: RequestFlags): readonly OpenNameRequest[] {
  return namedContents(flags, flags.openName ?? []).map(({ name, ...rest }) => ({ hostname: name, ...rest }));
}

/** The request of all these, where a name without a certificate of its own has one of those that were planned for it. */
export function certifiedRequest(
  server: ServerName,
  flags: RequestFlags,
  {
    sites,
    open,
    certificates,
  }: {
    readonly sites: readonly SiteRequest[];
    readonly open: readonly OpenNameRequest[];
    readonly certificates: readonly CertifiedNames[];
  },
): OriginRequest {
  return serverRequest(server, flags, {
    sites: joined(sites.map((one) => ({ ...one, ...certifiedBy(certificates, one, one.hostnames[0]) }))),
    openNames: open.map((one) => ({ ...one, ...certifiedBy(certificates, one, one.hostname) })),
  });
}

type CertifiedNames = Pick<OriginCertificatePlan, 'names' | 'serverCert' | 'serverKey'>;

function siteOf(
  flags: RequestFlags,
  { name: _name, ...content }: NamedContent,
  { zone, names, kind, pins }: HostnameTrust,
  path: string,
): SiteRequest {
  return {
    zone,
    hostnames: names,
    bundle: { kind, path, ...(kind === 'shared' ? { pins: flags.acceptShared ? pins : [] } : {}) },
    crl: absolute(flags.crl),
    ...content,
    verifiedHeader: flags.verifiedHeader,
    mode: flags.watch ? 'watch' : 'enforce',
    alsoTrust: absolute(flags.alsoTrust),
    alsoTrustCrl: absolute(flags.alsoTrustCrl),
  };
}

/** One site of all that differ in nothing but their names. */
function joined(sites: readonly SiteRequest[]): readonly SiteRequest[] {
  const byRest = new Map<string, SiteRequest>();
  for (const { hostnames, ...rest } of sites) {
    const key = JSON.stringify(rest);
    byRest.set(key, { ...rest, hostnames: [...(byRest.get(key)?.hostnames ?? []), ...hostnames] });
  }
  return [...byRest.values()];
}

function serverRequest(
  server: ServerName,
  flags: RequestFlags,
  { sites, openNames }: { readonly sites: readonly SiteRequest[]; readonly openNames: readonly OpenNameRequest[] },
): OriginRequest {
  const { listenHttp } = flags;
  const common = commonCertificate(flags);
  return {
    sites: sites.map((site) => ({ ...placed(server, common, site.hostnames[0]), ...site })),
    openNames: openNames.map((open) => ({ ...placed(server, common, open.hostname), ...open })),
    ...common,
    listen: flags.listen,
    alsoListen: flags.alsoListen,
    listenHttp: listenHttp === undefined || listenHttp.includes('off') ? 'off' : listenHttp,
    runtimeDirectory: absolute(flags.runtimeDir),
    serverVersion: flags.serverVersion,
    form: flags.fragment ? 'fragment' : 'complete',
  };
}

/** One certificate of the Origin CA for the names of each zone that have none of their own. */
function originCertificates(
  flags: RequestFlags,
  zones: readonly ZoneFacts[],
  { sites, open }: { readonly sites: readonly SiteRequest[]; readonly open: readonly OpenNameRequest[] },
): readonly OriginCertificatePlan[] {
  const { serverCert, serverKey } = commonCertificate(flags);
  if (serverCert !== undefined || serverKey !== undefined)
    throw new Failure(
      '--origin-ca and a --server-cert for all names exclude each other.',
      'Leave one of them out, or write NAME=FILE for a name that has its own.',
    );
  const names = [
    ...sites.filter(isWithout).flatMap(({ hostnames }) => hostnames),
    ...open.filter(isWithout).map(({ hostname }) => hostname),
  ];
  const byZone = new Map<string, string[]>();
  for (const name of new Set(names)) {
    const zone = zoneHolding('--origin-ca:', name.replace(/^\*\./, ''), zones).name;
    byZone.set(zone, [...(byZone.get(zone) ?? []), name]);
  }
  const now = Date.now();
  return [...byZone].map(([zone, own]) => originCertificatePlan(zone, own, { out: flags.out, now }));
}

function isWithout({ serverCert, serverKey }: CertificateRequest): boolean {
  return serverCert === undefined && serverKey === undefined;
}

function certifiedBy(certificates: readonly CertifiedNames[], own: CertificateRequest, name = ''): CertificateRequest {
  const found = isWithout(own) ? certificates.find(({ names }) => names.includes(name)) : undefined;
  return found === undefined ? {} : { serverCert: found.serverCert, serverKey: found.serverKey };
}

/** Where this server has its certificates, where nobody says and it is not where certbot puts them. */
function placed(server: ServerName, { serverCert, serverKey }: CertificateRequest, name = ''): CertificateRequest {
  const place = serverFacts(server).certificatePlace;
  return place === undefined || serverCert !== undefined || serverKey !== undefined
    ? {}
    : place(name.replace(/^\*\./, ''));
}
