import { Note } from '../../parts/problems.tsx';
import type { Setup } from './setup.ts';

const KINDS: Readonly<Record<string, 'problem' | 'warning'>> = {
  open: 'problem',
  broken: 'problem',
  still_open: 'problem',
  strangers: 'warning',
  unknown: 'warning',
  not_known: 'warning',
};

/** Where what is to be done stands below, in the order in which it is done. */
const TOLD_BELOW: ReadonlySet<string> = new Set([
  'record',
  'proxied',
  'origin_pulls',
  'edge',
  'each',
  'carry_out',
  'still_watching',
]);

/** What it waits for, and why. */
export function Waiting({ setup }: { readonly setup: Setup }) {
  const { why, fix, waits_for: waits, hostnames } = setup.step;
  // What is chosen already in the form below is not said to be missing; what is to be pressed now says what it is about.
  if (waits === null || waits === 'choice' || waits === 'enforcing' || waits === 'look') return null;
  return (
    <Note kind={KINDS[waits] ?? 'info'}>
      <p>
        <strong>{why}</strong>
      </p>
      {hostnames.length > 0 && setup.names.length > 1 && <p>It is about {hostnames.join(', ')}.</p>}
      {fix !== null && !TOLD_BELOW.has(waits) && <p>{fix}</p>}
    </Note>
  );
}
