import { randomBytes } from 'node:crypto';
import { serverFacts } from '../generate/server-facts.ts';
import type { FoundServer } from '../server/found-server.ts';
import { isAtLeast } from '../server-version.ts';
import { type Changed, changeFiles, missingRights, type Step, take } from './change-files.ts';
import type { FileChange, InstallPlan, InstallRefusal } from './plan.ts';
import {
  type Proof,
  type ProofGround,
  provenRefusing,
  provenThroughEdge,
  provenWatching,
  statusesThroughEdge,
} from './prove.ts';
import type { InstallRequest, Phase, ProofPath } from './request.ts';

/** What an installation works with. */
export interface InstallGround {
  readonly found: FoundServer;
  readonly request: InstallRequest;
  /** Files that go with the lock whatever its phase: the bundle. */
  readonly beside: readonly { readonly path: string; readonly text: string }[];
  readonly plan: (phase: Phase) => InstallPlan | InstallRefusal;
  /** The record of the lock, once it stands. */
  readonly record: (plans: { readonly enforce: InstallPlan; readonly watch: InstallPlan }) => {
    readonly path: string;
    readonly text: string;
  };
  readonly read: (path: string) => string | null;
  readonly backups: string;
  readonly proof: Omit<ProofGround, 'sockets'>;
  readonly mode: 'enforce' | 'watch';
  /** What a lock of this name does now; `null` where there is none. */
  readonly inForce: 'enforce' | 'watch' | null;
  /** A lock of another kind gives way at once. */
  readonly replace: boolean;
  readonly tell: (progress: string) => void;
  readonly stop: AbortSignal;
}

/** How it ended. */
export type Installed =
  | {
      readonly kind: 'installed';
      readonly backup: string;
      readonly plan: InstallPlan;
      readonly proofs: readonly Proof[];
    }
  | { readonly kind: 'unchanged'; readonly plan: InstallPlan; readonly proofs: readonly Proof[] }
  | { readonly kind: 'not_proven'; readonly plan: InstallPlan; readonly proofs: readonly Proof[] }
  | InstallRefusal
  | { readonly kind: 'impossible'; readonly text: string; readonly fix: string }
  | (Changed & { readonly kind: 'failed'; readonly plan: InstallPlan; readonly proofs: readonly Proof[] });

/** What would be done, in the order in which it is done; looks and touches nothing. */
export type Prospect =
  | {
      readonly kind: 'prospect';
      readonly plan: InstallPlan;
      readonly steps: readonly { readonly phase: Phase; readonly plan: InstallPlan }[];
      readonly opposite: InstallPlan;
    }
  | InstallRefusal
  | { readonly kind: 'impossible'; readonly text: string; readonly fix: string };

/** Everything that can be said before anything is touched. */
export async function prospect(ground: InstallGround): Promise<Prospect> {
  const { found, mode } = ground;
  const last: Phase = { kind: mode, proof: null };
  const { floor } = serverFacts(found.server);
  if (floor !== null && !isAtLeast(found.version, floor.version)) {
    return { kind: 'refused', code: 'too_old', place: null, detail: found.versionText, byHand: [] };
  }
  const plan = complete(ground, last);
  if (plan.kind !== 'plan') return plan;
  if (found.pid === null) {
    return impossible(
      `${found.program} does not run with ${found.main}, so nothing could be proven.`,
      'Start it first.',
    );
  }
  const broken = await take(found.test);
  if (broken !== null) {
    return impossible(
      `The configuration is broken already, before anything was touched: ${broken}`,
      'Mend it first, then try again.',
    );
  }
  const proof = newProof();
  // What demands certificates already is not opened, not even for a moment.
  const demanding = plan.locked.find(({ asks }) => asks === 'required');
  if (demanding !== undefined && (mode === 'watch' || !ground.replace)) {
    return { kind: 'refused', code: 'asks_already', place: demanding.place, detail: '', byHand: [] };
  }
  const enforced = ground.inForce === 'enforce' || demanding !== undefined;
  const phases: readonly Phase[] =
    enforced && mode === 'enforce'
      ? [{ kind: 'enforce', proof }, last]
      : mode === 'enforce'
        ? [{ kind: 'watch', proof }, { kind: 'enforce', proof }, last]
        : [{ kind: 'watch', proof }, last];
  const steps: { readonly phase: Phase; readonly plan: InstallPlan }[] = [];
  for (const phase of phases) {
    const made = complete(ground, phase);
    if (made.kind !== 'plan') return made;
    steps.push({ phase, plan: made });
  }
  const opposite = complete(ground, { kind: mode === 'enforce' ? 'watch' : 'enforce', proof: null });
  if (opposite.kind !== 'plan') return opposite;
  if (!plan.sockets.some(({ tls, family }) => tls && family !== 'unix')) {
    return impossible(
      'The virtual hosts listen on Unix sockets only, so nobody can knock there.',
      'Lock what stands before them.',
    );
  }
  const rights = missingRights(
    steps.flatMap((step) => step.plan.changes.map(({ path }) => path)),
    found.pid,
  );
  if (rights.length > 0 && plan.changes.length > 0) {
    return impossible(
      `This user may not do what is needed: ${rights.join('; ')}.`,
      'Run it as root, or as the owner of the server.',
    );
  }
  return { kind: 'prospect', plan, steps, opposite };
}

function impossible(
  text: string,
  fix: string,
): { readonly kind: 'impossible'; readonly text: string; readonly fix: string } {
  return { kind: 'impossible', text, fix };
}

