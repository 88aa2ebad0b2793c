import { CREDENTIAL_CONSEQUENCES } from '../../src/domain/credential-consequences.ts';
import type { ConsequenceRow } from '../../src/domain/consequence-row.ts';
import { PULL_CONSEQUENCES } from '../../src/domain/pull-consequences.ts';
import { VISITOR_CONSEQUENCES } from '../../src/domain/visitor-consequences.ts';
import { IMPACT_ACTS, OTHER_ACTS } from './impact-acts.ts';
import { markdownTable } from './table.ts';

/** docs/impact.md. */
export function impactPage(): string {
  const acts = Object.entries(IMPACT_ACTS).map(([kind, { does, page, command, counted }]) => [
    does,
    `\`${kind}\``,
    page,
    command === null ? '–' : `\`${command}\``,
    counted,
  ]);
  const parts = [
    INTRODUCTION,
    '## What is asked about',
    markdownTable(
      ['What is done', 'Kind in the API', 'Dashboard', 'Takes `--preview`', 'What of the last hour is said'],
      acts,
    ),
    OTHERS,
    markdownTable(['What is done', 'Dashboard', 'What is said before'], OTHER_ACTS),
    COUNTED,
    '## What may follow',
    SEVERITIES,
    ...TABLES.map(([title, rows]) => `### ${title}\n\n${consequences(rows)}`),
  ];
  return `${parts.join('\n\n')}\n`;
}

const TABLES: readonly (readonly [title: string, rows: Readonly<Record<string, ConsequenceRow>>])[] = [
  ['For pulls and locks', PULL_CONSEQUENCES],
  ['For visitors, and for how origins are believed', VISITOR_CONSEQUENCES],
  ['For tokens and channels', CREDENTIAL_CONSEQUENCES],
];

function consequences(rows: Readonly<Record<string, ConsequenceRow>>): string {
  return markdownTable(
    ['Code', 'Severity', 'What follows', 'What to do'],
    Object.entries(rows).map(([code, { severity, text, fix }]) => [`\`${code}\``, severity, `${text}.`, fix]),
  );
}

const INTRODUCTION = `<!-- Written by tools/generate-docs.ts from the tables of consequences in src/domain and tools/docs/impact-acts.ts. Do not edit by hand. -->

# What a change would do

Whatever could stop something that works, or open something that is closed, can be asked about before it is done:

- the dashboard asks by itself, and does without a word what can harm nothing;
- on the command line \`--preview\` says what would follow, changes nothing, and ends with 1 where something would break or open;
- the API has \`POST /postern/v1/zones/:zone/impact\`, \`/postern/v1/tokens/:id/impact\` and
  \`/postern/v1/notice_channels/:id/impact\`. A change that would be refused is refused there with the same words.

Keys are not asked for: of a certificate only the certificate itself is sent.`;

const OTHERS = `What the dashboard can do besides, and what is said before it:`;

const COUNTED = `## What is counted, and what is not

Counts are those of the last hour, as the edges told them within the last second. Where an hour is not counted yet, the
sentence says how many minutes are; where an edge does not tell, it says that there may have been more; where
nobody counts, nothing is claimed. The answer of the API has \`counted\` with both.

Pulls are counted by hostname. What visitors do is counted by zone: with which TLS they came, whether they showed a
certificate, how many were turned away and why. Nothing is counted by address, by single visitor or by the CA of a visitor's
certificate, and which CA an origin's own certificate hangs on is not kept: of these the sentences say that it is not known.`;

const SEVERITIES = `\`stop\` breaks what works now, or opens what is closed. \`warning\` may do so. \`note\` is good to know.`;
