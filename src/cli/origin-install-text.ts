import type { Installed } from '../origin/install/install.ts';
import { type UnservedName, whyUnserved } from '../origin/install/edge-service.ts';
import {
  type FileChange,
  type InstallPlan,
  type InstallRefusal,
  type Neighbour,
  REFUSED,
  refusalText,
} from '../origin/install/plan.ts';
import type { Impossible } from '../origin/install/prospect.ts';
import type { Proof } from '../origin/install/prove.ts';
import { unifiedDiff } from '../origin/install/unified-diff.ts';
import { DOORS, type Door, doorFix, doorText, isOpen } from '../origin/server/doors.ts';
import type { FoundServer } from '../origin/server/found-server.ts';
import { placeText } from '../origin/server/place.ts';
import { listenerText } from '../origin/server/virtual-host.ts';
import { visible } from '../wire/visible.ts';
import { edgeFix, type ZonePlace } from './edge-fix.ts';
import { EXIT, Failure } from './failure.ts';
import { doubtMark, mark } from './table.ts';
import { mendingLines } from './unserved-names.ts';

type Shown = Exclude<Installed, InstallRefusal | Impossible> | { readonly kind: 'dry_run'; readonly plan: InstallPlan };

/** What is refused or impossible, as a failure with what to do; by hand where that helps. */
export function failureOf(outcome: InstallRefusal | Impossible): Failure {
  if (outcome.kind === 'impossible') return new Failure(visible(outcome.text), outcome.fix, EXIT.undetermined);
  const byHand =
    !BY_HAND.has(outcome.code) || outcome.byHand.length === 0
      ? ''
      : `\n\nBy hand, inside ${outcome.code === 'no_header' ? 'each such location' : 'the virtual host'}:\n${outcome.byHand.map((line) => `    ${line}`).join('\n')}`;
  return new Failure(
    visible(`Nothing was changed: ${refusalText(outcome)}`),
    `${REFUSED[outcome.code].fix}${byHand}`,
    EXIT.notGood,
  );
}

// Where another word on the command line is enough, lines to put in by hand only lead astray.
const BY_HAND: ReadonlySet<InstallRefusal['code']> = new Set([
  'not_understood',
  'set_elsewhere',
  'not_alone',
  'no_room',
  'proxied_socket',
  'no_header',
]);

/** The server, and what is known of the names before anything is touched. */
export interface ServedGround {
  readonly found: FoundServer;
  readonly mode: 'enforce' | 'watch';
  readonly hostnames: readonly string[];
  readonly unserved: readonly UnservedName[];
  readonly place: ZonePlace;
}

/** The plan for people: what is locked, the diff, what stays open. */
function planText(plan: InstallPlan, ground: ServedGround): string {
  return [lockedText(plan, ground), changesText(plan, ground, IN_FULL)].join('\n');
}

/** The server, and what is locked there. */
export function lockedText(plan: InstallPlan, { found }: ServedGround): string {
  const running = found.pid === null ? 'not running' : `running as process ${found.pid}`;
  return [
    `${found.versionText} with ${found.main}, ${running}`,
    ...plan.locked.map(({ names, place, listeners }) =>
      visible(
        `locks ${names.join(' ') || 'every name'} (${placeText(place)}) on ${listeners.map(listenerText).join(', ')}`,
      ),
    ),
  ].join('\n');
}

/** How a plan is told. */
interface Telling {
  /** A person was asked about names that no site has. */
  readonly isAsked: boolean;
  /** Where files of Postern's own are, told by name alone: what a person has to weigh is what changes in theirs. */
  readonly own: string | null;
}

const IN_FULL: Telling = { isAsked: false, own: null };

/** What is changed, and what stays as it is. */
export function changesText(plan: InstallPlan, ground: ServedGround, { isAsked, own }: Telling): string {
  const { unserved, mode } = ground;
  // While it only watches nobody is refused, so who answers for other names matters to nobody yet.
  const isTold = ({ code }: Door) => code !== 'unmatched_names' || (mode !== 'watch' && !isAsked);
  return [
    ...(plan.changes.length === 0 ? ['nothing is to be changed'] : ['', ...changeLines(plan.changes, own)]),
    ...plan.notes.map((text) => `note: ${text}`),
    ...doorLines(plan.doors.filter(isTold)),
    ...unserved.map((one) => `${doubtMark()} ${visible(`${one.name} ${whyUnserved(one)}`)}`),
  ].join('\n');
}

