import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { type LockFiles, lockFiles } from './lock-files.ts';

/** The package as somebody gets it, unpacked where nothing else of it is installed. */

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
let scratch: Scratch;
let files: LockFiles;
let consumer: string;
let unpacked: string;

before(async () => {
  [scratch, files] = [scratchDirectory(), await lockFiles()];
  const source = join(scratch.path, 'source');
  for (const name of ['package.json', 'bin', 'CHANGELOG.md', 'README.md', 'LICENSE']) {
    cpSync(join(ROOT, name), join(source, name), { recursive: true });
  }
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  await run(tsc, ['-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(source, 'dist')]);
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', scratch.path], { cwd: source });
  consumer = join(scratch.path, 'consumer');
  unpacked = join(consumer, 'node_modules/postern');
  mkdirSync(unpacked, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const tarball = join(scratch.path, `postern-${version}.tgz`);
  await run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);
  writeFileSync(join(consumer, 'package.json'), '{"type":"module"}');
});
after(() => {
  scratch?.[Symbol.dispose]();
  files?.[Symbol.dispose]();
});

/** Everything that the file loads, itself included, as paths in the package. */
function loadedBy(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  const imports = /^(?:import|export)\b[^;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;
  for (const [, ...named] of readFileSync(file, 'utf8').matchAll(imports)) {
    const from = named.find((path) => path !== undefined) ?? '';
    if (from.startsWith('.')) loadedBy(resolve(dirname(file), from), found);
    else assert.match(from, /^node:/, `${relative(unpacked, file)} needs a package`);
  }
  return found;
}

test('postern/origin loads neither a package nor anything of edge, control plane or command line', () => {
  const loaded = [...loadedBy(join(unpacked, 'dist/origin/middleware.js'))].map((path) => relative(unpacked, path));
  const folders = new Set(loaded.map((path) => path.split('/')[1]));
  for (const folder of folders)
    assert.ok(['origin', 'domain', 'files', 'pki', 'http1', 'pull', 'wire'].includes(folder ?? ''), folder);
  assert.ok(loaded.length > 30 && loaded.length < 60, `${loaded.length} files`);
});

test('it runs with its own files alone', async () => {
  writeFileSync(
    join(consumer, 'app.js'),
    `import { requireOriginPull } from 'postern/origin';
const lock = requireOriginPull({ bundle: process.argv[2], hostnames: ['www.example.test'] });
console.log(lock.policies[0].admit.mode, lock.policies[0].edge.cas.length);
await import('postern').then(() => console.log('everything'), (error) => console.log(error.code));`,
  );
  const { stdout } = await run(process.execPath, ['app.js', files.bundle], { cwd: consumer });
  assert.equal(stdout, 'enforce 2\nERR_PACKAGE_PATH_NOT_EXPORTED\n');
});

test('its types hold in a strict project that knows only Node', async () => {
  writeFileSync(
    join(consumer, 'app.ts'),
    `import { createServer } from 'node:https';
import { createServer as createHttp } from 'node:http';
import { type OriginPull, originPullOf, originPullServerOptions, requireOriginPull, trustForwarded } from 'postern/origin';

const lock = requireOriginPull({ bundle: 'bundle.pem', hostnames: ['www.example.test'], mode: 'watch' });
createServer(originPullServerOptions(lock, { cert: '', key: '' }), lock.node((request, response) => {
  const pull: OriginPull | null = originPullOf(request);
  if (pull?.verified === true) response.end(pull.via satisfies 'edge' | 'own');
  else response.end((trustForwarded(request).address satisfies string | null) ?? '');
}));
const signed = requireOriginPull({ from: 'signed', key: '/etc/postern/header.key' });
createHttp(signed.node((_request, response) => response.end()));
// @ts-expect-error a proxy must be named
requireOriginPull({ from: 'proxy', bundle: 'bundle.pem' });
// @ts-expect-error there is no such mode
requireOriginPull({ bundle: 'bundle.pem', mode: 'off' });
`,
  );
  mkdirSync(join(consumer, 'node_modules/@types'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/@types/node'), join(consumer, 'node_modules/@types/node'));
  symlinkSync(join(ROOT, 'node_modules/undici-types'), join(consumer, 'node_modules/undici-types'));
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2024',
  };
  const compilerOptions = { ...options, lib: ['es2024'], types: ['node'] };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['app.ts'] }));
  const { stdout } = await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', consumer]).catch((error) => error);
  assert.equal(stdout, '');
});
