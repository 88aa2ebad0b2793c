import { DENIALS, type DenialCode } from '../../domain/admit.ts';
import type { X509Facts } from '../../domain/certificate.ts';
import type { Hostname } from '../../domain/ids.ts';
import type { Log } from '../../wire/log.ts';
import type { RefusalReason } from './refusal-reason.ts';

/** Somebody who was sent away, or let in only because nobody is refused. */
interface Turned {
  readonly because: RefusalReason;
  readonly address: string;
  readonly name: Hostname | null;
  readonly leaf?: X509Facts | null;
  /** What TLS said, where it said something. */
  readonly detail?: string;
}

/** Says who was turned away. */
export interface RefusalLog {
  readonly refused: (turned: Turned) => void;
  /** Not refused, since nobody is. */
  readonly watched: (turned: Turned) => void;
  /** Something else that whoever is let in can bring about as often as they like, for this reason. */
  readonly other: (event: string, because: string, fields: Parameters<Log>[1]) => void;
  /** Called now and then, with monotonic milliseconds: says of each second how many lines were left out. */
  readonly tick: (now: number) => void;
}

const SECOND = 1_000;

/** Lines of one reason in one second: strangers come by the thousand, and must not fill the disk. */
const MOST_LINES = 10;

const TEXTS: Readonly<Record<Exclude<RefusalReason, DenialCode>, string>> = {
  no_name: 'The caller named no server',
  unknown_name: 'No site of this guard has that name',
  another_name: 'The handshake ended with another name than it began with',
  old_protocol: 'The caller speaks nothing newer than TLS 1.1',
  resumed: 'A session was resumed, though there are none to resume',
  timeout: 'The handshake took too long',
  left: 'The caller left during the handshake',
  protocol: 'The handshake failed',
  no_tls: 'The caller does not speak TLS',
  too_many: 'Too many callers are here, or in their handshakes',
};

/** Reasons that are no more than noise on a port that is open to the internet. */
const NOISE: ReadonlySet<RefusalReason> = new Set(['left', 'timeout', 'protocol', 'no_tls', 'no_name', 'unknown_name']);

/** Names in a certificate are as long as whoever made it likes: a hundred thousand bytes, ten times a second. */
const MOST_CHARACTERS = 300;

function shown(name: string | undefined): string | null {
  if (name === undefined) return null;
  return name.length > MOST_CHARACTERS ? `${name.slice(0, MOST_CHARACTERS)}…` : name;
}

export function refusalLog(log: Log): RefusalLog {
  const lines = new Map<string, number>();
  let since = 0;
  const other: RefusalLog['other'] = (event, because, fields) => {
    const key = `${event} ${because}`;
    const said = lines.get(key) ?? 0;
    lines.set(key, said + 1);
    if (said < MOST_LINES) log(event, fields);
  };
  const say = (event: string, { because, address, name, leaf = null, detail }: Turned): void => {
    other(event, because, {
      because,
      text: because in DENIALS ? DENIALS[because as DenialCode].text : TEXTS[because as keyof typeof TEXTS],
      address,
      name,
      certificate: leaf?.fingerprint ?? null,
      subject: shown(leaf?.subject),
      issuer: shown(leaf?.issuer),
      ...(detail === undefined ? {} : { detail }),
    });
  };
  return {
    refused: (turned) => say(NOISE.has(turned.because) ? 'guard_handshake_failed' : 'guard_refused', turned),
    watched: (turned) => say('guard_watched', turned),
    other,
    tick: (now) => {
      if (now - since < SECOND) return;
      since = now;
      for (const [key, count] of lines) {
        const [event = '', because = ''] = key.split(' ');
        if (count > MOST_LINES) log('guard_lines_left_out', { event, because, lines: count - MOST_LINES });
      }
      lines.clear();
    },
  };
}
