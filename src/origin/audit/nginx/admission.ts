import type { NginxHost } from '../../server/nginx/hosts.ts';
import type { Effective } from '../../server/nginx/tree.ts';
import type { Caller } from './caller.ts';
import { coversLoopback, isPublic } from '../public-address.ts';
import { type Endpoint, endpointAt, inherited } from './endpoints.ts';
import { type Passage, passages } from './rewrite.ts';
import type { Holds } from '../text.ts';
import type { MadeVariables, Scope } from './variables.ts';

/** `ssl_verify_client`. */
export type VerifyMode = 'off' | 'on' | 'optional' | 'optional_no_ca';

/** A server block, ready to be asked who gets in. */
export interface Site {
  readonly host: NginxHost;
  readonly mode: VerifyMode;
  readonly endpoints: readonly Endpoint[];
  readonly made: MadeVariables;
}

/** What becomes of a caller on one way. */
export interface Outcome {
  readonly kind: 'content' | 'refused' | 'redirect';
  readonly endpoint: Endpoint | null;
  /** What it reads: those of the endpoint, or a fixed text. */
  readonly reaches: readonly string[];
  /** Nothing on this way was unclear. */
  readonly sure: boolean;
  readonly status: number;
  /** The directive that answers; null where a location serves. */
  readonly by: Effective | null;
  /** An `error_page` led here. */
  readonly through: Effective | null;
}

const NO_CERTIFICATE = 496;
const BAD_CERTIFICATE = 495;

/** Every way in which a caller may end at a site. */
export function admission(site: Site, caller: Caller): readonly Outcome[] {
  const refused = caller.tls ? handshakeRefusal(site.mode, caller) : null;
  if (refused !== null)
    return refusedAt(site, caller, refused, null, true, site.endpoints[0]?.levels.slice(0, 2) ?? []);
  const scope = scopeOf(site, caller);
  return passages(site.host.block.inner ?? [], scope).flatMap((passage) =>
    passage.kind === 'answer'
      ? answered(site, caller, passage, null)
      : site.endpoints
          .filter(({ internal, kind }) => !internal && kind !== 'named')
          .flatMap((endpoint) => atEndpoint(site, caller, endpoint, { ...scope, set: passage.set }, passage.sure)),
  );
}

/** Statuses with which nginx turns requests away before it looks at any certificate. */
export type Early =
  /** Plain HTTP was said to a socket of TLS. */
  | 497
  /** The name in Host is another one than that in the handshake, and its site asks for certificates. */
  | 421;

/** What becomes of callers who are turned away so: nothing, unless a page of the site leads them on. */
export function turnedAway(site: Site, caller: Caller, status: Early): readonly Outcome[] {
  const levels = site.endpoints[0]?.levels.slice(0, 2) ?? [];
  // Nobody has seen a certificate by then, and 497 is said to who speaks no TLS.
  return refusedAt(site, { ...caller, shown: 'none', tls: status === 421 }, status, null, true, levels);
}

function handshakeRefusal(mode: VerifyMode, { shown }: Caller): number | null {
  if (mode === 'on' && shown === 'none') return NO_CERTIFICATE;
  return (mode === 'on' || mode === 'optional') && shown === 'self_made' ? BAD_CERTIFICATE : null;
}

function scopeOf({ host, mode, made }: Site, caller: Caller): Scope {
  return { made, set: new Map(), caller, verifies: mode !== 'off', serverName: host.names[0] ?? '' };
}

function atEndpoint(site: Site, caller: Caller, endpoint: Endpoint, scope: Scope, sure: boolean): readonly Outcome[] {
  const own = endpoint.kind === 'block' ? [] : (endpoint.levels.at(-1) ?? []);
  return passages(own, scope).flatMap((passage) => {
    const both = { ...passage, sure: sure && passage.sure };
    return both.kind === 'answer' ? answered(site, caller, both, endpoint) : served(site, caller, endpoint, both.sure);
  });
}

// What these ask elsewhere may be about the certificate, where callers are asked for one.
const ASKS_ELSEWHERE = ['auth_request', 'access_by_lua_block', 'access_by_lua_file', 'access_by_lua', 'js_access'];

