import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { ConfigurationReading } from '../../doctor/configuration.ts';
import type { ServerKind } from '../../doctor/diagnosis/fixes.ts';
import { sourceOf } from '../install/memory.fixture.ts';
import type { ConfigSource } from '../server/config-source.ts';
import { parseNginx } from '../server/nginx/syntax.ts';
import { parseLighttpd } from '../server/lighttpd/syntax.ts';
import { APACHE_CASES } from './apache.fixture.ts';
import { audit } from './audit.ts';
import { type AuditRow, auditFiles, NOW, overall } from './audit.fixture.ts';
import { type AuditCase, AUDITED_AT, trustedFiles } from './audited-case.fixture.ts';
import { FAULTY, HOLDING as CADDY_HOLDING, OPEN as CADDY_OPEN, TELLING } from './caddy/cases.fixture.ts';
import { HAPROXY_CASES } from './haproxy.fixture.ts';
import { LIGHTTPD_CASES } from './lighttpd.fixture.ts';
import { BROKEN } from './nginx/faulty.fixture.ts';
import { HOLDING as NGINX_HOLDING } from './nginx/holding.fixture.ts';
import { OPEN as NGINX_OPEN } from './nginx/open.fixture.ts';
import { http } from './nginx/pieces.fixture.ts';
import { CASES as STUNNEL_CASES } from './stunnel/cases.fixture.ts';

/** A configuration of the collection. */
interface Config {
  readonly text: string;
  readonly isLocked: boolean;
  readonly more: Readonly<Record<string, string>>;
}

/** What an audit is tried with. */
interface Trial {
  readonly server: ServerKind;
  readonly directory: string;
  readonly now: number;
  readonly hosts: readonly string[];
  readonly configs: readonly Config[];
  /** A line that brings what is not there; null where the language has none. */
  readonly absent: string | null;
  /** A file that brings another one several times. */
  readonly brings: (path: string) => string;
}

const ofRow = ([, text, verdict]: AuditRow): Config => ({ text, isLocked: verdict === 'locked', more: {} });

const ofCase = ({ config, claims, more = {} }: AuditCase): Config => ({
  text: config,
  isLocked: claims.every((claim) => claim.endsWith('locked')),
  more,
});

const IN_LAB = { directory: '/etc/lab', now: NOW, hosts: [] };
const IN_T = { directory: '/t', now: AUDITED_AT, hosts: ['a.test'] };

const TRIALS: readonly Trial[] = [
  {
    ...IN_LAB,
    server: 'nginx',
    configs: [...NGINX_HOLDING, ...NGINX_OPEN, ...BROKEN].map(ofRow).map((one) => ({ ...one, text: http(one.text) })),
    absent: 'include absent.conf;',
    brings: (path) => `include ${path};\n`,
  },
  {
    ...IN_LAB,
    server: 'caddy',
    configs: [...CADDY_HOLDING, ...CADDY_OPEN, ...TELLING, ...FAULTY].map(ofRow),
    absent: 'import absent.conf',
    brings: (path) => `import ${path}\n`,
  },
  {
    ...IN_LAB,
    server: 'stunnel',
    configs: STUNNEL_CASES.map(ofRow),
    absent: 'include = /absent',
    brings: () => 'include = /etc/lab\n',
  },
  {
    ...IN_T,
    server: 'apache',
    configs: APACHE_CASES.map(ofCase),
    absent: 'Include absent.conf',
    brings: (path) => `Include ${path}\n`,
  },
  { ...IN_T, server: 'haproxy', configs: HAPROXY_CASES.map(ofCase), absent: null, brings: (path) => `# ${path}\n` },
  {
    ...IN_T,
    server: 'lighttpd',
    configs: LIGHTTPD_CASES.map(ofCase),
    absent: 'include "absent.conf"',
    brings: (path) => `include "${path}"\n`,
  },
];

let beside: ReadonlyMap<string, string> = new Map();
before(async () => {
  const lab = [...(await auditFiles())].map(([name, text]) => [`/etc/lab/${name}`, text] as const);
  beside = new Map([...lab, ...(await trustedFiles())]);
});

/** Audits a text as the main file, beside the authorities of the collection and more files. */
function audited(
  { server, directory, now, hosts }: Trial,
  text: string,
  more: Readonly<Record<string, string>> = {},
  watched: (source: ConfigSource) => ConfigSource = (source) => source,
): ConfigurationReading {
  const main = `${directory}/main.conf`;
  const source = watched(sourceOf(new Map([...beside, ...Object.entries(more), [main, text]])));
  const reading = audit(server, { main, source, now, hosts, version: null });
  assert.ok(reading !== null);
  return reading;
}

function isUnread({ findings }: ConfigurationReading): boolean {
  return findings.some(({ code }) => code === 'unread_configuration');
}

