import type { Installed } from '../origin/install/install.ts';
import { type InstallPlan, type InstallRefusal, REFUSED, refusalText } from '../origin/install/plan.ts';
import type { Impossible } from '../origin/install/prospect.ts';
import type { Proof } from '../origin/install/prove.ts';
import { unifiedDiff } from '../origin/install/unified-diff.ts';
import { DOORS, type Door, doorText, isOpen } from '../origin/server/doors.ts';
import type { FoundServer } from '../origin/server/found-server.ts';
import { placeText } from '../origin/server/place.ts';
import { listenerText } from '../origin/server/virtual-host.ts';
import { visible } from '../wire/visible.ts';
import { EXIT, Failure } from './failure.ts';
import { mark } from './table.ts';

type Shown = Exclude<Installed, InstallRefusal | Impossible> | { readonly kind: 'dry_run'; readonly plan: InstallPlan };

/** What is refused or impossible, as a failure with what to do; by hand where that helps. */
export function failureOf(outcome: InstallRefusal | Impossible): Failure {
  if (outcome.kind === 'impossible') return new Failure(visible(outcome.text), outcome.fix, EXIT.undetermined);
  const byHand =
    outcome.byHand.length === 0
      ? ''
      : `\n\nBy hand, inside the virtual host:\n${outcome.byHand.map((line) => `    ${line}`).join('\n')}`;
  return new Failure(
    visible(`Nothing was changed: ${refusalText(outcome)}`),
    `${REFUSED[outcome.code].fix}${byHand}`,
    EXIT.notGood,
  );
}

/** The plan for people: what is locked, the diff, what stays open. */
export function planText(plan: InstallPlan, found: FoundServer): string {
  const running = found.pid === null ? 'not running' : `running as process ${found.pid}`;
  return [
    `${found.versionText} with ${found.main}, ${running}`,
    ...plan.locked.map(({ names, place, listeners }) =>
      visible(
        `locks ${names.join(' ') || 'every name'} (${placeText(place)}) on ${listeners.map(listenerText).join(', ')}`,
      ),
    ),
    ...(plan.changes.length === 0
      ? ['nothing is to be changed']
      : ['', ...plan.changes.map((change) => shownDiff(unifiedDiff(change)))]),
    ...plan.notes.map((text) => `note: ${text}`),
    ...doorLines(plan.doors),
  ].join('\n');
}

// Bytes that are no text must not reach a terminal.
export function shownDiff(diff: string): string {
  const shown = (line: string) => line.split('\t').map(visible).join('\t');
  return diff
    .split('\n')
    .map((line) => shown(line.replace(/\r$/, '')))
    .join('\n');
}

function doorLines(doors: readonly Door[]): readonly string[] {
  return doors.map((door) => `${isOpen(door) ? 'stays OPEN' : 'look at'}: ${visible(doorText(door))}`);
}

/** How it ended, for people. */
export function outcomeText(outcome: Shown, found: FoundServer): string {
  if (outcome.kind === 'dry_run') return planText(outcome.plan, found);
  return [...proofLines(outcome.proofs), ...verdict(outcome)].join('\n');
}

/** What failed one by one; what held as often as it did, since every stranger knocks at every door. */
function proofLines(proofs: readonly Proof[]): readonly string[] {
  const wrong = proofs.filter(({ holds }) => !holds);
  const held = proofs.filter(({ holds }) => holds);
  const edge = held.filter(({ by }) => by === 'edge');
  const counted = (by: Proof['by'], text: (count: number) => string) => {
    const count = held.filter((proof) => proof.by === by).length;
    return count === 0 ? [] : [`${mark(true)} ${text(count)}`];
  };
  return [
    ...counted('anybody', (count) => `while watching, nobody was refused (knocks: ${count})`),
    ...new Set(edge.map(proofLine)),
    ...counted('stranger', (count) => `strangers are refused, over TLS 1.2 and 1.3 (knocks: ${count})`),
    ...counted('other_way', (count) => `other ways do not lead there either (knocks: ${count})`),
    ...wrong.map(proofLine),
  ];
}

function proofLine({ holds, asked, saw }: Proof): string {
  return `${mark(holds)} ${visible(`${asked}: ${saw}`)}`;
}

function verdict(outcome: Exclude<Shown, { readonly kind: 'dry_run' }>): readonly string[] {
  const open = outcome.plan.doors.filter(isOpen).length;
  const doors = open === 0 ? '' : ` ${open} other door${open === 1 ? ' stays' : 's stay'} open: see above.`;
  switch (outcome.kind) {
    case 'installed':
      return [`Installed.${doors} Backup: ${outcome.backup}`];
    case 'unchanged':
      return [`It is installed already, and nothing was changed.${doors}`];
    case 'not_proven':
      return ['It is installed already, but it does not hold.'];
    case 'failed':
      return [
        `Failed (${outcome.what}): ${visible(outcome.because)}`,
        outcome.notRestored === null
          ? 'Every file is as it was, and the server has taken it.'
          : `NOT restored: ${visible(outcome.notRestored)}`,
      ];
  }
}

/** The same for machines. */
export function outcomeView(outcome: Shown, found: FoundServer): unknown {
  const { plan } = outcome;
  return {
    outcome: outcome.kind,
    server: { name: found.server, version: found.versionText, config: found.main, pid: found.pid },
    locked: plan.locked.map(({ names, place, listeners }) => ({
      names,
      ...place,
      listeners: listeners.map(listenerText),
    })),
    changes: plan.changes.map((change) => ({ path: change.path, diff: unifiedDiff(change) })),
    doors: plan.doors.map((door) => ({
      ...door,
      open: isOpen(door),
      text: DOORS[door.code].text,
      fix: DOORS[door.code].fix,
    })),
    notes: plan.notes,
    ...('proofs' in outcome ? { proofs: outcome.proofs } : {}),
    ...('backup' in outcome ? { backup: outcome.backup } : {}),
    ...(outcome.kind === 'failed'
      ? { failed: { step: outcome.what, because: outcome.because, not_restored: outcome.notRestored } }
      : {}),
  };
}
