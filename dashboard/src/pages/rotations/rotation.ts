import type { View } from '../../../../src/wire/answer-fields.ts';
import type { ROTATION } from '../../../../src/wire/rotations.ts';

/** A rotation as `GET /postern/v1/zones/:zone/rotations` has it. */

export type Rotation = View<typeof ROTATION>;

export type What = Rotation['what'];

type PhaseName = Rotation['phase'];

export type RotatedOrigin = Rotation['origins'][number];

/** What each edge saw when the proof was tried last. */
export type ProofEvidence = NonNullable<RotatedOrigin['evidence']>;

/** What one knock saw. */
export type Sight = ProofEvidence['edges'][number]['addresses'][number]['new_certificate'];

/** What is exchanged, in words. */
export const WHATS: Readonly<Record<What, { readonly title: string; readonly brief: string; readonly about: string }>> =
  {
    leaf: {
      title: 'New certificate',
      brief: 'new certificate',
      about: 'The certificate that the edge shows. Origins have nothing to install.',
    },
    intermediate: {
      title: 'New intermediate CA',
      brief: 'new intermediate CA',
      about: 'The CA that signs the certificate. Origins that trust the root have nothing to install.',
    },
    root: {
      title: 'New root CA',
      brief: 'new root CA',
      about: 'The CA that origins trust. Each origin installs the new bundle, twice.',
    },
  };

/** Why it was begun, in words. */
export const CAUSES: Readonly<Record<Rotation['cause'], string>> = {
  asked: 'Asked for',
  due: 'Due by itself',
  emergency: 'Emergency',
};

/** Where a rotation stands, in one or two words. */
export function standingText({ phase, outcome, rehearsal, paused }: Rotation): string {
  if (outcome !== null) return { done: 'Done', undone: 'Undone', rehearsed: 'Rehearsed' }[outcome];
  if (paused) return 'Paused';
  if (phase === 'undoing') return 'Being undone';
  const stage = STAGES.find(({ name }) => name === phase)?.title ?? phase;
  return rehearsal ? `Rehearsing: ${stage.toLowerCase()}` : stage;
}

interface Stage {
  readonly name: PhaseName | 'issued' | 'published';
  readonly title: string;
  readonly about: string;
}

/** The stages in their order: trust first, present second, retire last. */
const STAGES: readonly Stage[] = [
  { name: 'issued', title: 'Issued', about: 'The new certificate and its key are made.' },
  { name: 'published', title: 'Published', about: 'Every edge has it, and the bundle holds its CA.' },
  { name: 'proving', title: 'Proving', about: 'Edges try it at each origin before any visitor depends on it.' },
  { name: 'canary', title: 'Canary', about: 'A few origins are shown it first.' },
  { name: 'switching', title: 'Switching', about: 'Each origin that is proved is switched.' },
  { name: 'watching', title: 'Watching', about: 'All show it; refused pulls would take it back.' },
  { name: 'draining', title: 'Draining', about: 'Connections with the old one come to their end.' },
  { name: 'retiring', title: 'Retiring', about: 'The bundle holds the old CA until the notice is over.' },
  { name: 'confirming', title: 'Confirming', about: 'Origins are to be seen refusing the old CA.' },
  { name: 'ended', title: 'Confirmed', about: 'It has come to its end.' },
];

const REHEARSED: ReadonlySet<Stage['name']> = new Set(['issued', 'published', 'proving']);
/** A certificate alone has no CA that would leave. */
const OF_CAS: ReadonlySet<Stage['name']> = new Set(['retiring', 'confirming']);

export interface Step extends Stage {
  readonly state: 'done' | 'current' | 'coming';
}

/** How far a rotation is, stage by stage. Empty where it goes backwards, or went. */
export function stepsOf({ what, rehearsal, phase, outcome, waits_for }: Rotation): readonly Step[] {
  if (phase === 'undoing' || outcome === 'undone') return [];
  const stages = STAGES.filter(({ name }) => (rehearsal ? REHEARSED.has(name) : what !== 'leaf' || !OF_CAS.has(name)));
  const isUnpublished = phase === 'proving' && (waits_for === 'edges' || waits_for === 'no_edge');
  const at = outcome === null ? stages.findIndex(({ name }) => name === (isUnpublished ? 'published' : phase)) : 99;
  return stages.map((stage, index) => ({
    ...stage,
    state: index < at ? 'done' : index === at ? 'current' : 'coming',
  }));
}

const DONE: Readonly<Record<What, string>> = {
  leaf: 'The key of the old one is destroyed.',
  // What is left of the old one stands in `because`.
  intermediate: '',
  root: 'The old root is out of the bundle.',
};

/** How it ended, and what that leaves. */
export function endText({ outcome, what }: Pick<Rotation, 'outcome' | 'what'>): string {
  if (outcome === 'rehearsed') return 'The rehearsal is over. Nothing was switched, and everything is as it was.';
  if (outcome === 'undone') return 'Every origin is shown the old certificate, as before.';
  return `The new certificate is what the edge shows. ${DONE[what]}`.trim();
}

/** Until when it waits, where that is a matter of time; RFC 3339. */
export function waitsUntil({ waits_for, phase_since, pace, old_ca_until }: Rotation): string | null {
  const after = (seconds: number) => new Date(Date.parse(phase_since) + seconds * 1_000).toISOString();
  switch (waits_for) {
    case 'canary':
      return after(pace.canary_seconds);
    case 'watch':
      return after(pace.watch_seconds);
    case 'drain':
      return after(pace.drain_seconds);
    case 'notice':
      return old_ca_until;
    case 'confirmation':
    case 'edges':
    case 'no_edge':
    case 'nothing':
    case 'operator':
    case 'proof':
      return null;
  }
}

/** What one knock saw, in words. */
export function sightText({ saw, status, how, alert, because }: Sight): string {
  switch (saw) {
    case 'answered':
      return `Answered ${status ?? ''}`.trim();
    case 'refused':
      if (how === 'alert') return `Refused, alert ${alert ?? 'unknown'}`;
      return how === 'page' ? 'Refused with a page' : 'Refused, closed';
    case 'failed':
      return `Nothing seen: ${(because ?? 'unknown').replaceAll('_', ' ')}`;
  }
}

const DEEDS: Readonly<Record<string, string>> = {
  start: 'Begun',
  switch: 'Switched to the new certificate',
  revert: 'Given the old certificate back',
  promote: 'The new certificate is what the zone has',
  revoke: 'Old certificate revoked',
  watching: 'All origins show the new certificate',
  retiring: 'The old CA has its notice',
  confirming: 'The old CA is out of the bundle',
  pause: 'Paused',
  resume: 'Resumed',
  undo: 'Undoing',
  force: 'Forced',
  proving: 'Proving again',
  switching: 'The first origins held: all that are proved are switched',
  done: 'Ended: done',
  undone: 'Ended: undone',
  rehearsed: 'Ended: rehearsed',
};

/** What was decided, in words. */
export function deedText(did: string): string {
  return DEEDS[did] ?? did.slice(0, 1).toUpperCase() + did.slice(1).replaceAll('_', ' ');
}
