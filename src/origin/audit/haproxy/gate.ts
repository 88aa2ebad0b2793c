import { type Caller, type Fate, rightCaller } from '../caller.ts';
import type { Said } from '../said.ts';
import { concrete, type Door, type Gate } from '../gate.ts';
import { type Bind, type BindSettings, type Met, metBy } from './binds.ts';
import { handshake, ignoresErrors, type Verify, verifyOf } from './handshake.ts';
import { namesInRules, pathsInRules } from './names.ts';
import { globalSetting, type Proxies } from './proxies.ts';
import { ruled } from './rules.ts';
import type { RequestWorld, Session } from './sample.ts';

/** What the gate looks things up in. */
export interface HaproxyWorld {
  readonly proxies: Proxies;
  readonly binds: readonly Bind[];
  /** Names in a certificate, and why no certificate of the edge passes where these settings are met. */
  readonly namesIn: (crt: string) => readonly string[];
  readonly keepsOut: (met: Met) => Said | null;
}

const MAX_STEPS = 20_000;

/** HAProxy as a gate. */
export function haproxyGate(world: HaproxyWorld): Gate {
  const bindAt = new Map<Door, Bind>(world.binds.flatMap((bind) => bind.doors.map((door) => [door, bind] as const)));
  const at = (door: Door) => bindAt.get(door);
  const fate = (caller: Caller, door: Door): Fate => {
    const bind = at(door);
    return bind === undefined ? { kind: 'refused', because: null } : fateAt(world, bind, caller, door);
  };
  return {
    server: 'haproxy',
    doors: [...bindAt.keys()],
    names: (door) => namesAt(world, at(door)),
    fate,
    content: (host, door) => {
      const bind = at(door);
      if (bind === undefined) return null;
      const names = namesAt(world, bind);
      const isAnybodys = names.length === 0 && answers(world, bind, host, door);
      const claimed =
        isAnybodys || names.some((name) => name === host || concrete(name) === host || isBelow(host, name));
      return { reaches: reachedAt(world, bind, host, door), claimed, place: bind.where };
    },
    paths: (_host, door) => {
      const bind = at(door);
      return bind === undefined ? [] : pathsInRules(bind.proxy);
    },
  };
}

// One that hands nothing on, such as that of the statistics, is no door of any site.
function answers(world: HaproxyWorld, bind: Bind, host: string, door: Door): boolean {
  const fate = fateAt(world, bind, rightCaller(host, door), door);
  return fate.kind !== 'refused' || fate.because !== null;
}

function isBelow(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') && host.endsWith(pattern.slice(1));
}

/** The names that a bind's proxy speaks of, those of its list of certificates, or else those in its certificates. */
export function namesAt({ namesIn }: Pick<HaproxyWorld, 'namesIn'>, bind: Bind | undefined): readonly string[] {
  if (bind === undefined) return [];
  const filters = (bind.list ?? [])
    .flatMap((one) => one.filters)
    .filter((name) => !name.startsWith('!') && name !== '*');
  const found = [...new Set([...namesInRules(bind.proxy), ...filters])];
  if (found.length > 0) return found;
  const certificates = [bind.settings.get('crt'), ...(bind.list ?? []).map((one) => one.settings.get('crt'))];
  return [...new Set(certificates.flatMap((crt) => (crt === undefined ? [] : namesIn(crt))))];
}

// What stands behind a name is what the edge would get, whatever it would have to show.
function reachedAt(world: HaproxyWorld, bind: Bind, host: string, door: Door): readonly string[] {
  const caller = rightCaller(host, door);
  const session: Session = { shown: door.tls ? 'right' : 'nothing', verify: '0', resumed: false };
  let reached: readonly string[] = [];
  ruled(world.proxies, bind.proxy, requestWorld(caller, session, door), (reaches) => {
    reached = [...new Set([...reached, ...reaches])];
    return { kind: 'served', reaches, because: { code: 'not_asked', where: bind.where, detail: '' } };
  });
  return reached;
}

function requestWorld(caller: Caller, session: Session, door: Door): RequestWorld {
  return { caller, session, door, variables: new Map(), turned: new Set(), budget: { left: MAX_STEPS } };
}

function fateAt(world: HaproxyWorld, bind: Bind, caller: Caller, door: Door): Fate {
  const { proxies, namesIn, keepsOut } = world;
  if (bind.list === null) return { kind: 'unclear', where: bind.where, why: 'the list of certificates was not read' };
  const met = door.tls ? metBy(bind, caller.serverName, namesIn) : null;
  const meant = door.tls ? metBy(bind, caller.host, namesIn) : null;
  if (caller.resumes !== null && (!remembers(bind, proxies) || (caller.resumes === 'other' && !hasOpenLine(bind)))) {
    return caller.resumes === 'other'
      ? { kind: 'refused', because: null }
      : fateAt(world, bind, { ...caller, resumes: null }, door);
  }
  const session: Session | Fate = door.tls
    ? handshake(met, meant, caller, met === null ? null : keepsOut(met))
    : { shown: 'nothing', verify: '0', resumed: false };
  if ('kind' in session) return session;
  const request = requestWorld(caller, session, door);
  const found = ruled(proxies, bind.proxy, request, (reaches) => {
    // Without a rule on what is in the certificate everybody whom the authority vouches for is meant.
    if (caller.shows === 'look_alike' && !request.turned.has('loose')) return { kind: 'refused', because: null };
    return { kind: 'served', reaches, because: cause(met ?? bind, request) };
  });
  const isResumed = found.kind === 'refused' && caller.shows === 'right' && caller.resumes === 'own';
  return isResumed
    ? { kind: 'refused', because: { code: 'resumed_refused', where: bind.proxy.place, detail: '' } }
    : found;
}

/** Whether sessions can be resumed: by tickets, or from the cache that is on unless its size is 0. */
export function remembers({ settings }: Pick<Bind, 'settings'>, proxies: Pick<Proxies, 'global'>): boolean {
  return !settings.has('no-tls-tickets') || globalSetting(proxies, 'tune.ssl.cachesize')?.[0] !== '0';
}

function hasOpenLine({ list, settings }: Bind): boolean {
  const all: readonly BindSettings[] =
    list === null || list.length === 0 ? [settings] : list.map((one) => one.settings);
  const kinds = new Set<Verify>(all.map(verifyOf));
  return kinds.size > 1 && (kinds.has('none') || kinds.has('optional'));
}

/** Why somebody without the right certificate gets in. */
function cause({ settings, where }: Met, { caller, session, turned }: RequestWorld): Said {
  const verify = verifyOf(settings);
  const because = (code: Said['code'], detail = ''): Said => ({ code, where, detail });
  if (caller.shows === 'look_alike') return because('loose_pin');
  if (turned.has('address') || turned.has('field')) {
    return because(verify !== 'none' || turned.has('verify') ? 'or_instead_of_and' : 'not_a_lock');
  }
  if (session.shown === 'self_made') {
    if (turned.has('identity')) return because('issuer_by_name');
    return because('errors_ignored', settings.get('crt-ignore-err') ?? '');
  }
  if (verify === 'none')
    return settings.has('ca-file') ? because('verification_off', settings.get('ca-file')) : because('not_asked');
  if (turned.has('result')) return because('verify_result_alone');
  return because(ignoresErrors(settings) ? 'unverified' : 'optional');
}
