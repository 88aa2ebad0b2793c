import { rootCertificates } from 'node:tls';
import type { ConfigurationReading } from '../../doctor/configuration.ts';
import { FINDINGS } from '../../doctor/diagnosis/findings.ts';
import type { ServerKind } from '../../doctor/diagnosis/fixes.ts';
import { type Verdict, worst } from '../../domain/verdict.ts';
import { instant } from '../../domain/ids.ts';
import { crlPem, writeCrl } from '../../pki/crl.ts';
import { type Authority, createAuthority, type Issued, issueLeaf } from '../../pki/issue.ts';
import { generateKey, type KeyType } from '../../pki/keys.ts';
import { PROFILES, type Profile } from '../../pki/profiles.ts';
import { sourceOf } from '../install/memory.fixture.ts';
import { serverVersion } from '../server-version.ts';
import { audit } from './audit.ts';

/** The day on which the files of these tests are looked at. */
export const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;

interface Wanted {
  readonly organization?: string;
  readonly issuer?: Authority;
  readonly profile?: Profile;
  readonly ends?: number;
  readonly keyType?: KeyType;
}

async function made(now: number, commonName: string, wanted: Wanted = {}): Promise<Issued> {
  const { organization = 'Lab', issuer, profile = PROFILES.pullRoot, ends = 365, keyType } = wanted;
  return createAuthority({
    profile,
    subject: { organization, commonName },
    key: await generateKey(keyType),
    validity: { notBefore: instant(now - 400 * DAY), notAfter: instant(now + ends * DAY) },
    ...(issuer === undefined ? {} : { issuer }),
  });
}

function list(now: number, issuer: Authority, ends: number): string {
  const nextUpdate = instant(now + ends * DAY);
  return crlPem(writeCrl(issuer, { number: 1, thisUpdate: instant(now - 30 * DAY), nextUpdate, revoked: [] }));
}

type Make = (commonName: string, wanted?: Wanted) => Promise<Issued>;

async function issued(make: Make, now: number) {
  const edge = await make('edge root');
  const intermediate = await make('edge intermediate', { issuer: edge, profile: PROFILES.pullIntermediate });
  const second = await make('edge second', {
    issuer: edge,
    profile: { ...PROFILES.pullRoot, ca: { pathLength: null } },
  });
  const third = await make('edge third', { issuer: second, profile: PROFILES.pullIntermediate });
  const leaf = await make('edge leaf', { issuer: intermediate, profile: PROFILES.pullLeaf });
  const self = await make('self-signed leaf', { profile: PROFILES.pullLeaf });
  const other = await make('other root');
  const company = await make('company root', { profile: { ...PROFILES.pullRoot, ca: { pathLength: null } } });
  const site = issueLeaf(company, {
    profile: PROFILES.serverLeaf,
    subject: { organization: 'Lab', commonName: 'a.test' },
    key: await generateKey(),
    validity: { notBefore: instant(now - DAY), notAfter: instant(now + 60 * DAY) },
    names: [{ kind: 'dns', value: 'a.test' }],
  });
  const many = await Promise.all(Array.from({ length: 25 }, (_, index) => make(`member ${index}`)));
  const right = await make('edge', { issuer: edge, profile: PROFILES.pullLeaf });
  const deep = await make('edge', { issuer: third, profile: PROFILES.pullLeaf });
  const neighbour = await make('somebody', { issuer: other, profile: PROFILES.pullLeaf });
  const impostor = await make('edge root');
  const forged = await make('edge', { issuer: impostor, profile: PROFILES.pullLeaf });
  return {
    edge,
    intermediate,
    second,
    third,
    leaf,
    self,
    other,
    company,
    site,
    many,
    right,
    deep,
    neighbour,
    impostor,
    forged,
  };
}

/** Files that are no good as they are. */
function damaged(edge: string, other: string): readonly (readonly [string, string])[] {
  return [
    ['empty.pem', ''],
    ['page.pem', '<!DOCTYPE html>\n<html><title>404</title></html>\n'],
    ['torn.pem', edge.replace(/\n[^-\n]{20}/, '\n!!!!')],
    ['joined.pem', `${edge.trimEnd()}${other}`],
    ['marked.pem', `\u00ef\u00bb\u00bf${edge}`],
    ['windows.pem', edge.replaceAll('\n', '\r\n')],
  ];
}

function pems(...all: readonly Issued[]): string {
  return all.map(({ certificate }) => certificate.pem).join('');
}

