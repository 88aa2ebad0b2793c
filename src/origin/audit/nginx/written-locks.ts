import { type Directive, parseNginx } from '../../server/nginx/syntax.ts';
import type { WrittenLock } from '../idle-locks.ts';

/** The locks that a file would bring if nginx read it; none where it is not understood. Pure; follows no include. */
export function nginxLocksIn(path: string, text: string): readonly WrittenLock[] {
  const directives = parseNginx(path, text, 'pass');
  return 'kind' in directives ? [] : locksOf(directives, path, []);
}

function locksOf(level: readonly Directive[], file: string, names: readonly string[]): readonly WrittenLock[] {
  return level.flatMap(({ name, args, line, block }) => {
    const inner = block?.directives ?? [];
    if (name === 'server' && block !== null) return locksOf(inner, file, namesOf(inner));
    if (block !== null) return locksOf(inner, file, names);
    return name === 'ssl_verify_client' && args[0] !== 'off' ? [{ where: { file, line }, names }] : [];
  });
}

function namesOf(server: readonly Directive[]): readonly string[] {
  return server
    .filter(({ name }) => name === 'server_name')
    .flatMap(({ args }) => args.map((arg) => arg.toLowerCase().replace(/^\./, '*.')))
    .filter((name) => name !== '_' && name !== '' && !name.startsWith('~'));
}
