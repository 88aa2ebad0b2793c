// npm run bench: all sections, or those that are named (npm run bench -- api). Figures are CPU of the process under test
// divided by what it did, from the system's own accounting: the wall clock of a shared machine says little.
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { print, ROUNDS, type Row, type Section } from './section.ts';

const SECTIONS: Readonly<Record<string, () => Promise<Section>>> = {
  pulls: async () => (await import('./pulls.ts')).PULLS,
  connections: async () => (await import('./connections.ts')).CONNECTIONS,
  idle: async () => (await import('./idle.ts')).IDLE,
  mixed: async () => (await import('./mixed.ts')).MIXED,
  api: async () => (await import('./api.ts')).API,
  hostnames: async () => (await import('./hostnames.ts')).HOSTNAMES,
  lists: async () => (await import('./lists.ts')).LISTS,
  guard: async () => (await import('./guard.ts')).GUARD,
  middleware: async () => (await import('./middleware.ts')).MIDDLEWARE,
  rotations: async () => (await import('./rotations.ts')).ROTATIONS,
  install: async () => (await import('./install.ts')).INSTALL,
  doctor: async () => (await import('./doctor.ts')).DOCTOR,
  dashboard: async () => (await import('./dashboard.ts')).DASHBOARD,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) {
  console.error(`bench: there is no section ${unknown.join(', ')}; there are ${Object.keys(SECTIONS).join(', ')}`);
  process.exit(2);
}

const results: Record<string, readonly Row[]> = {};
for (const [name, load] of Object.entries(SECTIONS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const section = await load();
  console.error(`bench ${name}: ${section.about} …`);
  const rows = await section.run();
  print(rows);
  results[name] = rows;
}
console.error(`bench: saved ${save(results)}`);

function save(sections: Readonly<Record<string, readonly Row[]>>): string {
  const directory = new URL('results/', import.meta.url);
  mkdirSync(directory, { recursive: true });
  const at = new Date().toISOString();
  const machine = {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    arch: arch(),
    kernel: release(),
    node: process.versions.node,
  };
  const file = new URL(`${at.replaceAll(':', '-')}.json`, directory);
  writeFileSync(file, `${JSON.stringify({ at, machine, rounds: ROUNDS, sections }, null, 2)}\n`);
  return fileURLToPath(file).split('/').slice(-3).join('/');
}
