import { readdirSync, readFileSync } from 'node:fs';

/** Bytes of memory that a process and its children hold; what several of them share counts once (proc(5), Pss). */
export function memoryOf(pid: number): number {
  return own(pid) + children(pid).reduce((sum, child) => sum + memoryOf(child), 0);
}

function own(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? Number.NaN) * 1024;
}

/** The processes that a process has started and that live. */
export function children(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  );
}
