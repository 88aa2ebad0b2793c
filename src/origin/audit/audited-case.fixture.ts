import assert from 'node:assert/strict';
import { FINDINGS } from '../../doctor/diagnosis/findings.ts';
import type { ConfigurationReading } from '../../doctor/configuration.ts';
import { type Instant, instant } from '../../domain/ids.ts';
import { crlPem, writeCrl } from '../../pki/crl.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';

/** A configuration, and what must be said of it. Files stand below `/t`. */
export interface AuditCase {
  readonly title: string;
  readonly config: string;
  readonly hosts?: readonly string[];
  readonly version?: string;
  readonly more?: Readonly<Record<string, string>>;
  readonly claims: readonly string[];
  /** Ids of the catalogue that the findings must stand for. */
  readonly refs: readonly string[];
  /** Codes of all that is critical or high. */
  readonly codes: readonly string[];
  /** What the server itself says when it refuses to load it. */
  readonly refusal?: string;
  /** The server itself would not read it, or cannot be asked whether it does. */
  readonly unreal?: boolean;
}

/** When the audits of tests take place. */
export const AUDITED_AT = instant(Date.UTC(2030, 5, 1));
const DAY = 86_400_000;

/** Files that configurations of tests name, below `/t`. */
export async function trustedFiles(): Promise<ReadonlyMap<string, string>> {
  return (await trustedWorld(AUDITED_AT)).files;
}

/** PEM: what is sent in TLS, and its key. */
interface Credential {
  readonly cert: string;
  readonly key: string;
}

/** The files, and callers of each kind. */
export interface TrustedWorld {
  readonly files: ReadonlyMap<string, string>;
  readonly right: Credential;
  /** The same below the intermediate of `both.pem`, which it sends along. */
  readonly rightBelow: Credential;
  readonly otherAuthority: Credential;
  readonly selfMade: Credential;
}

/** The files, and who may come with what, as things are at a moment. */
export async function trustedWorld(at: Instant): Promise<TrustedWorld> {
  const [edge, other] = [await root('edge', at), await root('other', at)];
  const old = await root('old', at - 400 * DAY);
  const intermediate = createAuthority({
    profile: PROFILES.pullIntermediate,
    subject: { commonName: 'between' },
    key: await generateKey(),
    validity: validFor(at, 300 * DAY),
    issuer: edge,
  });
  const leaf = issueLeaf(edge, await leafOf('somebody', at));
  const site = issueLeaf(other, await leafOf('site', at));
  const list = (nextUpdate: number, issuer: Authority = edge) =>
    crlPem(
      writeCrl(issuer, {
        number: 1,
        thisUpdate: instant(at - 30 * DAY),
        nextUpdate: instant(nextUpdate),
        revoked: [],
      }),
    );
  const pem = (...all: readonly Authority[]) => all.map(({ certificate }) => certificate.pem).join('');
  const files = new Map([
    ['/t/edge.pem', pem(edge)],
    ['/t/other.pem', pem(other)],
    ['/t/both.pem', pem(edge, intermediate)],
    ['/t/between.pem', pem(intermediate)],
    ['/t/old.pem', pem(old)],
    ['/t/leaf.pem', pem(leaf)],
    ['/t/empty.pem', ''],
    ['/t/page.pem', '<!doctype html><p>Not found'],
    ['/t/fresh.crl', list(at + 7 * DAY)],
    ['/t/stale.crl', list(at - DAY)],
    ['/t/both.crl', `${list(at + 7 * DAY)}${list(at + 7 * DAY, intermediate)}`],
    ['/t/site.pem', `${pem(site, other)}${site.key.reveal()}`],
    ['/t/site-alone.pem', `${pem(site)}${site.key.reveal()}`],
    ['/t/site.key', site.key.reveal()],
  ]);
  const own = await root('edge', at);
  return {
    files,
    right: credentialOf(issueLeaf(edge, await leafOf('my-edge.example', at))),
    rightBelow: credentialOf(issueLeaf(intermediate, await leafOf('my-edge.example', at))),
    otherAuthority: credentialOf(issueLeaf(other, await leafOf('my-edge.example', at))),
    // Of an authority with the right one's name, which is not it.
    selfMade: credentialOf(issueLeaf(own, await leafOf('my-edge.example', at))),
  };
}

function credentialOf({ certificate, chain, key }: Authority): Credential {
  return { cert: [certificate, ...chain].map(({ pem }) => pem).join(''), key: key.reveal() };
}

async function root(commonName: string, at: number): Promise<Authority> {
  const validity = validFor(instant(at), 300 * DAY);
  return createAuthority({ profile: PROFILES.pullRoot, subject: { commonName }, key: await generateKey(), validity });
}

async function leafOf(commonName: string, at: Instant) {
  return {
    profile: PROFILES.pullLeaf,
    subject: { commonName },
    key: await generateKey(),
    validity: validFor(at, 30 * DAY),
    names: [{ kind: 'dns', value: commonName } as const],
  };
}

/** What a reading says, in lines that a test compares: claims, and what is critical or high with its refs. */
function told({ claims, findings }: ConfigurationReading): {
  readonly claims: readonly string[];
  readonly grave: readonly string[];
  readonly other: readonly string[];
} {
  const rows = findings.map(({ code, where }) => ({ ...FINDINGS[code], text: `${code} ${where?.line ?? '-'}` }));
  const isGrave = ({ severity }: { readonly severity: string }) => severity === 'critical' || severity === 'high';
  return {
    claims: claims.map(({ host, address, port, verdict }) => `${host} ${address}:${port} ${verdict}`),
    grave: rows
      .filter(isGrave)
      .map(({ text }) => text)
      .sort(),
    other: rows
      .filter((row) => !isGrave(row))
      .map(({ text }) => text)
      .sort(),
  };
}

/** Holds a reading against what a case says. */
export function assertCase(reading: ConfigurationReading, { claims, codes, refs }: AuditCase): void {
  const found = told(reading);
  const shown = JSON.stringify(reading.findings, null, 1);
  assert.deepEqual(found.claims, claims, shown);
  assert.deepEqual([...new Set(found.grave.map((text) => text.replace(/ .*/, '')))], codes, shown);
  const known = refsOf(reading);
  for (const ref of refs) assert.ok(known.has(ref), `${ref} in ${[...known].join(' ')}`);
}

/** The catalogue ids that findings stand for. */
function refsOf({ findings }: ConfigurationReading): ReadonlySet<string> {
  return new Set(findings.flatMap(({ code }) => [...FINDINGS[code].refs]));
}
