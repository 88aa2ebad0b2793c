import { FINDINGS, type FindingCode } from '../doctor/diagnosis/findings.ts';
import { fixText, SERVER_KINDS } from '../doctor/diagnosis/fixes.ts';
import { MEANINGS } from '../doctor/diagnosis/meaning/meanings.ts';
import type { FindingKind } from '../doctor/diagnosis/severity.ts';
import { Failure } from './failure.ts';
import { didYouMean } from './nearest.ts';
import { onStdout, show } from './print.ts';
import { wrapped } from './wrap.ts';

const CODES = Object.keys(FINDINGS) as readonly FindingCode[];
const COLUMNS = 80;

/** Says what a finding means, by its code or by an id of the catalogue, which several findings may stand for. */
export function explain(word: string, json: boolean): void {
  const codes = codesOf(word);
  show(
    json,
    codes.map((code) => ({ code, ...FINDINGS[code], ...MEANINGS[code], fixes: Object.fromEntries(ownFixes(code)) })),
    () => codes.map(explained).join('\n\n\n'),
  );
}

function codesOf(word: string): readonly FindingCode[] {
  const plain = word.trim();
  const own = CODES.filter((code) => code === plain.toLowerCase().replaceAll('-', '_'));
  const found = own.length > 0 ? own : CODES.filter((code) => refsOf(code).includes(plain.toUpperCase()));
  if (found.length > 0) return found;
  const ids = [...new Set(CODES.flatMap(refsOf))];
  throw new Failure(
    `There is no finding ${JSON.stringify(word)}.`,
    `${didYouMean(word, [...CODES, ...ids])}docs/findings.md has them all.`,
  );
}

function refsOf(code: FindingCode): readonly string[] {
  return FINDINGS[code].refs;
}

function ownFixes(code: FindingCode): readonly (readonly [server: string, fix: string])[] {
  return SERVER_KINDS.flatMap((server) => {
    const fix = fixText(code, server);
    return fix === FINDINGS[code].fix ? [] : [[server, fix] as const];
  });
}

function explained(code: FindingCode): string {
  const { severity, refs, title, fix }: FindingKind = FINDINGS[code];
  const { means, seen } = MEANINGS[code];
  const own = ownFixes(code).map(
    ([server, text]) => `${onStdout('bold', server)}\n${indented(text.split('\n')).join('\n')}`,
  );
  return [
    `${onStdout('bold', title)}\n${onStdout('dim', [code, severity, ...refs].join(' · '))}`,
    wrapped(means, COLUMNS).join('\n'),
    `${onStdout('bold', 'How it is seen')}\n${indented(wrapped(seen, COLUMNS - 2)).join('\n')}`,
    `${onStdout('bold', 'What to do')}\n${indented(wrapped(fix, COLUMNS - 2)).join('\n')}`,
    ...own,
  ].join('\n\n');
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
