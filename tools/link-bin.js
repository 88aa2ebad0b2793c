// npm links the commands of dependencies, not those of the package itself. This puts `postern` beside them, so that
// a fresh clone has node_modules/.bin/postern without a global install.
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs';

const bin = new URL('../node_modules/.bin/', import.meta.url);
const source = new URL('../bin/postern.js', import.meta.url);
if (process.platform !== 'win32' && existsSync(bin) && existsSync(source)) {
  chmodSync(source, 0o755);
  rmSync(new URL('postern', bin), { force: true });
  symlinkSync('../../bin/postern.js', new URL('postern', bin));
}