/** Authorities, lists and certificates of every kind, by file name. */
export async function auditFiles(now = NOW): Promise<ReadonlyMap<string, string>> {
  const make = (commonName: string, wanted: Wanted = {}) => made(now, commonName, wanted);
  const {
    edge,
    intermediate,
    second,
    third,
    leaf,
    self,
    other,
    company,
    site,
    many,
    right,
    deep,
    neighbour,
    impostor,
    forged,
  } = await issued(make, now);
  return new Map([
    ['edge-ca.pem', pems(edge)],
    ['edge-chain.pem', pems(edge, intermediate)],
    ['edge-long.pem', pems(edge, second, third)],
    ['intermediate.pem', pems(intermediate)],
    ['leaf.pem', pems(leaf)],
    ['self.pem', pems(self)],
    ['other-ca.pem', pems(other)],
    ['both.pem', pems(edge, other)],
    ['company-ca.pem', pems(company)],
    ['rsa-ca.pem', pems(await make('rsa root', { keyType: 'rsa:2048' }))],
    ['expired.pem', pems(await make('old root', { ends: -1 }))],
    ['ending.pem', pems(await make('late root', { ends: 10 }))],
    ['rotated.pem', pems(await make('old root', { ends: -1 }), edge)],
    [
      'origin-ca.pem',
      pems(await make('CloudFlare Origin SSL Certificate Authority', { organization: 'CloudFlare, Inc.' })),
    ],
    ['pull-ca.pem', pems(await make('origin-pull.cloudflare.net', { organization: 'CloudFlare, Inc.' }))],
    ['many.pem', pems(...many)],
    ['public.pem', `${rootCertificates[0] ?? ''}\n${rootCertificates[1] ?? ''}\n`],
    ['public-and-edge.pem', `${rootCertificates[0] ?? ''}\n${pems(edge)}`],
    ...damaged(pems(edge), pems(other)),
    ['site.pem', pems(site, company)],
    ['site.key', site.key.reveal()],
    ['right.pem', pems(right)],
    ['right.key', right.key.reveal()],
    ['below.pem', pems(leaf, intermediate)],
    ['below.key', leaf.key.reveal()],
    ['deep.pem', pems(deep, third, second)],
    ['deep.key', deep.key.reveal()],
    ['neighbour.pem', pems(neighbour)],
    ['neighbour.key', neighbour.key.reveal()],
    ['forged.pem', pems(forged, impostor)],
    ['forged.key', forged.key.reveal()],
    ['alone.pem', pems(self)],
    ['edge.crl', list(now, edge, 5)],
    ['other.crl', list(now, other, 5)],
    ['stale.crl', list(now, edge, -5)],
    ['chain.crl', `${list(now, edge, 5)}${list(now, intermediate, 5)}`],
  ]);
}

/** A case of an audit: what it looks at, and what must come out. */
export interface AuditCase {
  readonly server: ServerKind;
  readonly text: string;
  readonly main?: string;
  readonly more?: ReadonlyMap<string, string>;
  readonly hosts?: readonly string[];
  readonly version?: string;
}

/** A row of a table of cases: what is critical or high in it, and what else must be among the findings. */
export type AuditRow = readonly [
  title: string,
  text: string,
  verdict: Verdict,
  grave: readonly string[],
  also?: readonly string[],
];

/** Audits a text beside the files. */
export function audited(files: ReadonlyMap<string, string>, one: AuditCase): ConfigurationReading {
  const { server, text, main = '/etc/lab/main.conf', more = new Map(), hosts = [], version = '' } = one;
  const there = new Map([...files].map(([name, content]) => [`/etc/lab/${name}`, content]));
  const source = sourceOf(new Map([...there, ...more, [main, text]]));
  const reading = audit(server, { main, source, now: NOW, hosts, version: serverVersion(version) });
  if (reading === null) throw new Error(`${server} is not audited`);
  return reading;
}

/** The verdict of a reading as a whole. */
export function overall({ claims }: ConfigurationReading): Verdict {
  return worst(claims.map(({ verdict }) => verdict));
}

/** Codes of what is critical or high, each once, sorted. */
export function grave({ findings }: ConfigurationReading): readonly string[] {
  const codes = findings.map(({ code }) => code);
  return [...new Set(codes.filter((code) => ['critical', 'high'].includes(FINDINGS[code].severity)))].sort();
}
