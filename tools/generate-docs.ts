// Writes the parts of docs/ that tables in the source already say: docs/api.md, docs/errors-at-the-edge.md,
// docs/findings.md, docs/impact.md, docs/openapi.json and docs/metrics.md.
// With --check it writes nothing and fails where a file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { GENERATED } from './docs/generated.ts';

const ROOT = new URL('../', import.meta.url);

function present(path: string): string {
  try {
    return readFileSync(new URL(path, ROOT), 'utf8');
  } catch {
    return '';
  }
}

const check = process.argv.includes('--check');
const stale = Object.entries(GENERATED).filter(([path, text]) => present(path) !== text());
for (const [path, text] of stale) {
  if (check) console.error(`${path} is out of date: run npx node tools/generate-docs.ts`);
  else writeFileSync(new URL(path, ROOT), text());
}
if (check && stale.length > 0) process.exitCode = 1;
