import { CONTROL_FACTS } from '../../src/doctor/diagnosis/control-facts.ts';
import { EXPOSURE } from '../../src/doctor/diagnosis/exposure.ts';
import { FINDINGS, type FindingCode } from '../../src/doctor/diagnosis/findings.ts';
import { fixText, SERVER_KINDS } from '../../src/doctor/diagnosis/fixes.ts';
import { HEADER_TRUST } from '../../src/doctor/diagnosis/header-trust.ts';
import { LOCKED_OUT } from '../../src/doctor/diagnosis/locked-out.ts';
import { MEANINGS } from '../../src/doctor/diagnosis/meaning/meanings.ts';
import { NOT_ENFORCED } from '../../src/doctor/diagnosis/not-enforced.ts';
import type { FindingKind } from '../../src/doctor/diagnosis/severity.ts';
import { TOO_TRUSTING } from '../../src/doctor/diagnosis/too-trusting.ts';
import { UNSURE } from '../../src/doctor/diagnosis/unsure.ts';
import { markdownTable } from './table.ts';

const FAMILIES: readonly (readonly [title: string, rows: Readonly<Partial<Record<FindingCode, FindingKind>>>])[] = [
  ['Not enforced', NOT_ENFORCED],
  ['Trusts too much', TOO_TRUSTING],
  ['Headers that are believed', HEADER_TRUST],
  ['The edge is kept out', LOCKED_OUT],
  ['Not sure', UNSURE],
  ['Exposure: how the address is learnt', EXPOSURE],
  ['What the edge itself says', CONTROL_FACTS],
];

/** docs/findings.md. */
export function findingsPage(): string {
  const families = FAMILIES.map(([title, rows]) => `## ${title}\n\n${codesOf(rows).map(section).join('\n\n')}`);
  return `${[INTRODUCTION, ...families, catalogue()].join('\n\n')}\n`;
}

function codesOf(rows: Readonly<Partial<Record<FindingCode, FindingKind>>>): readonly FindingCode[] {
  return Object.keys(rows) as readonly FindingCode[];
}

function section(code: FindingCode): string {
  const { severity, refs, title, fix }: FindingKind = FINDINGS[code];
  const { means, seen } = MEANINGS[code];
  const own = SERVER_KINDS.flatMap((server) => {
    const text = fixText(code, server);
    return text === fix ? [] : [`${server}:\n\n\`\`\`text\n${text}\n\`\`\``];
  });
  const facts = [severity, ...refs].join(' · ');
  return [`### ${code}`, `**${title}** (${facts})`, means, `Seen: ${seen}`, `What to do: ${fix}`, ...own].join('\n\n');
}

function catalogue(): string {
  const ids = [...new Set(codesOf(FINDINGS).flatMap((code) => FINDINGS[code].refs))].toSorted();
  const rows = ids.map((id) => [
    id,
    codesOf(FINDINGS)
      .filter((code) => refsOf(code).includes(id))
      .map((code) => `[${code}](#${code})`)
      .join(', '),
  ]);
  return `## Ids of the catalogue\n\n${CATALOGUE}\n\n${markdownTable(['Id', 'Findings'], rows)}`;
}

function refsOf(code: FindingCode): readonly string[] {
  return FINDINGS[code].refs;
}

const INTRODUCTION = `<!-- Written by tools/generate-docs.ts from FINDINGS, MEANINGS and the fixes of the servers. Do not edit by hand. -->

# Findings

What \`postern doctor\` can find: for each kind its code, how bad it is, what it means, how it comes to light, and what to
do, in the words of each server that has words of its own for it. \`postern doctor --explain CODE\` prints the same.
How to use the doctor is in [its guide](guides/doctor.md).

Severities: **critical**: anybody gets the application. **high**: some outsiders do, or the edge is kept out. **medium**:
it will come to that, or something cannot be relied on. **low**: worth knowing.`;

const CATALOGUE = `Reports carry these ids in \`refs\`. The letters say what fails: NE the lock is not enforced, TT it trusts too much, HT a
header is trusted, LO the edge is locked out. \`postern doctor --explain NE-02\` takes them as well.`;
