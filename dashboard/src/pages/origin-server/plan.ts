import type { Verdict } from '../../parts/verdict.tsx';

interface Plan {
  readonly kind: 'not_served' | 'redirect' | 'plaintext' | 'without' | 'present' | 'refuse';
  readonly because: string;
  readonly sentence: string;
}

/** A row of `GET /postern/v1/zones/:zone/plans`. */
export interface PlanRow {
  readonly hostname: string;
  readonly https: Plan;
  readonly level: 'hostname' | 'zone' | 'global' | null;
  readonly why: string;
  readonly identity: 'managed' | 'uploaded' | 'shared' | null;
  readonly certificate: { readonly id: string; readonly fingerprint: string; readonly expires_on: string } | null;
  /** Of its lock, the worst of its origins; `null` where none was looked at. */
  readonly verdict: Verdict | null;
}

/** What the edge does for a hostname, in two or three words. */
export const KINDS: Readonly<Record<Plan['kind'], string>> = {
  present: 'Shows a certificate',
  without: 'Shows no certificate',
  refuse: 'Does not pull',
  plaintext: 'Pulls over plain HTTP',
  redirect: 'Redirects to http',
  not_served: 'Not served',
};

/** Whether that is as it should be, tells colours apart beside the words. */
export const LOOKS: Readonly<Record<Plan['kind'], 'good' | 'worry' | 'bad' | ''>> = {
  present: 'good',
  without: 'worry',
  refuse: 'bad',
  plaintext: 'worry',
  redirect: 'worry',
  not_served: '',
};

/** Which level decides, in a word. A veto is the only word of a hostname that names no certificate. */
export function levelWord({ level, certificate }: PlanRow): string {
  if (level === null) return 'None';
  if (level === 'hostname') return certificate === null ? 'Hostname: veto' : 'Hostname';
  return level === 'zone' ? 'Zone' : 'Global';
}
