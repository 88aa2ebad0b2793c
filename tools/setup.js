// Installs the Debian packages that tests need, where that is possible, and says what it did. Tests that need a package
// which is absent are reported as skipped with the reason; in CI (CI=true) absence is a failure.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';

const PACKAGES = {
  nginx: 'nginx',
  apache2: 'apache2',
  haproxy: 'haproxy',
  caddy: 'caddy',
  lighttpd: 'lighttpd lighttpd-mod-openssl',
  stunnel4: 'stunnel4',
  nft: 'nftables',
  ip: 'iproute2',
  openssl: 'openssl',
  curl: 'curl',
  wrk: 'wrk',
  chromium: 'chromium',
};
const DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function present(program) {
  return DIRECTORIES.some((directory) => {
    try {
      accessSync(`${directory}/${program}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

// Debian starts a server's service when its package is installed; the tests want the program, not a listener on port 80.
const POLICY = '/usr/sbin/policy-rc.d';

function install(packages) {
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  const quiet = !existsSync(POLICY);
  if (quiet) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
  } finally {
    if (quiet) rmSync(POLICY, { force: true });
  }
}

const missing = Object.entries(PACKAGES).filter(([program]) => !present(program));
if (missing.length === 0) {
  console.log(`setup: ${Object.keys(PACKAGES).join(', ')} are here`);
} else {
  const names = missing.flatMap(([, packages]) => packages.split(' '));
  const root = process.getuid?.() === 0;
  const debian = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (root && debian) {
    console.log(`setup: installing ${names.join(', ')} …`);
    install(names);
    console.log('setup: done');
  } else {
    console.log(
      `setup: ${names.join(', ')} not found and ${root ? 'no apt-get' : 'not root'}: tests that need them are skipped`,
    );
    if (process.env.CI === 'true') process.exit(1);
  }
}
