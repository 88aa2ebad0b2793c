import type { Verdict } from '../../../domain/verdict.ts';
import type { Effective } from '../../server/nginx/tree.ts';
import type { Place } from '../../server/place.ts';
import type { Listener } from '../../server/virtual-host.ts';
import { admission, type Early, type Outcome, type Site, turnedAway } from './admission.ts';
import type { Caller } from './caller.ts';
import { isLoopback } from '../public-address.ts';
import type { Said } from '../said.ts';
import { FREE, type Freedom, PLAIN, type Shown } from '../stranger.ts';
import { inherited, isExempt } from './endpoints.ts';
import { tellingAt } from './headers.ts';

/** How a site stands to strangers at one socket. */
export interface SiteJudgement {
  readonly verdict: Verdict;
  readonly said: readonly Said[];
  /** What strangers read there; empty where they get nothing. */
  readonly reached: readonly string[];
  /** Why it is not known; empty where it is. */
  readonly why: string;
}

/** What is asked of a site. */
export interface SiteQuestion {
  readonly site: Site;
  readonly name: string;
  readonly socket: Listener;
  /** Only what reads this counts; null for all that the site has. */
  readonly content: ReadonlySet<string> | null;
  /** How strangers there are turned away before anybody asks for a certificate. */
  readonly early: readonly Early[];
  /** Headers by which an application hears of certificates. */
  readonly headers: ReadonlySet<string>;
}

/** Somebody at that socket who asks for that name. */
export function callerAt(
  { name, socket }: Pick<SiteQuestion, 'name' | 'socket'>,
  shown: Shown,
  freedom: Freedom,
): Caller {
  const { tls, port, host } = socket;
  const local = isLoopback(host);
  return { shown, freedom, host: name, serverName: null, tls, port, local };
}

/** Whether strangers get in, and how. Pure. */
export function judgeSite(question: SiteQuestion): SiteJudgement {
  const { site } = question;
  const place = site.host.unclear;
  if (place !== null) {
    const said = [{ code: 'unread_configuration', where: place, detail: '' } as const];
    return { verdict: 'unknown', said, reached: [], why: 'a part of this server block was not understood' };
  }
  const ways = strangers(question, FREE);
  const sure = ways.filter((way) => way.sure && !decidedByLua(site, way));
  if (ways.length === 0) return shut(question);
  const reached = [...new Set(ways.flatMap((way) => way.reaches))];
  if (sure.length === 0) {
    return {
      verdict: 'unknown',
      said: [],
      reached,
      why: 'a condition depends on something that a configuration does not show',
    };
  }
  return opened(question, sure, reached);
}

// A program that sees the certificate may refuse; what it does is not read here.
function decidedByLua({ mode, host }: Site, { endpoint }: Outcome): boolean {
  const levels = endpoint?.levels ?? [host.http, host.block.inner ?? []];
  const phases =
    mode === 'off' ? /^ssl_certificate_by_lua/ : /^(?:access|rewrite|server_rewrite|ssl_certificate)_by_lua/;
  return levels.some((level) => level.some(({ name }) => phases.test(name)));
}

/** Paths that are let off on purpose, as far as strangers get something there; of a site that asks for certificates. */
export function exemptedPaths(question: SiteQuestion): readonly string[] {
  if (question.site.mode === 'off') return [];
  const open = admission(question.site, callerAt(question, 'none', FREE)).filter(({ kind }) => kind === 'content');
  return [...new Set(open.flatMap(({ endpoint }) => (endpoint !== null && isExempt(endpoint) ? [endpoint.path] : [])))];
}

/** `early`: how somebody was turned away, and led on. */
type Way = Outcome & { readonly shown: Shown; readonly early: Early | null };

