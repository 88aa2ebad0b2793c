import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { BACKUP_FAULTS } from '../src/control/backup/backup-fault.ts';
import { DENIALS } from '../src/domain/admit.ts';
import { CAVEATS } from '../src/domain/caveats.ts';
import { PROBLEMS } from '../src/domain/problems.ts';
import { REFUSALS } from '../src/http1/refusals.ts';
import { UPDATE_FAULTS } from '../src/origin/bundle-update.ts';
import { GUARD_DOUBTS } from '../src/origin/guard/doubts.ts';
import { FIREWALL_PROBLEMS } from '../src/origin/generate/nftables.ts';
import { LIST_FAULTS } from '../src/origin/lists-update.ts';
import { LOCK_REFUSALS } from '../src/origin/lock-refusals.ts';
import { POLICY_PROBLEMS } from '../src/origin/policy-problems.ts';
import { REFUSED } from '../src/origin/install/plan.ts';
import { ORIGIN_PROBLEMS } from '../src/origin/problems.ts';
import { DOORS } from '../src/origin/server/doors.ts';
import { STOPS } from '../src/origin/server/place.ts';
import { PULL_FAILURES } from '../src/pull/failure.ts';

/** Rules of the house that no linter knows. Each failure says why the rule exists. */

const ROOT = join(import.meta.dirname, '..');
const MAX_LINES = 400;

/** What is committed or about to be: a leak must be found before the commit, not after. */
const FILES = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
  .toString()
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));
const TYPESCRIPT = FILES.filter((path) => /^(?:src|test|bench|tools|dashboard)\/.*\.tsx?$/.test(path));
const PROGRAM = TYPESCRIPT.filter((path) => path.startsWith('src/') && !/\.(?:test|fixture)\.ts$/.test(path));

test('the files are found', () => {
  assert.ok(PROGRAM.includes('src/domain/plan.ts'));
  assert.ok(TYPESCRIPT.includes('test/house.test.ts'));
});

test('rules have no clock, no chance, no waiting, no surroundings', () => {
  const banned = /\b(?:Date\.now|Math\.random|new Date\(\)|async|await|Promise|process|globalThis|setTimeout)\b/;
  none(
    PROGRAM.filter((path) => path.startsWith('src/domain/')).filter((path) => banned.test(code(path))),
    'src/domain answers questions from its arguments alone, so that every answer can be repeated, tested and explained',
  );
});

test('no file is longer than can be read at one sitting', () => {
  none(
    TYPESCRIPT.filter((path) => text(path).split('\n').length - 1 > MAX_LINES),
    `a file of more than ${MAX_LINES} lines holds more than one concept: find the second one and give it its own file`,
  );
});

test('nothing is named for being useful', () => {
  const vague = /^(?:utils?|helpers?|common|types?|misc)(?:\.|$)/;
  none(
    FILES.filter((path) => path.split('/').some((part) => vague.test(part))),
    'such names say nothing about the content, so everything ends up there: name the concept with its standard term',
  );
});

test('modules hold no state of their own', () => {
  none(
    PROGRAM.filter((path) => /^(?:export )?(?:let|var)\b/m.test(code(path))),
    'a variable of a module is shared by all tests and all tenants, and nobody sees who changes it',
  );
});

