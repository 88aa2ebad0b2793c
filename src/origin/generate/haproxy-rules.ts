import type { Hostname } from '../../domain/ids.ts';
import type { OriginRequirement } from '../requirement.ts';
import { isWildcardName, type Site } from '../site.ts';
import type { VerifiedHeader } from '../verified-header.ts';
import { VIA_HEADER } from '../via-header.ts';
import { FORGERY_PATTERNS } from './forged-fields.ts';
import { type Lines, paragraphs } from './lines.ts';
import { siteId, siteWord } from './names.ts';

/** The name that was asked for, without port, last dot and case. */
export function host(): Lines {
  return ['http-request set-var(txn.postern_host) req.fhdr(host),lower,word(1,:),regsub([.]$,)'];
}

/** Which site the name belongs to: the widest wildcard is asked first and the exact name last, and the last one counts. */
export function chosenSite(requirement: OriginRequirement): Lines {
  const { sites, openNames, listen } = requirement;
  const all = [...sites, ...openNames.map(({ hostname }) => ({ hostnames: [hostname] as const }))];
  const names = all.flatMap((site) => site.hostnames.map((name) => ({ name, word: siteWord(site, listen) })));
  return [
    ...[...names]
      .sort((a, b) => breadth(a.name) - breadth(b.name))
      .map(
        ({ name, word }) =>
          `http-request set-var(txn.postern_site) str(${word}) if { var(txn.postern_host) ${match(name)} }`,
      ),
    '# Every other name ends here: a second door would make the lock worthless.',
    'http-request return status 421 unless { var(txn.postern_site) -m found }',
  ];
}

function breadth(name: Hostname): number {
  return isWildcardName(name) ? name.split('.').length : Number.POSITIVE_INFINITY;
}

function match(name: Hostname): string {
  return isWildcardName(name) ? `-m end ${name.slice(1)}` : `-m str ${name}`;
}

/** Who gets past: for each site that enforces, one paragraph. */
export function admission(requirement: OriginRequirement): Lines {
  const enforced = requirement.sites.filter(({ mode }) => mode === 'enforce');
  if (enforced.length === 0) return [];
  return paragraphs(
    [
      '# The certificate was asked for by the name in the handshake: a request for another name has shown nothing.',
      'acl postern_same_name ssl_fc_sni,lower,strcmp(txn.postern_host) eq 0',
      '# 0 also stands for no certificate at all.',
      'acl postern_certificate ssl_c_used',
      'acl postern_verified ssl_c_verify 0',
    ],
    ...enforced.map((site) => {
      const here = `{ var(txn.postern_site) -m str ${siteWord(site, requirement.listen)} }`;
      return [
        `http-request return status 421 if ${here} !postern_same_name`,
        `http-request deny deny_status 403 if ${here} !postern_certificate`,
        `http-request deny deny_status 403 if ${here} !postern_verified`,
        ...pins(site, requirement),
        ...(site.trust.kind === 'zone'
          ? []
          : [`http-request deny deny_status 403 if ${here} !${pinned(site, requirement)}`]),
      ];
    }),
  );
}

function pins(site: Site, requirement: OriginRequirement): Lines {
  if (site.trust.kind === 'zone') return [];
  const name = pinned(site, requirement);
  return [
    '# The pinned certificates, by SHA-256.',
    // One line each: HAProxy takes 64 words on a line.
    ...site.trust.pins.map(({ derSha256 }) => `acl ${name} ssl_c_der,sha2(256),hex -m str -i ${derSha256}`),
  ];
}

function pinned(site: Site, { listen }: OriginRequirement): string {
  return `postern_pinned_${siteId(site, listen)}`;
}

/** What OpenSSL's numbers mean (X509_V_ERR_…), as far as watching meets them. */
const REASONS: readonly (readonly [codes: string, reason: string])[] = [
  ['2 18 19 20 21', 'unknown authority'],
  ['9', 'not yet valid'],
  ['10', 'certificate has expired'],
  ['23', 'certificate revoked'],
  ['26', 'not for clients'],
];

const VERDICT = 'http-request set-var(txn.postern_verdict)';

function failures(): Lines {
  return [
    'http-request set-var(txn.postern_error) ssl_c_verify',
    `${VERDICT} str(FAILED:),concat(,txn.postern_error,) if !{ ssl_c_verify 0 }`,
    ...REASONS.map(([codes, reason]) => `${VERDICT} str("FAILED:${reason}") if { ssl_c_verify ${codes} }`),
  ];
}

/** What was verified of the caller of any site, in words; `pinned` is a condition where only some certificates are meant. */
export function verdictRules(pinned: string | null): Lines {
  return [
    `${VERDICT} str(SUCCESS)`,
    ...failures(),
    ...(pinned === null
      ? []
      : [`${VERDICT} str("FAILED:not a pinned certificate") if { ssl_c_verify 0 } !{ ${pinned} }`]),
    `${VERDICT} str(NONE) unless { ssl_c_used }`,
  ];
}

