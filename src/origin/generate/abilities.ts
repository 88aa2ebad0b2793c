import { type OriginProblem, type OriginProblemCode, originProblem } from '../problems.ts';
import type { OriginRequirement } from '../requirement.ts';
import { isWildcardName } from '../site.ts';
import { isShort } from '../verified-header.ts';

interface AbilityRow {
  readonly code: OriginProblemCode;
  readonly field: string;
  /** What of the requirement needs it, to be shown; `null` where nothing does. */
  readonly wanted: (requirement: OriginRequirement) => string | null;
}

/** What a requirement may need, and how a server that lacks it refuses. */
const ABILITIES = {
  several_zones: { code: 'no_several_zones', field: 'sites', wanted: severalZones },
  several_sites: {
    code: 'no_several_sites',
    field: 'sites',
    wanted: ({ sites: [, second] }) => second?.hostnames[0] ?? null,
  },
  open_names: {
    code: 'no_open_names',
    field: 'openNames',
    wanted: ({ openNames: [first] }) => first?.hostname ?? null,
  },
  shared: {
    code: 'no_shared',
    field: 'bundle.pins',
    wanted: ({ sites }) => sites.find(({ trust }) => trust.kind === 'shared')?.hostnames[0] ?? null,
  },
  watch: {
    code: 'no_watch',
    field: 'mode',
    wanted: ({ sites }) => sites.find(({ mode }) => mode === 'watch')?.hostnames[0] ?? null,
  },
  upstream: { code: 'no_upstream', field: 'upstream', wanted: (all) => contentOf(all, 'proxy') },
  socket: { code: 'no_socket', field: 'upstream', wanted: (all) => contentOf(all, 'socket') },
  root: { code: 'no_root', field: 'root', wanted: (all) => contentOf(all, 'static') },
  crl: { code: 'no_crl', field: 'crl', wanted: ({ sites }) => listOf(sites.map(({ crl }) => crl)) },
  also_trust_crl: {
    code: 'no_crl',
    field: 'alsoTrustCrl',
    wanted: ({ sites }) => listOf(sites.map(({ alsoTrustCrl }) => alsoTrustCrl)),
  },
  also_trust: {
    code: 'also_trust_unsupported',
    field: 'alsoTrust',
    wanted: ({ sites }) => sites.find(({ alsoTrust }) => alsoTrust !== null)?.alsoTrust ?? null,
  },
  redirect: {
    code: 'no_redirect',
    field: 'listenHttp',
    wanted: ({ listenHttp: [first] }) => (first ? String(first.port) : null),
  },
  wildcard: {
    code: 'no_wildcard',
    field: 'hostnames',
    wanted: ({ sites }) => sites.flatMap(({ hostnames }) => hostnames).find(isWildcardName) ?? null,
  },
  long_header: { code: 'long_header', field: 'verifiedHeader', wanted: watchedLongName },
  fragment: { code: 'no_fragment', field: 'form', wanted: ({ form }) => (form === 'fragment' ? form : null) },
  complete: { code: 'no_complete', field: 'form', wanted: ({ form }) => (form === 'complete' ? form : null) },
} as const satisfies Readonly<Record<string, AbilityRow>>;

/** Something that not every server can do. */
export type Ability = keyof typeof ABILITIES;

/** The first thing that the requirement needs and the server lacks. */
export function lacking(cannot: readonly Ability[], requirement: OriginRequirement): OriginProblem | null {
  for (const ability of cannot) {
    const { code, field, wanted } = ABILITIES[ability];
    const found = wanted(requirement);
    if (found !== null) return originProblem(code, field, found);
  }
  return null;
}

function listOf(lists: readonly (string | null)[]): string | null {
  return lists.find((list) => list !== null) ?? null;
}

function severalZones({ sites: [first, ...rest] }: OriginRequirement): string | null {
  return rest.find(({ zone, trust }) => zone !== first.zone || trust.bundle !== first.trust.bundle)?.zone ?? null;
}

// Once a server enforces, everybody inside is verified: a copy under another name says no more than is true.
function watchedLongName({ sites }: OriginRequirement): string | null {
  const told = sites.filter(({ mode, content }) => mode === 'watch' && content.kind !== 'static');
  return told.find(({ verifiedHeader }) => !isShort(verifiedHeader))?.verifiedHeader ?? null;
}

function contentOf({ sites, openNames }: OriginRequirement, kind: 'proxy' | 'socket' | 'static'): string | null {
  const found = [...sites, ...openNames].map(({ content }) => content).find((content) => content.kind === kind);
  if (found === undefined) return null;
  return found.kind === 'proxy' ? `${found.host}:${found.port}` : found.kind === 'socket' ? found.path : found.root;
}