test('pages use nothing that a browser does not have', () => {
  const ofNode = /\b(?:process|Buffer)\.|\b(?:setImmediate|require)\(|\b__dirname\b|'node:/;
  none(
    TYPESCRIPT.filter((path) => path.startsWith('dashboard/src/') && !path.endsWith('.test.ts')).filter((path) =>
      ofNode.test(code(path)),
    ),
    'the types of answers are taken from src/wire, so that the compiler knows the globals of Node there too',
  );
});

describe('every row of a table is used', () => {
  const TABLES = [
    ['PROBLEMS', PROBLEMS, 'src/domain/problems.ts'],
    ['CAVEATS', CAVEATS, 'src/domain/caveats.ts'],
    ['DENIALS', DENIALS, 'src/domain/admit.ts'],
    ['PULL_FAILURES', PULL_FAILURES, 'src/pull/failure.ts'],
    ['REFUSALS', REFUSALS, 'src/http1/refusals.ts'],
    ['BACKUP_FAULTS', BACKUP_FAULTS, 'src/control/backup/backup-fault.ts'],
    ['ORIGIN_PROBLEMS', ORIGIN_PROBLEMS, 'src/origin/problems.ts'],
    ['POLICY_PROBLEMS', POLICY_PROBLEMS, 'src/origin/policy-problems.ts'],
    ['LOCK_REFUSALS', LOCK_REFUSALS, 'src/origin/lock-refusals.ts'],
    ['UPDATE_FAULTS', UPDATE_FAULTS, 'src/origin/bundle-update.ts'],
    ['LIST_FAULTS', LIST_FAULTS, 'src/origin/lists-update.ts'],
    ['FIREWALL_PROBLEMS', FIREWALL_PROBLEMS, 'src/origin/generate/nftables.ts'],
    ['GUARD_DOUBTS', GUARD_DOUBTS, 'src/origin/guard/doubts.ts'],
    ['STOPS', STOPS, 'src/origin/server/place.ts'],
    ['DOORS', DOORS, 'src/origin/server/doors.ts'],
    ['REFUSED', REFUSED, 'src/origin/install/plan.ts'],
  ] as const;

  for (const [name, rows, home] of TABLES) {
    test(name, () => {
      const users = [withoutTable(home, name), ...PROGRAM.filter((path) => imports(path, home)).map(code)];
      none(
        Object.keys(rows).filter((row) => !users.some((user) => user.includes(`'${row}'`))),
        'a row that nothing leads to describes a product that does not exist: use it or delete it',
      );
    });
  }
});

describe('nothing in the files belongs to one machine or one person', () => {
  test('no private key', () => {
    const key = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}/;
    none(
      FILES.filter((path) => key.test(text(path))),
      'a committed key is known to everybody for ever: make keys when the test runs',
    );
  });

  test('no path of a machine', () => {
    const path = new RegExp(`(?<![\\w.])/(?:${['work', 'home/[a-z]', 'Users'].join('|')})/`);
    none(
      FILES.filter((file) => path.test(text(file))),
      'such a path exists on one machine only: take it from an argument or from import.meta',
    );
  });

  test('no registry host', () => {
    const setting = /"resolved":|^\s*(?:\S*:)?_?(?:registry|auth\w*)\s*=/im;
    const host = new RegExp(`https?://[\\w.-]*(?:${['registry', 'artifactory', 'nexus'].join('|')})[\\w.-]*[./:]`);
    const isNpms = (path: string) => /(?:^|\/)(?:package-lock\.json|\.npmrc)$/.test(path);
    none(
      FILES.filter((path) => host.test(text(path)) || (isNpms(path) && setting.test(text(path)))),
      'the lock holds for every mirror by its integrity hashes; a host in it breaks all other machines',
    );
  });
});

function none(offenders: readonly string[], why: string): void {
  assert.deepEqual(offenders, [], `${why}: ${offenders.join(', ')}`);
}

function text(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** A source without its comments, which may say anything. */
function code(path: string): string {
  return text(path).replace(/\/\*.*?\*\/|(?<=^|\s)\/\/.*?$/gms, '');
}

function withoutTable(path: string, table: string): string {
  const source = code(path);
  const begin = source.indexOf(`export const ${table} = {`);
  const end = source.indexOf('} as const satisfies', begin);
  assert.ok(begin !== -1 && end !== -1, `${table} is not where it was in ${path}`);
  return source.slice(0, begin) + source.slice(end);
}

function imports(path: string, module: string): boolean {
  const found = [...code(path).matchAll(/ from '(\.[^']+)'/g)].map(([, from]) => join(dirname(path), from ?? ''));
  return found.includes(module);
}
