import { namesIn } from '../../server/apache/hosts.ts';
import { type ApacheDirective, parseApache } from '../../server/apache/syntax.ts';
import type { ApacheTree, SkippedSection } from '../../server/apache/tree.ts';
import type { IdleLock, WrittenLock } from '../idle-locks.ts';

/** The locks that a file would bring if Apache read it; none where it is not understood. Pure; follows no include. */
export function apacheLocksIn(path: string, text: string): readonly WrittenLock[] {
  const directives = parseApache(path, text, 'read');
  return 'kind' in directives ? [] : locksOf(directives, path, []);
}

/** Locks in sections whose condition does not hold. */
export function skippedLocks({ skipped }: ApacheTree): readonly IdleLock[] {
  return skipped.flatMap((section) =>
    locksOf(section.directives, section.place.file, []).map((lock) => ({ ...lock, why: whySkipped(section) })),
  );
}

const SECTIONS: Readonly<Record<string, string>> = {
  ifmodule: 'IfModule',
  ifdefine: 'IfDefine',
  iffile: 'IfFile',
  ifversion: 'IfVersion',
};

function whySkipped({ name, args }: SkippedSection): string {
  const text = `<${SECTIONS[name] ?? name} ${args.join(' ')}> does not hold`;
  const module = /^(?:mod_(\w+)\.c|(\w+)_module)$/.exec(args[0] ?? '');
  return name === 'ifmodule' && module !== null ? `${text}: a2enmod ${module[1] ?? module[2]}` : text;
}

function locksOf(level: readonly ApacheDirective[], file: string, names: readonly string[]): readonly WrittenLock[] {
  return level.flatMap(({ name, args, line, section }) => {
    const inner = section?.directives ?? [];
    if (name === 'virtualhost') return locksOf(inner, file, namesIn(inner));
    if (section !== null) return locksOf(inner, file, names);
    const isLock = name === 'sslverifyclient' && args[0]?.toLowerCase() !== 'none';
    return isLock ? [{ where: { file, line }, names }] : [];
  });
}
