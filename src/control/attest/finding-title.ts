import { FINDINGS, isFindingCode } from '../../doctor/diagnosis/findings.ts';

/** What was found, as a sentence; the code itself where another program kept one that this one does not know. */
export function findingTitle(code: string): string {
  return isFindingCode(code) ? FINDINGS[code].title : code;
}
