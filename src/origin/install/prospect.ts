import { randomBytes } from 'node:crypto';
import { serverFacts } from '../generate/server-facts.ts';
import type { FoundServer } from '../server/found-server.ts';
import { isAtLeast } from '../server-version.ts';
import { missingRights, take } from './change-files.ts';
import type { FileChange, InstallPlan, InstallRefusal } from './plan.ts';
import type { ProofGround } from './prove.ts';
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
  readonly proof: Omit<ProofGround, 'sockets' | 'refusing'>;
  readonly mode: 'enforce' | 'watch';
  /** What a lock of this name does now; `null` where there is none. */
  readonly inForce: 'enforce' | 'watch' | null;
  /** A lock of another kind gives way at once. */
  readonly replace: boolean;
  readonly tell: (progress: string) => void;
  readonly stop: AbortSignal;
}

/** What would be done, in the order in which it is done; looks and touches nothing. */
export type Prospect =
  | {
      readonly kind: 'prospect';
      readonly plan: InstallPlan;
      readonly steps: readonly { readonly phase: Phase; readonly plan: InstallPlan }[];
      readonly opposite: InstallPlan;
    }
  | InstallRefusal
  | Impossible;

/** Something about this host that keeps a lock from being installed, and what to do. */
export interface Impossible {
  readonly kind: 'impossible';
  readonly text: string;
  readonly fix: string;
}

/** Everything that can be said before anything is touched. */
export async function prospect(ground: InstallGround): Promise<Prospect> {
  const { mode } = ground;
  const plan = complete(ground, { kind: mode, proof: null });
  if (plan.kind !== 'plan') return plan;
  const unfit = serverFault(ground) ?? hostFault(ground, plan) ?? (await brokenAlready(ground));
  if (unfit !== null) return unfit;
  const steps: { readonly phase: Phase; readonly plan: InstallPlan }[] = [];
  for (const phase of phasesOf(ground, plan)) {
    const made = complete(ground, phase);
    if (made.kind !== 'plan') return made;
    steps.push({ phase, plan: made });
  }
  const opposite = complete(ground, { kind: mode === 'enforce' ? 'watch' : 'enforce', proof: null });
  if (opposite.kind !== 'plan') return opposite;
  const paths = steps.flatMap((step) => step.plan.changes.map(({ path }) => path));
  const rights = plan.changes.length === 0 ? [] : missingRights(paths, ground.found.pid);
  return rights.length === 0
    ? { kind: 'prospect', plan, steps, opposite }
    : impossible(
        `This user may not do what is needed: ${rights.join('; ')}.`,
        'Run it as root, or as the owner of the server.',
      );
}

function serverFault({ found }: InstallGround): InstallRefusal | Impossible | null {
  const { floor } = serverFacts(found.server);
  if (floor !== null && !isAtLeast(found.version, floor.version)) {
    return { kind: 'refused', code: 'too_old', place: null, detail: found.versionText, byHand: [] };
  }
  if (found.pid === null) {
    return impossible(
      `${found.program} does not run with ${found.main}, so nothing could be proven.`,
      'Start it first.',
    );
  }
  if (found.reload.length === 0) {
    return impossible(
      `It is not known how ${found.program} is made to read its configuration again.`,
      'Say it with --reload COMMAND, or run it with a master process (-W).',
    );
  }
  return null;
}

// What demands certificates already is not opened, not even for a moment.
function hostFault(
  { mode, replace }: InstallGround,
  { locked, sockets }: InstallPlan,
): InstallRefusal | Impossible | null {
  const demanding = locked.find(({ asks }) => asks === 'required');
  if (demanding !== undefined && (mode === 'watch' || !replace)) {
    return { kind: 'refused', code: 'asks_already', place: demanding.place, detail: '', byHand: [] };
  }
  if (sockets.some(({ tls, family }) => tls && family !== 'unix')) return null;
  return impossible(
    'The virtual hosts listen on Unix sockets only, so nobody can knock there.',
    'Lock what stands before them.',
  );
}

async function brokenAlready({ found }: InstallGround): Promise<Impossible | null> {
  const broken = await take(found.test);
  return broken === null
    ? null
    : impossible(
        `The configuration is broken already, before anything was touched: ${broken}`,
        'Mend it first, then try again.',
      );
}

function phasesOf({ mode, inForce }: InstallGround, { locked }: InstallPlan): readonly Phase[] {
  const proof = newProof();
  const last: Phase = { kind: mode, proof: null };
  const watch: Phase = { kind: 'watch', proof };
  if (mode === 'watch') return [watch, last];
  const enforced = inForce === 'enforce' || locked.some(({ asks }) => asks === 'required');
  return [...(enforced ? [] : [watch]), { kind: 'enforce', proof }, last];
}

function impossible(text: string, fix: string): Impossible {
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