/** A configuration that somebody has damaged: lines gone, doubled, cut, moved, or with something strange in them. */
function damaged(configs: readonly Config[]): fc.Arbitrary<Config> {
  const strange = fc.constantFrom(
    '"',
    "'",
    '{',
    '}',
    '(',
    ')',
    '<',
    '</',
    '\\',
    '$',
    '%{',
    '\0',
    '\r',
    '[',
    '=>',
    '!',
    'if',
    'Use',
    '#',
    '\u00ff',
  );
  const change = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('drop', 'double', 'cut', 'swap', 'add'),
    text: strange,
  });
  return fc
    .tuple(fc.constantFrom(...configs), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([config, changes]) => {
      const lines = config.text.split('\n');
      for (const { at, kind, text } of changes) {
        const index = at % lines.length;
        const line = lines[index] ?? '';
        if (kind === 'drop') lines.splice(index, 1);
        else if (kind === 'double') lines.splice(index, 0, line);
        else if (kind === 'cut') lines[index] = line.slice(0, line.length / 2);
        else if (kind === 'swap') lines.unshift(...lines.splice(index, 1));
        else lines[index] = `${line.slice(0, line.length / 2)}${text}${line.slice(line.length / 2)}`;
        if (lines.length === 0) lines.push('');
      }
      return { ...config, text: lines.join('\n') };
    });
}

/** Whatever comes of a text: places that are there, a port that may be, and no lock where a part was not read. */
function assertSound(reading: ConfigurationReading): void {
  for (const { port, where } of reading.claims) assert.ok(port >= 0 && port < 100_000 && where.line >= 0);
  for (const { where } of reading.findings) assert.ok(where === null || where.line >= 1);
  if (isUnread(reading)) assert.ok(reading.claims.every(({ verdict }) => verdict !== 'locked'));
}

describe('whatever a file holds, an audit ends with a reading', () => {
  for (const trial of TRIALS) {
    test(`${trial.server}, of a damaged configuration`, () => {
      const property = fc.property(damaged(trial.configs), ({ text, more }) => assertSound(audited(trial, text, more)));
      fc.assert(property, { numRuns: 300 });
    });

    test(`${trial.server}, of any bytes`, () => {
      const bytes = fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some).toString('latin1'));
      fc.assert(
        fc.property(bytes, (text) => assertSound(audited(trial, text))),
        { numRuns: 200 },
      );
    });
  }
});

describe('nothing is sure to be locked where a part was not read', () => {
  // What stands in these is Lua, or behind a condition that does not hold: the server does not read it either.
  const passed = /_by_lua|<IfVersion|<IfModule/;
  for (const trial of TRIALS) {
    const { server, absent } = trial;
    if (absent === null) continue;
    test(server, () => {
      const locked = trial.configs.filter(({ text, isLocked }) => isLocked && !passed.test(text));
      assert.ok(locked.length > 5);
      const property = fc.property(fc.constantFrom(...locked), fc.nat(), ({ text, more }, at) => {
        assert.equal(overall(audited(trial, text, more)), 'locked');
        const lines = text.split('\n');
        lines.splice(at % (lines.length + 1), 0, absent);
        const reading = audited(trial, lines.join('\n'), more);
        assert.ok(isUnread(reading), lines.join('\n'));
        assertSound(reading);
      });
      fc.assert(property, { numRuns: 150 });
    });
  }
});

describe('files that bring each other many times cost no more than is read of them', () => {
  const FILES = 40;
  const TIMES = 2;
  // Followed to the end it would be 2 to the power of 40.
  const MAX_READS = 200_000;

  for (const trial of TRIALS) {
    test(trial.server, () => {
      const { directory, brings } = trial;
      const path = (index: number) => `${directory}/more-${index}.conf`;
      const more = Object.fromEntries(
        Array.from({ length: FILES }, (_, index) => [path(index), brings(path(index + 1)).repeat(TIMES)]),
      );
      let reads = 0;
      const counted = (source: ConfigSource): ConfigSource => ({
        ...source,
        read: (file) => {
          reads += 1;
          return source.read(file);
        },
      });
      assertSound(audited(trial, brings(path(0)), more, counted));
      assert.ok(reads < MAX_READS, String(reads));
    });
  }
});

test('what lighttpd would read is read to its end, or it is said where not', () => {
  const piece = fc.constantFrom(
    'a = "x"',
    'b += ( "k" => 1, )',
    '$HTTP["host"] == "a" {',
    '}',
    'else {',
    'c = d + "e"',
    '# {',
    '(',
    'include "x"',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('\n');
      const parsed = parseLighttpd('/x', text);
      if (!('kind' in parsed)) return;
      assert.ok(parsed.place.line >= 1 && parsed.place.line <= text.split('\n').length);
    }),
  );
});

test('a letter of several bytes is a part of its word for nginx, whatever one of its bytes is elsewhere', () => {
  const word = Buffer.from('/srv/\u00e0\u0085\u000b').toString('latin1');
  const parsed = parseNginx('/x', `root ${word};`);
  assert.deepEqual('kind' in parsed ? parsed : parsed.map(({ args }) => args), [[word]]);
});

test('nesting that never ends is left, and so are rings of files', () => {
  const [lighttpd, apache] = ['lighttpd', 'apache'].map((name) => TRIALS.find(({ server }) => server === name));
  assert.ok(lighttpd !== undefined && apache !== undefined);
  for (const [trial, text] of [
    [lighttpd, '$HTTP["host"] == "a.test" {\n'.repeat(2_000)],
    [lighttpd, 'include "main.conf"\n'],
    [apache, '<Macro A>\nUse A\nUse A\n</Macro>\nUse A\n'],
  ] as const)
    assert.ok(isUnread(audited(trial, text)), text.slice(0, 40));
});
