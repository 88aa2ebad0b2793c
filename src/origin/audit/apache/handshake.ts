import type { Caller, Fate } from '../caller.ts';
import type { Door } from '../gate.ts';
import { isAtLeast, type ServerVersion } from '../../server-version.ts';
import { type ApacheSite, type ApacheSites, setting, settingValue, siteFor } from './sites.ts';

export type VerifyMode = 'none' | 'optional' | 'optional_no_ca' | 'require';

/** What the rest of a request knows of the handshake. */
export interface Session {
  /** What came of the certificate that was asked for: `SSL_CLIENT_VERIFY`. */
  readonly verify: 'NONE' | 'GENEROUS' | 'SUCCESS';
  /** What the server has seen of the caller. */
  readonly shown: Caller['shows'];
}

/** How a site asks in the handshake. */
export function verifyMode(site: ApacheSite): VerifyMode {
  const value = settingValue(site, 'sslverifyclient');
  return value === 'require' || value === 'optional' || value === 'optional_no_ca' ? value : 'none';
}

/** The session of a caller, or why there is none. */
export function handshake(all: ApacheSites, caller: Caller, door: Door, version: ServerVersion): Session | Fate {
  const met = siteFor(all, caller.serverName, door);
  const meant = siteFor(all, caller.host, door);
  const session = asked(met, meant, caller);
  if ('kind' in session || met === meant) return session;
  return misdirected(all, { met, meant, caller, session, version });
}

function asked(met: ApacheSite, meant: ApacheSite, { shows }: Caller): Session | Fate {
  const mode = verifyMode(met);
  if (mode === 'none') return { verify: 'NONE', shown: 'nothing' };
  if (shows === 'nothing') return mode === 'require' ? REFUSED : { verify: 'NONE', shown: 'nothing' };
  const isKnown =
    shows === 'right' || shows === 'look_alike' || (shows === 'other_authority' && !sameTrust(met, meant));
  if (isKnown) return { verify: 'SUCCESS', shown: shows };
  return mode === 'optional_no_ca' ? { verify: 'GENEROUS', shown: 'self_made' } : REFUSED;
}

const REFUSED: Fate = { kind: 'refused', because: null };

interface Misdirected {
  readonly met: ApacheSite;
  readonly meant: ApacheSite;
  readonly caller: Caller;
  readonly session: Session;
  readonly version: ServerVersion;
}

/** One name in the handshake and another one in Host: 421, unless both sites ask the same, or are told not to care. */
function misdirected(all: ApacheSites, { met, meant, caller, session, version }: Misdirected): Session | Fate {
  const policy = settingValue(all.main, 'sslvhostsnipolicy') ?? 'secure';
  const isStrict = [met, meant].some((site) => settingValue(site, 'sslstrictsnivhostcheck') === 'on');
  if (policy === 'strict') return REFUSED;
  if (caller.serverName === null && isStrict) return REFUSED;
  const [asks, wants] = [verifyMode(met), verifyMode(meant)];
  // Before 2.4.64 a handshake without a name was compared with nothing.
  const isCompared = policy !== 'insecure' && (caller.serverName !== null || isAtLeast(version, [2, 4, 64]));
  if (isCompared) return asks === wants && sameTrust(met, meant) ? session : REFUSED;
  // A site that asks for more than the handshake did asks again, and in TLS 1.3 nobody answers.
  const rank = { none: 0, optional_no_ca: 1, optional: 1, require: 2 };
  return rank[wants] > rank[asks] ? REFUSED : session;
}

function sameTrust(one: ApacheSite, other: ApacheSite): boolean {
  const names = ['sslcacertificatefile', 'sslcacertificatepath', 'sslcarevocationfile', 'sslcarevocationcheck'];
  return names.every((name) => setting(one, name)?.args.join(' ') === setting(other, name)?.args.join(' '));
}

/** The versions of TLS that a site takes, as far as they matter today. */
export function tlsVersions(site: ApacheSite): readonly ('1.2' | '1.3')[] {
  const words = setting(site, 'sslprotocol')?.args.join(' ').toLowerCase().split(/\s+/) ?? ['all'];
  const taken = new Set<'1.2' | '1.3'>();
  for (const word of words) {
    const name = word.replace(/^[+-]/, '');
    const named =
      name === 'all' ? (['1.2', '1.3'] as const) : (['1.2', '1.3'] as const).filter((one) => name === `tlsv${one}`);
    // A bare word begins anew.
    if (!/^[+-]/.test(word)) taken.clear();
    for (const one of named) {
      if (word.startsWith('-')) taken.delete(one);
      else taken.add(one);
    }
  }
  return [...taken];
}
