import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ConfigurationReading, NotChecked } from '../../../src/doctor/configuration.ts';
import { diagnose, type Diagnosis, type Examined } from '../../../src/doctor/diagnosis/diagnose.ts';
import type { Finding } from '../../../src/doctor/diagnosis/finding.ts';
import { FINDINGS } from '../../../src/doctor/diagnosis/findings.ts';
import { refsOf } from '../../../src/doctor/diagnosis/refs.ts';
import { worst } from '../../../src/domain/verdict.ts';
import { needs, type Program } from '../../support/availability.ts';
import { DidNotStart } from '../../support/server-process.ts';
import { Applications } from './applications.ts';
import type { Case, Expected, Server } from './case.ts';
import { gatherPeople } from './people.ts';
import { auditCase, lookAt, readingOf, startCase, type World } from './run-case.ts';

const PROGRAMS: Readonly<Record<Server, Program>> = {
  nginx: 'nginx',
  apache: 'apache2',
  haproxy: 'haproxy',
  caddy: 'caddy',
  lighttpd: 'lighttpd',
  stunnel: 'stunnel4',
  node: 'node',
};

// Servers and their looks at a time: each waits more than it works.
const AT_ONCE = 4;

/** Holds the doctor to every case: what it says after knocking, and what it says of the text. */
export function hold(server: Server, cases: readonly Case[]): void {
  void describe(`the doctor at ${server}`, { ...needs(PROGRAMS[server]), concurrency: AT_ONCE }, () => {
    let world: World;
    before(async () => {
      world = { people: await gatherPeople(Date.now()), applications: new Applications() };
    });
    after(() => world?.applications[Symbol.asyncDispose]());

    for (const one of cases) {
      const { written, skip = false } = one;
      void test(one.name, { skip }, () => holdOne(server, one, world));
      if (written !== null) void test(`${one.name}, as it is written`, () => holdText(server, one, written, world));
    }
  });
}

async function holdOne(server: Server, one: Case, world: World): Promise<void> {
  if (one.live === null) {
    await assert.rejects(startCase(server, one, world), DidNotStart);
    return;
  }
  await using started = await startCase(server, one, world);
  const examined = await lookAt(started, one, world);
  const diagnosis = diagnose(examined);
  fits(one.live, diagnosis, () => told(diagnosis));
  const configuration = readingOf(server, started.file);
  if (one.running === undefined) agrees(examined, configuration);
  else differs(examined, configuration);
}

async function holdText(server: Server, one: Case, expected: Expected, world: World): Promise<void> {
  const reading = await auditCase(server, one, world);
  assert.ok(reading !== null, 'its configuration is not read');
  const verdict = reading.claims.length === 0 ? 'unknown' : worst(reading.claims.map((claim) => claim.verdict));
  fits(expected, { ...reading, verdict }, () => `${verdict}\n${readingText(reading)}`);
}

// It runs what is written: whatever the doctor finds, it may not send anybody to look for another file.
function agrees(examined: Examined, configuration: ConfigurationReading | null): void {
  const { findings } = diagnose({ ...examined, configuration });
  const differing = findings.filter(({ code }) => code === 'config_differs');
  assert.deepEqual(
    differing.map(({ detail }) => detail),
    [],
    configuration === null ? '' : readingText(configuration),
  );
}

function differs(examined: Examined, configuration: ConfigurationReading | null): void {
  const diagnosis = diagnose({ ...examined, configuration });
  assert.ok(diagnosis.findings.flatMap(refsOf).includes('NE-29'), told(diagnosis));
}

interface Judged {
  readonly verdict: string;
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
}

/** Holds what was judged to what is expected. */
export function fits(
  { verdict, refs = [], also = [], without = [], notChecked = [] }: Expected,
  judged: Judged,
  why: () => string,
): void {
  const verdicts: readonly string[] = [verdict].flat();
  assert.ok(verdicts.includes(judged.verdict), `not ${verdicts.join(' or ')}: ${why()}`);
  const found = new Set(judged.findings.flatMap(refsOf));
  assert.deepEqual(
    refs.filter((ref) => !found.has(ref)),
    [],
    `not found: ${why()}`,
  );
  assert.deepEqual(
    without.filter((ref) => found.has(ref)),
    [],
    `found, and not there: ${why()}`,
  );
  const allowed = new Set([...refs, ...also]);
  const wrong = judged.findings.filter(
    (finding) => isGrave(finding) && !refsOf(finding).some((ref) => allowed.has(ref)),
  );
  assert.deepEqual(
    wrong.map(({ code }) => code),
    [],
    `found, and not there: ${why()}`,
  );
  const left = judged.notChecked.map(({ what, why: reason }) => `${what}: ${reason}`);
  const unsaid = notChecked.filter((pattern) => !left.some((text) => pattern.test(text)));
  assert.deepEqual(unsaid, [], `not said to be unseen: ${left.join('\n')}`);
}

function isGrave({ code }: Finding): boolean {
  const { severity } = FINDINGS[code];
  return severity === 'critical' || severity === 'high';
}

/** All of a diagnosis, for the message of an assertion. */
export function told({ verdict, targets, findings, checked }: Diagnosis): string {
  const lines = [
    verdict,
    ...targets.map(({ target: { address, port, door }, verdict: one }) => `  ${door} ${address}:${port} ${one}`),
    ...findings.map((one) => `  ${one.code} ${refsOf(one).join(' ')} ${one.detail} ${evidence(one)}`),
    ...checked.map(({ probe, target, saw }) => `    ${target}: ${probe} -> ${saw}`),
  ];
  return lines.join('\n');
}

function evidence({ evidence: seen, where }: Finding): string {
  const place = where === null ? '' : `${where.file}:${where.line} `;
  return place + seen.map(({ probe, saw }) => `[${probe} -> ${saw}]`).join(' ');
}

function readingText({ claims, findings }: ConfigurationReading): string {
  return [
    ...claims.map(
      ({ host, address, port, verdict, where }) => `  ${host} ${address}:${port} ${verdict} (${where.line})`,
    ),
    ...findings.map((one) => `  ${one.code} ${refsOf(one).join(' ')} ${one.detail} ${evidence(one)}`),
  ].join('\n');
}
