import { dirname, isAbsolute, join } from 'node:path';
import type { NginxHost } from '../../server/nginx/hosts.ts';
import type { Effective } from '../../server/nginx/tree.ts';
import { inherited } from './endpoints.ts';

/** The directive of a name that holds for a server block: its own, or that of `http { }`. */
export function setting({ http, block }: NginxHost, name: string): Effective | null {
  return inherited([http, block.inner ?? []], name).at(-1) ?? null;
}

/** Its first argument. */
export function settingText(host: NginxHost, name: string): string | null {
  return setting(host, name)?.args[0] ?? null;
}

/** A path as nginx completes it: from the directory of the main file. Texts of configurations hold bytes. */
export function fullPath(main: string, written: string): string {
  const text = Buffer.from(written, 'latin1').toString('utf8');
  return isAbsolute(text) ? text : join(dirname(main), text);
}
