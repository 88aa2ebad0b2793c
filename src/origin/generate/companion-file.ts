import type { ConfigPath } from '../config-path.ts';

/** A file that a configuration reads, made with it. No secret is ever in one. */
export interface CompanionFile {
  readonly path: ConfigPath;
  readonly text: string;
}
