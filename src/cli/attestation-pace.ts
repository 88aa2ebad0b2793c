import type { AttestationPace } from '../domain/attestation.ts';
import { Failure } from './failure.ts';
import { spokenSpan } from './time-span.ts';

const LEAST = 10;
const MOST = 86_400;

/** How often `--attest-every` says that origins are looked at; null for never. Throws a Failure for what cannot be meant. */
export function attestationPace(text: string): AttestationPace | null {
  if (text === 'off') return null;
  const seconds = spokenSpan('--attest-every', text);
  if (seconds < LEAST || seconds > MOST) {
    throw new Failure(`--attest-every is ${JSON.stringify(text)}.`, 'Give a span from 10s to 1d, or off.');
  }
  return { quick: seconds * 1_000, full: MOST * 1_000 };
}
