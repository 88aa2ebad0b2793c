// Runs the test suites with Node's own runner: `npm test`, or `npm test -- src/pki` for a part.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';

const wanted = process.argv.slice(2);
const files = globSync(['src/**/*.test.ts', 'dashboard/src/**/*.test.ts', 'test/**/*.test.ts']).filter(
  (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`);
  process.exit(2);
}
// Node's own choice leaves a core idle, which on a machine of two is half of it: and tests wait more than they compute.
const concurrency = `--test-concurrency=${Math.max(2, availableParallelism())}`;
const options = [
  '--test',
  // What hangs shall end; what is slow on a machine with other work shall not.
  '--test-timeout=600000',
  concurrency,
  ...reporting('spec', 'stdout'),
  ...reporting('./tools/slowest-files.js', 'stderr'),
];
// Each file is a process that reads a large part of the program: what was compiled once need not be again.
const env = { NODE_COMPILE_CACHE: resolve('node_modules/.cache/compiled'), ...process.env };
const { status } = spawnSync(process.execPath, [...options, ...files.sort()], { stdio: 'inherit', env });
process.exit(status ?? 1);

function reporting(reporter, destination) {
  return [`--test-reporter=${reporter}`, `--test-reporter-destination=${destination}`];
}
