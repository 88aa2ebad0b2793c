import type { Answer, Observation, Saw } from '../observation.ts';
import type { CredentialKind, Forgery, Probe, Spelling } from '../probe.ts';
import { ALERTS } from './alerts.ts';

/** The kinds of credential as people name them. */
const CREDENTIAL_WORDS: Readonly<Record<CredentialKind, string>> = {
  none: 'no certificate',
  self_signed: 'self-signed certificate',
  foreign: 'foreign certificate',
  same_name: "certificate of another authority of the right one's name",
  right: 'right certificate',
  without_intermediate: 'right certificate without its intermediate',
  expired: 'expired certificate',
  not_yet_valid: 'certificate that is not valid yet',
  server_only: 'certificate for servers only',
  no_purpose: 'certificate without a purpose',
  neighbour: "neighbour's certificate",
  revoked: 'revoked certificate',
  weak_key: 'certificate with a weak key',
  unwanted: 'certificate that must be refused',
  forged: 'right certificate, forged key',
  forged_stranger: 'self-made certificate, forged key',
  forged_server: "server's own certificate, forged key",
};

const SPELLING_WORDS: Readonly<Record<Exclude<Spelling, 'plain'>, string>> = {
  upper_case: 'name in upper case',
  trailing_dot: 'name with a trailing dot',
  with_port: 'name with the port',
  absolute_form: 'absolute request target',
  shouted: 'name in upper case in the handshake',
};

const FORGERY_WORDS: Readonly<Record<Forgery, string>> = {
  success: 'own verified header that says success',
  failure: 'own verified header that says failure',
  https: 'own X-Forwarded-Proto that says https',
};

/** A probe in words that say it whole: two that differ never read the same. */
export function probeText(probe: Probe): string {
  const { tls, protocol, spelling, forges, path } = probe;
  const parts = [
    credentialText(probe),
    tls === null ? 'plain HTTP' : tls.replace('TLSv', 'TLS '),
    ...(protocol === 'h2' ? ['HTTP/2'] : []),
    ...nameTexts(probe),
    ...(spelling === 'plain' ? [] : [SPELLING_WORDS[spelling]]),
    ...resumedText(probe),
    ...(forges === null ? [] : [FORGERY_WORDS[forges]]),
    ...(path === '/' ? [] : [`path ${path}`]),
  ];
  return parts.join(', ');
}

function nameTexts({ target, tls, sni, host, otherName }: Probe): readonly string[] {
  const own = { locked: target.host, other: otherName ?? 'another name', none: 'no name' };
  const words = { ...own, unknown: 'an unknown name', address: 'the address' };
  return [
    ...(tls === null || sni === 'locked' ? [] : [`${words[sni]} in the handshake`]),
    ...(host === 'locked' ? [] : [`${words[host]} in Host`]),
  ];
}

function resumedText({ resumes }: Probe): readonly string[] {
  if (resumes === null) return [];
  const words = { locked: '', other: ` under ${resumes.otherName ?? 'another name'}`, none: ' without a name' };
  const under = { ...words, unknown: ' under an unknown name', address: ' under the address' }[resumes.sni];
  return [`session made with ${credentialText(resumes)}${under}`];
}

function credentialText({ credential, turn }: Pick<Probe, 'credential' | 'turn'>): string {
  return turn === 0 ? CREDENTIAL_WORDS[credential] : `${CREDENTIAL_WORDS[credential]} (number ${turn + 1})`;
}

/** What was seen, in words that say it whole. */
export function sawText(saw: Saw): string {
  switch (saw.kind) {
    case 'answered':
      return answerText(saw.answer);
    case 'alert':
      return `refused: alert ${saw.number} ${ALERTS[saw.number]?.name ?? 'unknown'}`;
    case 'closed':
      return 'closed without an answer';
    case 'silent':
      return SILENCE[saw.stage];
    case 'unreachable':
      return saw.code === 'ECONNREFUSED' ? 'nothing listens there' : `not reached (${saw.code})`;
    case 'unreadable':
      return `not understood: ${saw.detail}`;
    case 'not_resumed':
      return saw.why === 'no_session' ? 'no session was given to take up' : 'session not taken up';
    case 'no_http2':
      return 'HTTP/2 not spoken';
  }
}

/** What was seen, and what was asked for on the way. */
export function seenText({ saw, handshake }: Observation): string {
  const asks = handshake?.asks ?? null;
  if (asks === null) return sawText(saw);
  if (asks.kind === 'nothing') return `${sawText(saw)}; no certificate asked for`;
  return `${sawText(saw)}; certificate asked for${asks.count === 0 ? '' : `, ${asks.count} ${asks.count === 1 ? 'authority' : 'authorities'} named`}`;
}

const SILENCE = {
  connecting: 'no connection: silence',
  handshake: 'connected, then silence',
  answer: 'handshake done, then silence',
  unasked: 'not asked: the time for this target was up',
} as const;

function answerText({ status, title, location, page }: Answer): string {
  if (page === 'nginx_no_certificate' || page === 'nginx_certificate_error')
    return `refused: answered ${status} "${title ?? page}"`;
  if (location !== null) return `answered ${status} to ${location}`;
  const told = title === null ? `answered ${status}` : `answered ${status} "${title}"`;
  return page === 'default_page' ? `${told} (the server's own welcome page)` : told;
}
