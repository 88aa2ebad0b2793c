import { FINDINGS, isFindingCode } from '../../doctor/diagnosis/findings.ts';
import { inPageWords } from './page-words.ts';

/** What was found, as a sentence; the code itself where another program kept one that this one does not know. */
export function findingTitle(code: string): string {
  return isFindingCode(code) ? FINDINGS[code].title : code;
}

/** What was found, and what to do in any server's stead; `null` where another program kept a code that this one does not know. */
export function findingWords(code: string): { readonly title: string; readonly fix: string } | null {
  return isFindingCode(code) ? { title: FINDINGS[code].title, fix: inPageWords(FINDINGS[code].fix) } : null;
}
