import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { programPath } from './program-path.ts';

/** A process of this host. */
export interface RunningProcess {
  readonly pid: number;
  /** Its title or its arguments, joined by spaces. */
  readonly title: string;
  readonly argv: readonly string[];
  readonly parent: number;
}

/** The processes that another one started. */
export function childrenOf(parent: number): readonly RunningProcess[] {
  return numbered('/proc').flatMap((pid) => {
    const found = processOf(pid);
    return found === null || found.parent !== parent ? [] : [found];
  });
}

/** The processes of that program that see the same files as this one: not those of containers. Where /proc is not there, none. */
export function processesNamed(names: readonly string[]): readonly RunningProcess[] {
  return numbered('/proc').flatMap((pid) => {
    const found = processOf(pid);
    return found !== null && seesOurFiles(pid) && names.includes(basename(programOf(pid) ?? found.name)) ? [found] : [];
  });
}

// Without the rights to look it may be one of ours; it cannot be made to reload then, which is said elsewhere.
function seesOurFiles(pid: number): boolean {
  const [own, other] = [`/proc/self/ns/mnt`, `/proc/${pid}/ns/mnt`].map((path) => {
    try {
      return readlinkSync(path);
    } catch {
      return null;
    }
  });
  return other === null || own === other;
}

function processOf(pid: number): (RunningProcess & { readonly name: string }) | null {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((part) => part !== '');
    const [, name = '', parent = '0'] = /\((.*)\) \S+ (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { pid, argv, title: argv.join(' '), parent: Number(parent), name };
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return null;
  }
}

function programOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return null;
  }
}

function numbered(directory: string): readonly number[] {
  try {
    return readdirSync(directory)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** The systemd unit that a process belongs to; `null` where there is none, or no systemd. */
export function unitOf(pid: number): string | null {
  if (!existsSync('/run/systemd/system')) return null;
  try {
    return (
      /\/system\.slice\/(?:[^/\n]+\.slice\/)*([^/\n]+\.service)/.exec(
        readFileSync(`/proc/${pid}/cgroup`, 'utf8'),
      )?.[1] ?? null
    );
  } catch {
    return null;
  }
}

/** Where a program is: in PATH, or where systems keep what is for root. */
export function programNamed(names: readonly string[], further: readonly string[] = []): string | null {
  return programPath(names, ['/usr/sbin', '/usr/local/sbin', '/usr/bin', ...further]);
}