/** Changes for a person; files below `own` by name alone, where it is not `null`. */
export function changeLines(changes: readonly FileChange[], own: string | null): readonly string[] {
  if (own === null) return changes.map(shownChange);
  const isOwn = ({ path }: FileChange) => path.startsWith(`${own}/`);
  const paths = changes.filter(isOwn).map(({ path }) => `  ${visible(path)}`);
  const named = paths.length === 0 ? [] : ["Files of Postern's own (--dry-run shows what is in them):", ...paths, ''];
  return [...named, ...changes.filter((change) => !isOwn(change)).map((change) => shownHere(change, /^$/))];
}

/** What the second plan changes besides what the first does. */
export function addedText(first: InstallPlan, second: InstallPlan): string {
  const isIn = ({ path, after }: FileChange) => first.changes.some((one) => one.path === path && one.after === after);
  return second.changes
    .filter((change) => !isIn(change))
    .map((change) => shownHere(change, SAID))
    .join('\n');
}

/** Comments, where what they say stands in the question. */
const SAID = /^\s*(?:#|$)/;

// Of a file that was not there, nothing is to be compared.
function shownHere(change: FileChange, leftOut: RegExp): string {
  if (change.before !== null || change.after === null) return shownChange(change);
  const lines = Buffer.from(change.after, 'latin1')
    .toString('utf8')
    .split('\n')
    .filter((line) => !leftOut.test(line));
  const shown = lines.length > MOST_LINES ? lines.slice(0, MOST_LINES - 1) : lines;
  const left = lines.length - shown.length;
  return [
    `new: ${visible(change.path)}`,
    ...shown.map((line) => `    ${shownLine(line)}`),
    ...(left === 0 ? [] : [`    … ${left} more lines (--dry-run shows all)`]),
  ].join('\n');
}

/** Of a new file beside those of others, so that a question stays in sight. */
const MOST_LINES = 16;

/** A change for people, as a diff; the record of a lock, which is for programs, only by name. */
function shownChange(change: FileChange): string {
  if (/\/locks\/[^/]+\.json$/.test(change.path)) {
    const what = change.after === null ? 'removed' : change.before === null ? 'made' : 'changed';
    return `${visible(change.path)} is ${what}: the record of the lock.\n`;
  }
  return withoutBase64(unifiedDiff(change).split('\n'))
    .map((line) => shownLine(line.replace(/\r$/, '')))
    .join('\n');
}

// Bytes that are no text must not reach a terminal.
function shownLine(line: string): string {
  return line.split('\t').map(visible).join('\t');
}

// Of a certificate, the lines above it say all that a person reads: whose it is, its fingerprint, until when.
function withoutBase64(lines: readonly string[]): readonly string[] {
  const isInside = (line: string) => /^[-+ ][0-9A-Za-z+/]{1,64}={0,2}\r?$/.test(line);
  let inside = false;
  return lines.flatMap((line) => {
    const mark = line.slice(0, 1);
    if (/^[-+ ]-----BEGIN CERTIFICATE-----/.test(line)) inside = true;
    // Caddy has certificates in one line.
    else if (!inside) return [line.replace(/\b(\w{12})[\w+/]{88,}={0,2}/g, '$1…')];
    else if (isInside(line)) return [];
    else inside = false;
    return inside ? [line, `${mark}…`] : [line];
  });
}

function doorLines(doors: readonly Door[]): readonly string[] {
  return doors.map((door) => `${isOpen(door) ? 'stays OPEN' : 'look at'}: ${visible(doorText(door))}`);
}

/** What ends the text of a dry run. */
export const DRY_RUN = 'Dry run: nothing was changed.';

/** Commands for who has just watched an installation. */
export interface Further {
  readonly undo: string;
  /** Has names refused that no site has, where the person kept them; else `null`. */
  readonly refuse: string | null;
}

/** How it ended, for people. `further`: for who has just watched it, to whom each knock says nothing. */
export function outcomeText(outcome: Shown, ground: ServedGround, further: Further | null = null): string {
  if (outcome.kind === 'dry_run') return `${planText(outcome.plan, ground)}\n${DRY_RUN}`;
  if (further !== null && outcome.kind === 'installed' && outcome.proofs.every(({ holds }) => holds))
    return [...inShort(outcome, ground, further), ...installedShort(outcome, ground, further)].join('\n');
  return [...proofLines(outcome, ground), ...unmatchedLines(outcome, ground), ...verdict(outcome, ground)].join('\n');
}

/** All of it held. */
function inShort(outcome: Ended, ground: ServedGround, { refuse }: Further): readonly string[] {
  const held = ground.mode === 'watch' ? 'nobody is refused' : 'strangers are refused';
  const edge = outcome.proofs.some(({ by }) => by === 'edge') ? 'the edge gets in, ' : '';
  return [
    `${mark(true)} ${edge}${held} (${outcome.proofs.length} knocks, which may stand in your access log; --json tells each)`,
    ...ground.unserved.flatMap(unservedLines),
    ...(refuse === null ? unmatchedLines(outcome, ground) : outcome.plan.neighbours.map(keptLine)),
  ];
}

// Who answered that it stays has read what that means.
function keptLine({ at }: Neighbour): string {
  return `${doubtMark()} names that no site has are still answered by ${visible(at)}`;
}

function installedShort(outcome: Installing, ground: ServedGround, { undo, refuse }: Further): readonly string[] {
  const more = `${unprovedText(outcome, ground)}${doorsText(outcome.plan)}`;
  if (ground.mode === 'watch') return [`Installed, watching.${more} Undo: ${undo}`];
  // A look from outside ends with unknown there, or with open, and the set-up with it: no more may be said here.
  if (outcome.plan.neighbours.length === 0) return [`Installed and proved.${more} Undo: ${undo}`];
  return [
    `Installed; strangers are refused, but no look from outside finds it locked.${more}`,
    ...(refuse === null ? [] : [`To refuse such names too, and have it proved: ${refuse}`]),
    `Undo: ${undo}`,
  ];
}

/** What failed one by one; what held as often as it did, since every stranger knocks at every door. */
function proofLines({ kind, proofs }: Ended, ground: ServedGround): readonly string[] {
  // Where it only watches, what the edge does not do yet keeps nothing from working: it is no failure, and proves nothing.
  const isDoubt = ({ holds, by }: Proof) => !holds && by === 'edge' && ground.mode === 'watch' && kind === 'installed';
  const doubts = proofs.filter(isDoubt);
  const wrong = proofs.filter((proof) => !proof.holds && !isDoubt(proof));
  const held = proofs.filter(({ holds }) => holds);
  const edge = held.filter(({ by }) => by === 'edge');
  const counted = (by: Proof['by'], text: (count: number) => string) => {
    const count = held.filter((proof) => proof.by === by).length;
    return count === 0 ? [] : [`${mark(true)} ${text(count)}`];
  };
  return [
    ...counted('anybody', (count) => `while watching, nobody was refused (knocks: ${count})`),
    ...new Set(edge.map(proofLine)),
    ...counted('stranger', (count) => `strangers are refused, whichever TLS they speak (knocks: ${count})`),
    ...counted('other_way', (count) => `other ways do not lead there either (knocks: ${count})`),
    ...counted('unmatched', (count) => `names that no site has are refused (knocks: ${count})`),
    ...wrong.map(proofLine),
    ...doubts.map(({ asked, saw }) => `${doubtMark()} not proved: ${visible(`${asked}: ${saw}`)}`),
    ...(doubts.length === 0 ? [] : edgeFix(doubts, ground.place).map((line) => `    ${visible(line)}`)),
    ...(kind === 'failed' ? [] : ground.unserved.flatMap(unservedLines)),
  ];
}

/** What keeps a look from outside from finding the lock, so that its word and that of the proof agree. */
function unmatchedLines({ kind, plan }: Ended, { mode }: ServedGround): readonly string[] {
  // Where nothing was changed, what stays open stands right above.
  if (mode === 'watch' || kind === 'failed' || kind === 'unchanged') return [];
  const found = plan.doors.filter(({ code }) => code === 'unmatched_names');
  return found.map((door) => `${doubtMark()} ${visible(doorText(door))}`);
}

function unservedLines(one: UnservedName): readonly string[] {
  return [
    `${doubtMark()} not proved: ${visible(`${one.name} ${whyUnserved(one)}`)}`,
    ...mendingLines(one).map((line) => `    ${visible(line)}`),
  ];
}

function proofLine({ holds, asked, saw }: Proof): string {
  return `${mark(holds)} ${visible(`${asked}: ${saw}`)}`;
}

type Ended = Exclude<Shown, { readonly kind: 'dry_run' }>;
type Installing = Ended & { readonly kind: 'installed' };

/** The names for which nothing was proved at the edge. */
function unprovedNames({ proofs }: Ended, { unserved, hostnames }: ServedGround): readonly string[] {
  const wrong = new Set(proofs.flatMap(({ holds, name }) => (holds || name === undefined ? [] : [name])));
  const missing = new Set(unserved.map(({ name }) => name.toLowerCase()));
  return hostnames.filter((name) => wrong.has(name) || missing.has(name));
}

function installedLine(outcome: Installing, ground: ServedGround): string {
  const watching = ground.mode === 'watch' ? ', watching: nobody is refused' : '';
  return `Installed${watching}.${unprovedText(outcome, ground)}${doorsText(outcome.plan)} Backup: ${outcome.backup}`;
}

function unprovedText(outcome: Ended, ground: ServedGround): string {
  const { hostnames } = ground;
  const names = unprovedNames(outcome, ground);
  return names.length === 0
    ? ''
    : ` ${names.length} of ${hostnames.length} name${hostnames.length === 1 ? '' : 's'} ${names.length === 1 ? 'is' : 'are'} not proved: ${names.join(', ')}.`;
}

function doorsText({ doors }: InstallPlan): string {
  const open = doors.filter(isOpen).length;
  return open === 0 ? '' : ` ${open} other door${open === 1 ? ' stays' : 's stay'} open: see above.`;
}

function verdict(outcome: Ended, ground: ServedGround): readonly string[] {
  switch (outcome.kind) {
    case 'installed':
      return [installedLine(outcome, ground)];
    case 'unchanged':
      return [`It is installed already, and nothing was changed.${doorsText(outcome.plan)}`];
    case 'not_proven':
      return ['It is installed already, but it does not hold.'];
    case 'failed':
      return [
        ...failureLines(outcome, ground),
        outcome.notRestored === null
          ? 'Every file is as it was, and the server has taken it.'
          : `NOT restored: ${visible(outcome.notRestored)}`,
      ];
  }
}

// What failed stands above already where it was a knock; then it is said what to do.
function failureLines({ what, because, proofs }: Shown & { readonly kind: 'failed' }, { place }: ServedGround) {
  const wrong = proofs.filter(({ holds }) => !holds);
  if (wrong.length === 0) return [`Failed (${what}): ${visible(because)}`];
  const isEdge = wrong.every(({ by }) => by === 'edge');
  const edge = isEdge ? edgeFix(wrong, place).map((line) => `  ${visible(line)}`) : [];
  return [`Failed (${what}): what is marked ${mark(false)} does not hold.`, ...edge];
}

/** The same for machines. */
export function outcomeView(outcome: Shown, ground: ServedGround): unknown {
  const { plan } = outcome;
  const { found } = ground;
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
      fix: doorFix(door),
    })),
    notes: plan.notes,
    names: namesView(outcome, ground),
    ...('proofs' in outcome ? { proofs: outcome.proofs } : {}),
    ...('backup' in outcome ? { backup: outcome.backup } : {}),
    ...(outcome.kind === 'failed'
      ? { failed: { step: outcome.what, because: outcome.because, not_restored: outcome.notRestored } }
      : {}),
  };
}

/** Of each name whether the edge serves it, as far as is known, and whether a pull was seen to come with the certificate. */
function namesView(outcome: Shown, { hostnames, unserved }: ServedGround): readonly unknown[] {
  const proofs = outcome.kind === 'dry_run' ? [] : outcome.proofs;
  return hostnames.map((name) => {
    const missing = unserved.find((one) => one.name.toLowerCase() === name);
    const asked = proofs.filter((proof) => proof.name === name);
    return {
      name,
      served: missing === undefined,
      proved: asked.length > 0 && asked.every(({ holds }) => holds),
      ...(missing === undefined
        ? {}
        : { because: missing.because, fix: { command: missing.command, page: missing.page } }),
    };
  });
}
