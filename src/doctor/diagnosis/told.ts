import type { Saw } from '../observation.ts';
import type { Probe } from '../probe.ts';

/** A probe in words that say it whole. */
export function probeText({ credential, tls, protocol, sni, host }: Probe): string {
  return `${credential}, ${tls ?? 'plain'}, ${protocol}, sni ${sni}, host ${host}`;
}

/** What was seen, in words that say it whole. */
export function sawText(saw: Saw): string {
  switch (saw.kind) {
    case 'answered':
      return `answered ${saw.answer.status}`;
    case 'alert':
      return `alert ${saw.number}`;
    case 'silent':
      return `silent (${saw.stage})`;
    case 'unreachable':
      return `unreachable (${saw.code})`;
    case 'unreadable':
      return `unreadable (${saw.detail})`;
    case 'not_resumed':
      return saw.why === 'no_session' ? 'no session to resume' : 'session declined';
    default:
      return saw.kind;
  }
}

/** An answer that refuses nobody. */
export function gotIn(saw: Saw): boolean {
  return saw.kind === 'answered' && saw.answer.status < 300;
}
