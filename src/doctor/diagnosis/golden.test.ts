import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Target } from '../target.ts';
import { type Diagnosis, diagnose } from './diagnose.ts';
import { FINDINGS } from './findings.ts';
import { observations } from './notation.fixture.ts';
import { refsOf } from './refs.ts';

// Each file holds what was seen of a real server, and what is made of it: UPDATE_GOLDEN=1 writes the latter anew.
const DIRECTORY = join(import.meta.dirname, 'golden');
const MADE = '\n=> ';

function parts(text: string): readonly [Target, string][] {
  return text
    .split(/^@ /m)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [head = '', ...lines] = part.split('\n');
      const [door = '', address = '', port = ''] = head.split(' ');
      return [{ host: 'a.test', address, port: Number(port), door: door as Target['door'] }, lines.join('\n')];
    });
}

function toldOf({ verdict, targets, findings }: Diagnosis): string {
  const lines = [
    verdict,
    ...targets.map((one) => `${one.target.door} ${one.target.address} ${one.target.port}: ${one.verdict}`),
    ...findings.flatMap((finding) => [
      [FINDINGS[finding.code].severity, finding.code, ...refsOf(finding), finding.detail].join(' ').trimEnd(),
      ...finding.evidence.map(({ probe, saw }) => `  ${probe}: ${saw}`),
    ]),
  ];
  return lines.map((line) => `=> ${line}\n`).join('');
}

describe('what was seen of real servers', () => {
  const files = readdirSync(DIRECTORY).filter((name) => name.endsWith('.txt'));
  test('is there', () => assert.ok(files.length >= 12));
  for (const name of files) {
    test(name, () => {
      const file = join(DIRECTORY, name);
      const [seen = ''] = readFileSync(file, 'utf8').split(MADE);
      const sections = parts(`${seen}\n`);
      const told = diagnose({
        targets: sections.map(([target]) => target),
        observations: sections.flatMap(([target, lines]) => observations(lines, target)),
        configuration: null,
        identity: null,
        notChecked: [],
      });
      const whole = `${seen}\n${toldOf(told)}`;
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, whole);
      assert.equal(readFileSync(file, 'utf8'), whole);
    });
  }
});
