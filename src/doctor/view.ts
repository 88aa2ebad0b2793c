import type { Diagnosis } from './diagnosis/diagnose.ts';
import { FINDINGS } from './diagnosis/findings.ts';
import { fixText } from './diagnosis/fixes.ts';
import { refsOf } from './diagnosis/refs.ts';
import { connectText } from './target.ts';

/** A diagnosis as JSON: the contract of `postern doctor --format json`. */
export function diagnosisView({ verdict, targets, findings, checked, notChecked }: Diagnosis) {
  return {
    verdict,
    targets: targets.map(({ target, verdict: own }) => ({
      host: target.host,
      connect: connectText(target),
      door: target.door,
      verdict: own,
    })),
    findings: findings.map((finding) => {
      const { code, target, where, detail, server, evidence } = finding;
      const { severity, title } = FINDINGS[code];
      const [refs, fix] = [refsOf(finding), fixText(code, server)];
      return { code, severity, title, detail, fix, refs, target, ...(where === null ? {} : { where }), evidence };
    }),
    checked,
    notChecked,
  };
}
