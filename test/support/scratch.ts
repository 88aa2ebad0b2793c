import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that is gone after use. Others may look into it: the workers of a server run as another user. */
export interface Scratch extends Disposable {
  readonly path: string;
}

/** A new directory under the system's temporary one. */
export function scratchDirectory(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'postern-test-'));
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
