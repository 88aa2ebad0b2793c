import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { children } from './process-tree.ts';

// USER_HZ: how many clock ticks of /proc/<pid>/stat make a second (proc(5)).
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU seconds, user and system, that a process and all its present children have used. */
export function cpuSeconds(pid: number): number {
  return own(pid) + children(pid).reduce((sum, child) => sum + cpuSeconds(child), 0);
}

function own(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command may hold spaces and parentheses: fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