/** What was verified, in words, and the log of those who are watched. */
export function accounting(requirement: OriginRequirement): Lines {
  const { sites, openNames, listen } = requirement;
  const watched = sites.filter(({ mode }) => mode === 'watch');
  const open = openNames.map(({ hostname }) => siteWord({ hostnames: [hostname] }, listen));
  const shared = watched.filter(({ trust }) => trust.kind === 'shared');
  return [
    `${VERDICT} str(SUCCESS)`,
    ...(watched.length === 0
      ? []
      : [
          ...failures(),
          ...shared.flatMap((site) => pins(site, requirement)),
          ...shared.map(
            (site) =>
              `${VERDICT} str("FAILED:not a pinned certificate") if { ssl_c_verify 0 } { var(txn.postern_site) -m str ${siteWord(site, listen)} } !${pinned(site, requirement)}`,
          ),
        ]),
    `${VERDICT} str(NONE) unless { ssl_c_used }`,
    ...open.map((site) => `acl postern_open var(txn.postern_site) -m str ${site}`),
    ...(open.length === 0 ? [] : [`${VERDICT} str(NONE) if postern_open`]),
    ...log(
      watched.map((site) => siteWord(site, listen)),
      requirement,
    ),
  ];
}

function log(watched: readonly string[], { form }: OriginRequirement): Lines {
  if (watched.length === 0) return form === 'complete' ? ['http-request set-log-level silent'] : [];
  return [
    ...watched.map((site) => `acl postern_watched var(txn.postern_site) -m str ${site}`),
    'http-request set-log-level silent unless postern_watched',
    WATCHED_AGENT,
    `log-format "${watchFormat()}"`,
  ];
}

/** When the line is written the request is gone: what names the program that came is kept. Looks of Postern's own say so there. */
export const WATCHED_AGENT = 'http-request set-var(txn.postern_agent) req.fhdr(user-agent)';

/** What is logged of a caller who is watched, for a log format in double quotes. */
export function watchFormat(): string {
  const field = (name: string, sample: string) => `${name}=%{+Q,+E}${sample}`;
  return [
    'postern-watch',
    'verify=\\"%[var(txn.postern_verdict)]\\"',
    'from=%ci',
    field('sni', '[ssl_fc_sni]'),
    field('host', '[var(txn.postern_host)]'),
    field('request', 'r'),
    field('subject', '[ssl_c_s_dn]'),
    field('issuer', '[ssl_c_i_dn]'),
    field('agent', '[var(txn.postern_agent)]'),
  ].join(' ');
}

/** The caller's own copies of a header go, with any mark between the words that an application might fold. */
export function withoutCopies(name: VerifiedHeader): string {
  return `http-request del-header '^${name.toLowerCase().replaceAll('-', '[^a-z0-9]')}$' -m reg`;
}

/** This server's own verdict. */
export function verdictHeader(name: VerifiedHeader): string {
  return `http-request set-header ${name} "%[var(txn.postern_verdict)]"`;
}

/** The verified header of each site with this server's own verdict, and nobody else's. */
export function headers({ sites, listen }: OriginRequirement): Lines {
  const { via } = sites[0];
  const names = [...new Set(sites.map(({ verifiedHeader }) => verifiedHeader))];
  const [only, second] = names;
  return [
    "# The caller's own copies go first, with any mark between the words that an application might fold.",
    ...[...names, ...(via === null ? [] : [VIA_HEADER])].map(withoutCopies),
    ...(via === 'own' ? withoutForgeries() : []),
    "# Always this server's own verdict.",
    ...(only !== undefined && second === undefined
      ? [verdictHeader(only)]
      : sites.map(
          (site) =>
            `${verdictHeader(site.verifiedHeader)} if { var(txn.postern_site) -m str ${siteWord(site, listen)} }`,
        )),
    ...(via === null
      ? []
      : [`http-request set-header ${VIA_HEADER} ${via} if { var(txn.postern_verdict) -m str SUCCESS }`]),
    '# CGI would take it for its proxy setting.',
    'http-request del-header Proxy',
    '# Only WebSocket may switch protocols: h2c, also as a second choice, would carry requests past these rules.',
    'http-request del-header Upgrade unless { req.fhdr_cnt(upgrade) eq 1 } { req.fhdr(upgrade) -i -m str websocket }',
    ...(via === 'own'
      ? []
      : ['# What the edge says of the visitor (X-Forwarded-For, CF-Connecting-IP …) is passed on as it comes.']),
  ];
}

function withoutForgeries(): Lines {
  return [
    '# Only the edge speaks for visitors: of these callers the server says itself where they come from.',
    ...FORGERY_PATTERNS.map((pattern) => `http-request del-header '(?i)${pattern}' -m reg`),
    'http-request set-header X-Forwarded-For %[src]',
    'http-request set-header X-Forwarded-Proto https',
  ];
}