function strangers(question: SiteQuestion, freedom: Freedom): readonly Way[] {
  const shown: readonly Shown[] = question.socket.tls ? ['none', 'self_made'] : ['none'];
  const texts = fixedTexts(question);
  const { site } = question;
  const early = question.early.flatMap((status) =>
    turnedAway(site, callerAt(question, 'none', freedom), status).map((outcome) => ({ outcome, status })),
  );
  return [
    ...shown.flatMap((one) =>
      admission(site, callerAt(question, one, freedom)).map((outcome) => ({ ...outcome, shown: one, early: null })),
    ),
    ...early.map(({ outcome, status }) => ({ ...outcome, shown: 'none' as const, early: status })),
  ].filter((outcome) => counts(outcome, question) && !outcome.reaches.some((read) => isRefusalText(read, texts)));
}

// A fixed answer that the edge never gets is a refusal with another number.
function isRefusalText(read: string, texts: ReadonlySet<string>): boolean {
  return read.startsWith('text:') && !texts.has(read);
}

function fixedTexts(question: SiteQuestion): ReadonlySet<string> {
  const outcomes = admission(question.site, callerAt(question, 'edge', FREE));
  return new Set(outcomes.flatMap(({ reaches }) => reaches).filter((read) => read.startsWith('text:')));
}

function counts({ kind, endpoint, reaches }: Outcome, { content }: SiteQuestion): boolean {
  if (kind !== 'content' || (endpoint !== null && isExempt(endpoint))) return false;
  return content === null || reaches.some((one) => isWithin(one, content));
}

/** Whether somebody who reads the one reads what is in the others: the same, or a directory above. */
function isWithin(reached: string, content: ReadonlySet<string>): boolean {
  if (content.has(reached)) return true;
  return reached.startsWith('files:') && [...content].some((one) => one.startsWith(`${reached.replace(/\/$/, '')}/`));
}

// The edge comes with what is trusted: where even it is refused on every way, nobody is let in.
function shut(question: SiteQuestion): SiteJudgement {
  const { site } = question;
  const none: SiteJudgement = { verdict: 'locked', said: [], reached: [], why: '' };
  if (!question.socket.tls) return none;
  const outcomes = admission(site, callerAt(question, 'edge', FREE));
  const refusals = outcomes.filter(({ kind }) => kind === 'refused');
  if (refusals.length < outcomes.length || outcomes.length === 0) return none;
  const by = refusals[0]?.by ?? null;
  const looks = by !== null && site.mode === 'off' && looksAtCertificate(site);
  if (!looks) return none;
  const detail = 'ssl_verify_client is off, so $ssl_client_verify is NONE for everybody';
  return { ...none, verdict: 'broken', said: [{ code: 'edge_refused', where: by.place, detail }] };
}

function looksAtCertificate({ host }: Site): boolean {
  return (host.block.inner ?? []).some(
    ({ name, args }) => name === 'if' && args.some((arg) => arg.includes('ssl_client')),
  );
}

function opened(question: SiteQuestion, ways: readonly Way[], reached: readonly string[]): SiteJudgement {
  const { site, headers } = question;
  const said: Said[] = ways.flatMap((way) => (way.through === null ? [] : [ledOn(way.through, way.early)])).slice(0, 1);
  const direct = ways.filter(({ through }) => through === null);
  if (direct.length === 0) return { verdict: 'open', said, reached, why: '' };
  const told = site.mode === 'off' && headers.size === 0 ? null : toldAt(direct, question);
  if (told === 'all' && said.length === 0) {
    const why = 'callers without a certificate are passed on, and the application hears that they have none';
    return { verdict: 'unknown', said: leftToApplication(site), reached, why };
  }
  const lost = told === null || told === 'all' ? [] : told;
  return { verdict: 'open', said: [...said, ...causes(question, direct), ...lost], reached, why: '' };
}

// Only who says two names is misdirected.
function ledOn({ place, args }: Effective, early: Early | null): Said {
  const detail = args.join(' ');
  if (early === 421) return { code: 'name_mismatch', where: place, detail: `error_page ${detail}` };
  return { code: 'error_page', where: place, detail };
}

function leftToApplication({ host }: Site): readonly Said[] {
  return [{ code: 'left_to_application', where: host.place, detail: '' }];
}