function served(site: Site, caller: Caller, endpoint: Endpoint, follows: boolean): readonly Outcome[] {
  const { reaches } = endpoint;
  const elsewhere = inherited(endpoint.levels, ...ASKS_ELSEWHERE).some(({ args: [first] }) => first !== 'off');
  const sure = follows && !(elsewhere && site.mode !== 'off');
  const content: Outcome = { kind: 'content', endpoint, reaches, sure, status: 200, by: null, through: null };
  const rules = inherited(endpoint.levels, 'allow', 'deny');
  const allowed = addressAllowed(rules, caller);
  const refused =
    allowed === 'yes' ? [] : refusedAt(site, caller, 403, rules[0] ?? null, sure, endpoint.levels, endpoint);
  return [...(allowed === 'no' ? [] : [content]), ...refused];
}

function answered(
  site: Site,
  caller: Caller,
  { status, text, sure, by }: Passage & { readonly kind: 'answer' },
  endpoint: Endpoint | null,
): readonly Outcome[] {
  const common = { endpoint, sure, status, by, through: null };
  if (status >= 300 && status < 400) return [{ kind: 'redirect', reaches: [], ...common }];
  if (status >= 200 && status < 300) {
    return [
      status === 204
        ? { kind: 'refused', reaches: [], ...common }
        : { kind: 'content', reaches: [`text:${text}`], ...common },
    ];
  }
  return refusedAt(
    site,
    caller,
    status,
    by,
    sure,
    endpoint?.levels ?? [site.host.http, site.host.block.inner ?? []],
    endpoint,
  );
}

function refusedAt(
  site: Site,
  caller: Caller,
  status: number,
  by: Effective | null,
  sure: boolean,
  levels: Endpoint['levels'],
  endpoint: Endpoint | null = null,
): readonly Outcome[] {
  const page = inherited(levels, 'error_page').find(({ args }) => args.slice(0, -1).includes(String(status)));
  const refusal: Outcome = { kind: 'refused', endpoint, reaches: [], sure, status, by, through: null };
  if (page === undefined) return [refusal];
  const led = throughPage(site, caller, page, sure);
  return led.length === 0 ? [refusal] : led;
}

// One error page is followed, as nginx does without recursive_error_pages.
function throughPage(site: Site, caller: Caller, page: Effective, sure: boolean): readonly Outcome[] {
  const target = page.args.at(-1) ?? '';
  const withoutPages = { ...site, endpoints: site.endpoints.map(withoutPage) };
  if (target.startsWith('@')) {
    const named = withoutPages.endpoints.find(({ path, kind }) => kind === 'named' && path === target);
    const outcomes = named === undefined ? [] : atEndpoint(withoutPages, caller, named, scopeOf(site, caller), sure);
    const answers = outcomes.filter(
      ({ kind, endpoint }) => kind !== 'content' || endpoint === null || !isFixedPage(endpoint),
    );
    return answers.map((one) => ({ ...one, through: page }));
  }
  if (!target.startsWith('/')) return [];
  const endpoint = endpointAt(target.replace(/\?.*$/s, ''), withoutPages.endpoints);
  // A file of its own says nothing that the application would.
  if (endpoint === null || !endpoint.hands) return [];
  const scope = scopeOf(site, caller);
  return passages(site.host.block.inner ?? [], scope)
    .filter((passage) => passage.kind === 'on')
    .flatMap((passage) =>
      atEndpoint(withoutPages, caller, endpoint, { ...scope, set: passage.set }, sure && passage.sure),
    )
    .map((one) => ({ ...one, through: page }));
}

function isFixedPage({ hands, levels }: Endpoint): boolean {
  const own = levels.at(-1) ?? [];
  const files = own.findLast(({ name }) => name === 'try_files');
  return !hands && (files?.args.every((arg) => !arg.includes('$')) ?? own.some(({ name }) => name === 'rewrite'));
}

function withoutPage(endpoint: Endpoint): Endpoint {
  return { ...endpoint, levels: endpoint.levels.map((level) => level.filter(({ name }) => name !== 'error_page')) };
}

function addressAllowed(rules: readonly Effective[], { freedom, local }: Caller): Holds {
  let perhaps = false;
  for (const {
    name,
    args: [address = ''],
  } of rules) {
    if (address === 'all' || /^(?:0\.0\.0\.0|::)\/0$/.test(address)) {
      if (name === 'allow') return 'yes';
      return perhaps ? 'either' : 'no';
    }
    if (name === 'allow' && freedom.address && (isPublic(address) || (local && coversLoopback(address))))
      perhaps = true;
  }
  return 'yes';
}
