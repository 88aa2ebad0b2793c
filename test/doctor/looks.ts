import { type Given, type Hand, NOTHING_GIVEN, now, readGiven } from '../../src/doctor/credentials.ts';
import { type ExamineOptions, examineAll } from '../../src/doctor/examine.ts';
import type { Observation } from '../../src/doctor/observation.ts';
import type { Probe } from '../../src/doctor/probe.ts';
import type { PullCredentials } from '../support/pull-credentials.ts';

/** What was given, read; throws where it is of no use. */
export function handOf(given: Partial<Given>): Hand {
  const hand = readGiven({ ...NOTHING_GIVEN, ...given }, now());
  if (hand.kind === 'problem') throw new Error(`${hand.which.what}: ${hand.code} ${hand.detail}`);
  return hand;
}

/** The CA of a zone's identities with its key, as somebody would hand it in. */
export function authorityOf({ authority: { intermediate, root } }: PullCredentials) {
  return { cert: intermediate.certificate.pem + root.certificate.pem, key: intermediate.key.reveal() };
}

/** Examines one door on loopback. */
export async function looksAt(
  port: number,
  host: string,
  more: Partial<ExamineOptions> = {},
): Promise<readonly Observation[]> {
  const target = { host, address: '127.0.0.1', port, door: 'https' } as const;
  const { signal } = new AbortController();
  const { observations } = await examineAll({ targets: [target], path: '/', timeout: 10_000, signal, ...more });
  return observations;
}

/** The looks that were made so; what is not said is as in the plainest look. */
export function made(looks: readonly Observation[], wish: Partial<Probe>): readonly Observation[] {
  const plainest = {
    sni: 'locked',
    host: 'locked',
    spelling: 'plain',
    protocol: 'http/1.1',
    forges: null,
    resumes: null,
  };
  const wanted = Object.entries({ credential: 'none', ...plainest, ...wish });
  return looks.filter(({ probe }) =>
    wanted.every(([field, value]) => JSON.stringify(probe[field as keyof Probe]) === JSON.stringify(value)),
  );
}

/** What they saw, in a word each: a status, `alert N`, or the kind. */
export function sights(looks: readonly Observation[]): readonly string[] {
  return looks.map(({ saw }) => {
    if (saw.kind === 'answered') return `${saw.answer.status}`;
    return saw.kind === 'alert' ? `alert ${saw.number}` : saw.kind;
  });
}