/** The plan of the server with the files that go beside it. */
function complete({ plan, beside, read }: InstallGround, phase: Phase): InstallPlan | InstallRefusal {
  const made = plan(phase);
  if (made.kind !== 'plan') return made;
  const further = beside.flatMap(({ path, text }): readonly FileChange[] => {
    const [before, after] = [read(path), Buffer.from(text, 'utf8').toString('latin1')];
    return before === after ? [] : [{ path, before, after }];
  });
  return { ...made, changes: [...further, ...made.changes] };
}

const WORD_BYTES = 16;

function newProof(): ProofPath {
  const random = () => randomBytes(WORD_BYTES).toString('hex');
  return { path: `/.well-known/postern-proof-${random()}`, word: `postern-${random()}` };
}

/** Carries a prospect out: watch, see the edge, enforce, see strangers refused and the edge let in, and undo all of it otherwise. */
export async function install(
  ground: InstallGround,
  seen: Prospect & { readonly kind: 'prospect' },
): Promise<Installed> {
  const { plan, steps, opposite } = seen;
  const proving: ProofGround = { ...ground.proof, sockets: plan.sockets };
  if (plan.changes.length === 0) return alreadyThere(ground, plan, proving);
  const proofs: Proof[] = [];
  const before = { statuses: [] as readonly (number | null)[] };
  const record = ground.record(
    ground.mode === 'enforce' ? { enforce: plan, watch: opposite } : { enforce: opposite, watch: plan },
  );
  const all = touched([
    ...steps.map((step) => step.plan),
    { ...plan, changes: [...plan.changes, recordChange(ground, record)] },
  ]);
  const made = steps.map(({ phase, plan: { changes } }, index): Step => {
    const isLast = index === steps.length - 1;
    return {
      what: isLast ? `${phase.kind}, at last` : phase.kind,
      changes: [...whole(ground, changes, all, record.path), ...(isLast ? [recordChange(ground, record)] : [])],
      holds: async () => {
        ground.tell(told(phase, isLast));
        if (isLast && ground.mode === 'watch') return null;
        const found = isLast ? await atLast(proving, before.statuses) : await provenIn(phase, proving);
        proofs.push(...found);
        if (index === 0) before.statuses = await statusesThroughEdge(proving);
        const wrong = found.filter(({ holds, by }) => !holds && !(ground.mode === 'watch' && by === 'edge'));
        return wrong.length === 0 ? null : wrong.map(({ asked, saw }) => `${asked}: ${saw}`).join('; ');
      },
    };
  });
  const changed = await changeFiles(groundOf(ground), 'install', made, ground.stop);
  return changed.kind === 'failed'
    ? { ...changed, plan, proofs }
    : { kind: 'installed', backup: changed.backup, plan, proofs };
}

function told(phase: Phase, isLast: boolean): string {
  if (isLast) return 'Looking once more …';
  return phase.kind === 'watch'
    ? 'Watching: asking for certificates, refusing nobody, and looking for the edge …'
    : 'Enforcing: knocking as strangers and through the edge …';
}

async function provenIn(phase: Phase, ground: ProofGround): Promise<readonly Proof[]> {
  const { kind, proof } = phase;
  if (proof === null) return [];
  const near = kind === 'watch' ? await provenWatching(ground, proof) : await provenRefusing(ground, proof);
  if (!near.every(({ holds }) => holds)) return near;
  return [...near, ...(await provenThroughEdge(ground, proof))];
}

const BAD = 500;

/** Without the word: strangers are refused, and visitors get what they got while nobody was refused. */
async function atLast(ground: ProofGround, before: readonly (number | null)[]): Promise<readonly Proof[]> {
  const near = await provenRefusing(ground, null);
  const now = await statusesThroughEdge(ground);
  const visitors = now.map((status, index): Proof => {
    const was = before[index] ?? null;
    const worse = status !== was && (status === null || status >= BAD || [400, 403, 421].includes(status));
    return {
      holds: !worse,
      by: 'edge',
      asked: 'visitors through the edge',
      saw: status === null ? 'nothing came back' : `answered ${status}${was === status ? ' as before' : ''}`,
    };
  });
  return [...near, ...visitors];
}

async function alreadyThere(ground: InstallGround, plan: InstallPlan, proving: ProofGround): Promise<Installed> {
  if (ground.mode === 'watch') return { kind: 'unchanged', plan, proofs: [] };
  const proofs = await provenRefusing(proving, null);
  return { kind: proofs.every(({ holds }) => holds) ? 'unchanged' : 'not_proven', plan, proofs };
}

function groundOf({ found, backups, request }: InstallGround) {
  const { server, program, main, test, reload, pid } = found;
  return { backups, name: request.name, server, program, main, test, reload, pid };
}

/** Every path that any step touches. */
function touched(plans: readonly InstallPlan[]): readonly string[] {
  return [...new Set(plans.flatMap(({ changes }) => changes.map(({ path }) => path)))];
}

// A step says how files are after it, against the disk as it was before the first: what an earlier step wrote and this
// one does not want goes back to what it was.
function whole(
  { read }: InstallGround,
  changes: readonly FileChange[],
  all: readonly string[],
  record: string,
): readonly FileChange[] {
  const named = new Set(changes.map(({ path }) => path));
  const back = all
    .filter((path) => path !== record && !named.has(path))
    .map((path) => {
      const before = read(path);
      return { path, before, after: before };
    });
  return [...changes, ...back];
}

function recordChange(
  { read }: InstallGround,
  { path, text }: { readonly path: string; readonly text: string },
): FileChange {
  return { path, before: read(path), after: Buffer.from(text, 'utf8').toString('latin1') };
}
