import { type Changed, changeFiles, type Step } from './change-files.ts';
import type { FileChange, InstallPlan, InstallRefusal } from './plan.ts';
import type { Impossible, InstallGround, Prospect } from './prospect.ts';
import {
  type Proof,
  type ProofGround,
  provenRefusing,
  provenThroughEdge,
  provenWatching,
  statusesThroughEdge,
} from './prove.ts';
import type { Phase } from './request.ts';

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
  | Impossible
  | (Changed & { readonly kind: 'failed'; readonly plan: InstallPlan; readonly proofs: readonly Proof[] });

/** Carries a prospect out: watch, see the edge, enforce, see strangers refused and the edge let in, and undo all of it otherwise. */
export async function install(
  ground: InstallGround,
  seen: Prospect & { readonly kind: 'prospect' },
): Promise<Installed> {
  const { plan, steps, opposite } = seen;
  const proving: ProofGround = { ...ground.proof, sockets: plan.sockets, refusing: plan.refusing };
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
