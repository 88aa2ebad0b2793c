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

async function made(commonName: string, wanted: Wanted = {}): Promise<Issued> {
  const { organization = 'Lab', issuer, profile = PROFILES.pullRoot, ends = 365, keyType } = wanted;
  return createAuthority({
    profile,
    subject: { organization, commonName },
    key: await generateKey(keyType),
    validity: { notBefore: instant(NOW - 400 * DAY), notAfter: instant(NOW + ends * DAY) },
    ...(issuer === undefined ? {} : { issuer }),
  });
}

function list(issuer: Authority, ends: number): string {
  const nextUpdate = instant(NOW + ends * DAY);
  return crlPem(writeCrl(issuer, { number: 1, thisUpdate: instant(NOW - 30 * DAY), nextUpdate, revoked: [] }));
}

/** Authorities, lists and certificates of every kind, by file name. */
export async function auditFiles(): Promise<ReadonlyMap<string, string>> {
  const edge = await made('edge root');
  const intermediate = await made('edge intermediate', { issuer: edge, profile: PROFILES.pullIntermediate });
  const second = await made('edge second', {
    issuer: edge,
    profile: { ...PROFILES.pullRoot, ca: { pathLength: null } },
  });
  const third = await made('edge third', { issuer: second, profile: PROFILES.pullIntermediate });
  const leaf = await made('edge leaf', { issuer: intermediate, profile: PROFILES.pullLeaf });
  const self = await made('self-signed leaf', { profile: PROFILES.pullLeaf });
  const other = await made('other root');
  const company = await made('company root', { profile: { ...PROFILES.pullRoot, ca: { pathLength: null } } });
  const site = issueLeaf(company, {
    profile: PROFILES.serverLeaf,
    subject: { organization: 'Lab', commonName: 'a.test' },
    key: await generateKey(),
    validity: { notBefore: instant(NOW - DAY), notAfter: instant(NOW + 60 * DAY) },
    names: [{ kind: 'dns', value: 'a.test' }],
  });
  const many = await Promise.all(Array.from({ length: 25 }, (_, index) => made(`member ${index}`)));
  const pems = (...all: readonly Issued[]) => all.map(({ certificate }) => certificate.pem).join('');
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
    ['rsa-ca.pem', pems(await made('rsa root', { keyType: 'rsa:2048' }))],
    ['expired.pem', pems(await made('old root', { ends: -1 }))],
    ['ending.pem', pems(await made('late root', { ends: 10 }))],
    ['rotated.pem', pems(await made('old root', { ends: -1 }), edge)],
    [
      'origin-ca.pem',
      pems(await made('CloudFlare Origin SSL Certificate Authority', { organization: 'CloudFlare, Inc.' })),
    ],
    ['pull-ca.pem', pems(await made('origin-pull.cloudflare.net', { organization: 'CloudFlare, Inc.' }))],
    ['many.pem', pems(...many)],
    ['public.pem', `${rootCertificates[0] ?? ''}\n${rootCertificates[1] ?? ''}\n`],
    ['public-and-edge.pem', `${rootCertificates[0] ?? ''}\n${pems(edge)}`],
    ['empty.pem', ''],
    ['page.pem', '<!DOCTYPE html>\n<html><title>404</title></html>\n'],
    ['torn.pem', pems(edge).replace(/\n[^-\n]{20}/, '\n!!!!')],
    ['joined.pem', `${pems(edge).trimEnd()}${pems(other)}`],
    ['marked.pem', `\u00ef\u00bb\u00bf${pems(edge)}`],
    ['windows.pem', pems(edge).replaceAll('\n', '\r\n')],
    ['site.pem', pems(site, company)],
    ['alone.pem', pems(self)],
    ['edge.crl', list(edge, 5)],
    ['other.crl', list(other, 5)],
    ['stale.crl', list(edge, -5)],
    ['chain.crl', `${list(edge, 5)}${list(intermediate, 5)}`],
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