/** `all` where the application hears of everybody; else where it does not; null where nothing is said of certificates. */
function toldAt(ways: readonly Way[], { site, headers }: SiteQuestion): 'all' | readonly Said[] | null {
  const endpoints = [...new Set(ways.map(({ endpoint }) => endpoint))];
  const tellings = endpoints.map((endpoint) => (endpoint === null ? null : tellingAt(site, endpoint, headers)));
  if (tellings.every((one) => one?.kind === 'told')) return 'all';
  const lost = tellings.flatMap((one) => (one?.kind === 'lost' ? [one] : []));
  return lost.length === 0 ? null : lost.map(({ code, where, detail }) => ({ code, where, detail }));
}

function causes(question: SiteQuestion, ways: readonly Way[]): readonly Said[] {
  const { site, socket } = question;
  const where = site.host.place;
  if (!socket.tls) return [];
  const plain = strangers(question, PLAIN).filter(({ through }) => through === null);
  const alternatives = eitherWay(ways);
  if (site.mode === 'off') {
    const asks: Said = { code: 'not_asked', where, detail: authorityText(site) };
    return [asks, ...alternatives, ...(plain.length === 0 ? [notALock(where)] : [])];
  }
  return [{ ...modeCause(question, plain), where }, ...alternatives];
}

function authorityText(site: Site): string {
  const named = (site.host.block.inner ?? []).some(({ name }) => name === 'ssl_client_certificate');
  return named ? 'ssl_client_certificate is set, and ssl_verify_client is off' : '';
}

function notALock(where: Place): Said {
  return { code: 'not_a_lock', where, detail: 'callers are told apart by what they send or where they come from' };
}

function modeCause(question: SiteQuestion, plain: readonly Way[]): Pick<Said, 'code' | 'detail'> {
  const named = strangers(question, NAMED).filter(({ through }) => through === null);
  return named.length === 0
    ? { code: 'or_instead_of_and', detail: 'what callers send, or where they come from, stands in for a certificate' }
    : certificateCause(question, named, plain);
}

// Who makes his own certificate, and knows nothing else.
const NAMED: Freedom = { ...PLAIN, names: true };

function certificateCause(
  question: SiteQuestion,
  ways: readonly Way[],
  plain: readonly Way[],
): Pick<Said, 'code' | 'detail'> {
  const { mode } = question.site;
  const detail = `ssl_verify_client ${mode}`;
  if (isPartial(question, ways)) return { code: 'some_paths_only', detail };
  if (ways.some(({ shown }) => shown === 'none'))
    return { code: mode === 'optional' ? 'optional' : 'unverified', detail };
  return plain.some(({ shown }) => shown === 'self_made')
    ? { code: 'tests_for_none_only', detail }
    : { code: 'issuer_by_name', detail };
}

// Strangers are refused on some way on which the edge is not.
function isPartial(question: SiteQuestion, ways: readonly Way[]): boolean {
  const { site } = question;
  const kinds = [...new Set(ways.map(({ shown }) => shown))];
  const key = ({ kind, endpoint, by }: Outcome) => JSON.stringify([kind, endpoint?.place, by?.place]);
  const edge = new Set(admission(site, callerAt(question, 'edge', NAMED)).map(key));
  const refused = kinds.map((shown) =>
    admission(site, callerAt(question, shown, NAMED)).some(
      (one) => one.kind === 'refused' && one.by !== null && !edge.has(key(one)),
    ),
  );
  return refused.length > 0 && refused.every((one) => one);
}

function eitherWay(ways: readonly Way[]): readonly Said[] {
  return ways
    .flatMap(({ endpoint }) => (endpoint === null ? [] : [endpoint]))
    .flatMap(({ levels }) => {
      const satisfy = inherited(levels, 'satisfy').at(-1);
      const rules = inherited(levels, 'allow', 'deny');
      if (satisfy?.args[0] !== 'any' || rules.length === 0) return [];
      return [{ code: 'or_instead_of_and', where: satisfy.place, detail: 'satisfy any' } as const];
    })
    .slice(0, 1);
}
