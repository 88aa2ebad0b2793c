import type { FindingCode } from '../../../doctor/diagnosis/findings.ts';
import type { Verdict } from '../../../domain/verdict.ts';
import type { Place } from '../../server/place.ts';
import type { Listener } from '../../server/virtual-host.ts';
import { isLoopback } from '../public-address.ts';
import type { Said } from '../said.ts';
import { FREE, type Freedom, PLAIN, type Shown } from '../stranger.ts';
import type { CaddyCaller } from './caller.ts';
import { ownWord } from './headers.ts';
import { fitsName } from './matcher.ts';
import { type CaddyServer, type ClientAuth, everyRoute, expressionsIn, type Policy, type Route } from './model.ts';
import { type CaddyOutcome, walk } from './walk.ts';

/** A name asked for at a socket of a server, under the same name in the handshake or another. */
export interface Question {
  readonly server: CaddyServer;
  readonly socket: Listener;
  readonly name: string;
  readonly serverName: string;
  /** Only what reads this counts; null for all. */
  readonly content: ReadonlySet<string> | null;
}

/** How it stands there. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly said: readonly Said[];
  /** Where it is decided. */
  readonly place: Place;
}

/** The policy for a name in the handshake; behind all of them stands one that asks for nothing. */
export function policyFor({ policies }: CaddyServer, serverName: string): Policy | null {
  return policies.find(({ names }) => names.length === 0 || names.some((one) => fitsName(one, serverName))) ?? null;
}

/** Whether a request for another name than that of the handshake is refused: by itself so as soon as somebody asks. */
export function isStrict({ strict, policies }: CaddyServer): boolean {
  return strict ?? policies.some(({ auth }) => auth !== null);
}

type Way = CaddyOutcome & { readonly shown: Shown };

/** Every way in which a caller may end. */
export function admission(question: Question, shown: Shown, freedom: Freedom): readonly CaddyOutcome[] {
  const { server, socket, name, serverName } = question;
  const auth = socket.tls ? (policyFor(server, serverName)?.auth ?? null) : null;
  if (socket.tls && auth !== null && isTurnedAway(auth, shown)) return [];
  if (socket.tls && serverName !== name && isStrict(server)) return [];
  const local = isLoopback(socket.host);
  const caller: CaddyCaller = { shown, freedom, host: name, serverName, tls: socket.tls, local };
  return walk(server, { caller, asks: auth !== null });
}

function isTurnedAway({ mode, leaves }: ClientAuth, shown: Shown): boolean {
  if (shown === 'edge') return false;
  if (shown === 'none') return mode === 'require' || mode === 'require_and_verify';
  if (leaves) return true;
  return shown === 'self_made' && (mode === 'verify_if_given' || mode === 'require_and_verify');
}

function strangers(question: Question, freedom: Freedom): readonly Way[] {
  const shown: readonly Shown[] = question.socket.tls ? ['none', 'self_made'] : ['none'];
  return shown.flatMap((one) =>
    admission(question, one, freedom)
      .filter(({ kind, reaches }) => kind === 'content' && counts(reaches, question.content))
      .map((outcome) => ({ ...outcome, shown: one })),
  );
}

function counts(reaches: readonly string[], content: ReadonlySet<string> | null): boolean {
  return content === null || reaches.some((one) => content.has(one));
}

/** Whether strangers get in, and how. Pure. */
export function judge(question: Question): Judgement {
  const ways = strangers(question, FREE);
  const place = policyFor(question.server, question.serverName)?.place ?? question.server.place;
  if (ways.length === 0) return { ...shut(question), place };
  const sure = ways.filter((way) => way.sure);
  const [first] = sure;
  if (first === undefined) return { verdict: 'unknown', said: [], place };
  const said = [...causes(question, sure), ...ownWord(admission(question, 'edge', FREE), sure)];
  return { verdict: 'open', said, place: question.socket.tls ? place : first.place };
}

// Where nothing is asked for, a rule that wants a certificate refuses everybody.
function shut(question: Question): Pick<Judgement, 'verdict' | 'said'> {
  const ends = question.socket.tls ? admission(question, 'edge', FREE) : [];
  const refusal = ends.find(({ kind }) => kind === 'refused');
  const auth = policyFor(question.server, question.serverName)?.auth ?? null;
  const isRefused = ends.length > 0 && ends.every(({ kind }) => kind === 'refused');
  if (!isRefused || refusal === undefined || auth !== null || !wantsCertificate(question.server))
    return { verdict: 'locked', said: [] };
  const detail = 'no certificate is asked for, and a rule wants one';
  return { verdict: 'broken', said: [{ code: 'edge_refused', where: refusal.place, detail }] };
}

function wantsCertificate({ routes }: CaddyServer): boolean {
  return [...everyRoute(routes)].some(({ sets }) => expressionsIn(sets).some((text) => /tls[._]client[._]/.test(text)));
}

function causes(question: Question, ways: readonly Way[]): readonly Said[] {
  const { server, socket, serverName } = question;
  const through = ways.flatMap((way) => (way.through === null ? [] : [way.through]))[0];
  const pages: readonly Said[] =
    through === undefined ? [] : [{ code: 'error_page', where: through, detail: 'handle_errors' }];
  const direct = ways.filter((way) => way.through === null);
  if (!socket.tls || direct.length === 0) return pages;
  const policy = policyFor(server, serverName);
  const where = policy?.auth?.place ?? policy?.place ?? server.place;
  const isPlain = strangers(question, PLAIN).some((way) => way.through === null);
  if (policy?.auth === null || policy === null) {
    const notALock: Said = {
      code: 'not_a_lock',
      where,
      detail: 'callers are told apart by what they send or where they come from',
    };
    return [...pages, { code: 'not_asked', where, detail: '' }, ...(isPlain ? [] : [notALock])];
  }
  return [...pages, { code: modeCause(question, policy.auth, direct), where, detail: `mode ${policy.auth.mode}` }];
}

function modeCause(question: Question, { mode }: ClientAuth, ways: readonly Way[]): FindingCode {
  if (isPartial(question, ways)) return 'some_paths_only';
  if (mode === 'require') return 'any_certificate';
  if (mode === 'verify_if_given') return 'optional';
  if (ways.some(({ shown }) => shown === 'none')) return 'unverified';
  const isPlain = strangers(question, PLAIN).some(({ shown }) => shown === 'self_made');
  return isPlain ? 'tests_for_none_only' : 'issuer_by_name';
}

// Who gets in on some ways is refused on others for the certificate.
function isPartial(question: Question, ways: readonly Way[]): boolean {
  const refusals = new Set(certificateRefusals(question.server.routes).map((place) => JSON.stringify(place)));
  const kinds = [...new Set(ways.map(({ shown }) => shown))];
  return kinds.every((shown) =>
    admission(question, shown, FREE).some((one) => one.kind === 'refused' && refusals.has(JSON.stringify(one.place))),
  );
}

function certificateRefusals(routes: readonly Route[]): readonly Place[] {
  return [...everyRoute(routes)]
    .filter(({ sets }) => expressionsIn(sets).some((text) => /tls[._]client[._]/.test(text)))
    .flatMap(({ handlers }) => handlers.flatMap((one) => (one.kind === 'refusal' ? [one.place] : [])));
}
