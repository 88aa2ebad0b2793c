// Builds the dashboard into dist/dashboard, each file compressed beside itself: it is served as it lies there. Without
// the development dependencies (an installed package, `npm ci --omit=dev`) there is nothing to build with, and nothing
// is built: a package brings the built files along.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('../dashboard/', import.meta.url));
const BUILT = fileURLToPath(new URL('../dist/dashboard/', import.meta.url));
const WORTH_COMPRESSING = 512;

async function loadVite() {
  try {
    return await import('vite');
  } catch (error) {
    if (error?.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function compress(file) {
  const bytes = readFileSync(file);
  if (bytes.length < WORTH_COMPRESSING) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
}

const vite = await loadVite();
if (vite === null) {
  console.log('dashboard: not built, vite is not installed');
} else {
  await vite.build({ root: ROOT, configFile: join(ROOT, 'vite.config.js'), logLevel: 'warn' });
  const files = readdirSync(BUILT, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, path, name } of files) compress(join(parentPath ?? path, name));
  console.log(`dashboard: built, ${files.length} files`);
}
