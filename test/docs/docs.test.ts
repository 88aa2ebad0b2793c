import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';
import { guardCommand } from '../../src/cli/guard.ts';
import { settingNames } from '../../src/cli/settings.ts';
import { DEFAULT_LIMITS, type LimitName, limitKey } from '../../src/domain/limits.ts';
import { EVENTS } from '../../src/wire/events.ts';
import { GENERATED } from '../../tools/docs/generated.ts';
import { anchor, documentPaths, links, ROOT, readDocument } from './markdown.ts';

const DOCUMENTS = documentPaths().map(readDocument);
const README = readDocument('README.md');

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

describe('every document', () => {
  for (const document of DOCUMENTS) {
    test(`${document.path} links to files and headings that exist`, () => {
      for (const target of links(document)) {
        if (/^https?:/.test(target)) continue;
        const [file = '', fragment] = target.split('#');
        const path = file === '' ? document.path : normalize(join(dirname(document.path), file));
        assert.ok(existsSync(join(ROOT, path)), `${target}: no such file`);
        if (fragment === undefined) continue;
        assert.ok(readDocument(path).headings.map(anchor).includes(fragment), `${target}: no such heading`);
      }
    });

    test(`${document.path} names files of the repository that exist`, () => {
      const named = document.prose.join('\n').matchAll(/`((?:src|test|tools|bin|bench)\/[A-Za-z0-9_./-]+)`/g);
      for (const [, path = ''] of named) assert.ok(existsSync(join(ROOT, path)), `${path}: no such file`);
    });

    test(`${document.path} names no place of somebody's machine`, () => {
      // Put together here, so that this file does not hold them either.
      for (const word of [`/${'work'}/`, `registry.${'npmjs'}`, '/root/', 'npm_config_registry']) {
        assert.ok(!document.text.includes(word), word);
      }
    });

    test(`${document.path} says of each shell block whether it runs`, () => {
      for (const { info, before, line } of document.blocks) {
        assert.ok(/^(?:sh|sh no-run|text|text output|ini|yaml)$/.test(info), `line ${line}: ${info}`);
        if (info === 'sh no-run')
          assert.match(before, /root|From a machine|reload/, `line ${line}: no reason is given`);
      }
    });
  }
});

for (const [path, text] of Object.entries(GENERATED)) {
  test(`${path} says what the source says`, () => {
    assert.equal(readFileSync(join(ROOT, path), 'utf8'), text(), 'run npx node tools/generate-docs.ts');
  });
}

test('every event of the log stands in the guide with its level, and no other', () => {
  const rows = readDocument('docs/guides/run-postern.md').prose.map((line) =>
    line.split('|').map((cell) => cell.trim()),
  );
  const told = rows
    .filter(([, level = '']) => /^(?:debug|info|warn|error)$/.test(level))
    .flatMap(([, level, events = '']) => [...events.matchAll(/`(\w+)`/g)].map(([, event = '']) => [event, level]));
  assert.deepEqual(Object.fromEntries(told), EVENTS);
});

test('every guide that runs commands says first how the shell finds them', () => {
  const guides = DOCUMENTS.filter(({ path }) => path.startsWith('docs/guides/'));
  const running = guides.filter(({ blocks }) => blocks.some(({ info }) => info === 'sh'));
  // The dashboard is told in pictures.
  assert.deepEqual(
    guides.filter((guide) => !running.includes(guide)).map(({ path }) => path),
    ['docs/guides/dashboard.md'],
  );
  for (const { path, blocks } of running) {
    const first = blocks.find(({ info }) => info === 'sh');
    assert.match(first?.text ?? '', /^export PATH="\$PWD\/node_modules\/\.bin:\$PATH"/, path);
  }
});

describe('the README', () => {
  test('is short', () => {
    assert.ok(README.text.split('\n').length <= 150);
  });

  test('has one command under Run and one under Test, which are those of package.json and CI', () => {
    const commands = (pattern: RegExp) =>
      README.blocks.filter(({ heading }) => pattern.test(heading)).map(({ text }) => text);
    assert.deepEqual(commands(/^(?:Run|Try)/), ['npm ci && npm run demo']);
    assert.deepEqual(commands(/^Test/), ['npm ci && npm run check']);
    assert.ok('demo' in MANIFEST.scripts && 'check' in MANIFEST.scripts);
    assert.ok(readFileSync(join(ROOT, '.ci/run'), 'utf8').endsWith('\nnpm ci && npm run check\n'));
  });
});

test('each package has its line among the dependencies, and each line its package', () => {
  const { dependencies, devDependencies, optionalDependencies } = MANIFEST;
  const wanted = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  const lines = readDocument('docs/dependencies.md').prose.filter((line) => line.startsWith('| `'));
  const named = lines.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  assert.deepEqual(new Set(named), new Set(wanted));
});

test('each limit stands in the guide with what holds without it', () => {
  const rows = readDocument('docs/guides/run-postern.md').prose.filter((line) => line.startsWith('| `'));
  for (const [name, count] of Object.entries(DEFAULT_LIMITS)) {
    const key = limitKey(name as LimitName);
    const row = rows.find((line) => (line.split('|')[1] ?? '').includes(`\`${key}\``));
    assert.equal(row?.split('|')[2]?.trim(), String(count), key);
  }
});

test('each setting of a guard stands in its guide, as flag and in the environment', () => {
  const rows = readDocument('docs/guides/guard.md').prose.filter((line) => line.startsWith('| `--'));
  const options = guardCommand().options.filter(({ long }) => long !== '--config');
  assert.deepEqual(
    new Set(rows.map((line) => `${/^\| `(--[a-z-]+)/.exec(line)?.[1]} ${/`(POSTERN_\w+)/.exec(line)?.[1]}`)),
    new Set(options.map((option) => `${option.long} ${settingNames(option.attributeName()).env}`)),
  );
});
