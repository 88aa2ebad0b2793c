import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Dashboard, readDashboard } from '../control/listener/dashboard.ts';

/** The dashboard as it was built; `null` where it was not. It lies in `dist`, whether this runs from there or from `src`. */
export function builtDashboard(): Dashboard | null {
  return readDashboard(fileURLToPath(PLACE));
}

/** Whether it was built. */
export function hasDashboard(): boolean {
  return existsSync(new URL('index.html', PLACE));
}

const PLACE = new URL('../../dist/dashboard/', import.meta.url);
