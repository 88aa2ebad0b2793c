import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { SiteRequest } from '../origin/guard/site.ts';
import { Failure } from './failure.ts';

const TEXTS = z.union([z.string(), z.array(z.string())]);

const SITE = z.strictObject({
  zone: z.string().optional(),
  hostnames: TEXTS,
  server_names: TEXTS.optional(),
  upstream: z.string().optional(),
  bundle: z.string(),
  kind: z.enum(['zone', 'shared']).optional(),
  mode: z.enum(['enforce', 'watch']).optional(),
  pins: TEXTS.optional(),
  subjects: TEXTS.optional(),
  uris: TEXTS.optional(),
  crl: z.string().optional(),
  also_trust: z.string().optional(),
  also_trust_crl: z.string().optional(),
  verified_header: z.string().optional(),
  server_cert: z.string().optional(),
  server_key: z.string().optional(),
  manifest: z.string().optional(),
  signature: z.string().optional(),
});

/** What a guard's file may hold. Unknown keys are refused: a misspelt one would silently do nothing. */
const FILE = z.strictObject({
  listen: TEXTS.optional(),
  health: z.string().optional(),
  max_connections: z.int().optional(),
  upstream: z.string().optional(),
  server_cert: z.string().optional(),
  server_key: z.string().optional(),
  verified_header: z.string().optional(),
  sites: z.array(SITE).min(1).max(1_000),
});

/** A guard's file as it was read: its values still unchecked, its paths absolute. */
export interface GuardFile {
  readonly listen: readonly string[];
  readonly health: string | undefined;
  readonly maxConnections: number | undefined;
  readonly sites: readonly SiteRequest[];
}

const MOST_BYTES = 1024 * 1024;

/** Reads the file (YAML or JSON). Throws a Failure that names the field to blame. Paths are taken from where the file is. */
export function readGuardFile(path: string): GuardFile {
  const parsed = FILE.safeParse(parseYaml(path, textOf(path)) ?? {});
  if (!parsed.success) {
    throw new Failure(
      `--config ${path}: ${issueText(parsed.error.issues)}.`,
      `It may hold ${Object.keys(FILE.shape).join(', ')}; a site ${Object.keys(SITE.shape).join(', ')}.`,
    );
  }
  const { listen, health, max_connections: maxConnections, sites, ...shared } = parsed.data;
  const place = dirname(resolve(path));
  return {
    listen: listOf(listen) ?? [],
    health,
    maxConnections,
    sites: sites.map((site, index) => siteOf({ ...shared, ...site }, { place, path, field: `sites[${index}]` })),
  };
}

type FileSite = z.infer<typeof SITE>;

interface Where {
  readonly place: string;
  readonly path: string;
  readonly field: string;
}

function siteOf(site: FileSite, { place, path, field }: Where): SiteRequest {
  const at = (file: string | undefined): string | undefined => (file === undefined ? undefined : resolve(place, file));
  const missing = (key: string): never => {
    throw new Failure(
      `--config ${path}: ${field}.${key} is missing.`,
      `Give it there, or once for all sites as ${key}.`,
    );
  };
  return {
    zone: site.zone,
    hostnames: listOf(site.hostnames) ?? [],
    serverNames: listOf(site.server_names),
    upstream: site.upstream ?? missing('upstream'),
    bundle: resolve(place, site.bundle),
    kind: site.kind,
    mode: site.mode,
    pins: listOf(site.pins),
    subjects: listOf(site.subjects),
    uris: listOf(site.uris),
    crl: at(site.crl),
    alsoTrust: at(site.also_trust),
    alsoTrustCrl: at(site.also_trust_crl),
    verifiedHeader: site.verified_header,
    serverCert: at(site.server_cert) ?? missing('server_cert'),
    serverKey: at(site.server_key) ?? missing('server_key'),
    manifest: at(site.manifest),
    signature: at(site.signature),
  };
}

function listOf(texts: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof texts === 'string' ? [texts] : texts;
}

// A key that nobody knows comes first: a field that is missing is often one that was misspelt.
function issueText(issues: readonly z.core.$ZodIssue[]): string {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) return 'it is not valid';
  const field = fieldOf(issue.path);
  if (issue.code === 'unrecognized_keys') return `${field === '' ? '' : `${field}: `}unknown ${issue.keys.join(', ')}`;
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return isMissing ? `${field} is missing` : `${field === '' ? 'it' : field}: ${issue.message}`;
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (sofar, part) =>
      typeof part === 'number' ? `${sofar}[${part}]` : sofar === '' ? String(part) : `${sofar}.${String(part)}`,
    '',
  );
}

function textOf(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(
      `--config ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      'Check the path and its permissions.',
    );
  }
  if (text.length > MOST_BYTES) throw new Failure(`--config ${path} is too large.`, 'It may have a megabyte.');
  return text;
}

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new Failure(
      `--config ${path} is not YAML: ${(error as Error).message.split('\n')[0]}`,
      'Mend the line named.',
    );
  }
}
