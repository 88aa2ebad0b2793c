import { worst } from '../../domain/verdict.ts';
import type { NotChecked } from '../configuration.ts';
import type { Diagnosis } from './diagnose.ts';
import { FINDINGS } from './findings.ts';
import type { Severity } from './severity.ts';

/** A diagnosis of all doors of one host. */
export interface HostDiagnosis {
  readonly host: string;
  readonly diagnosis: Diagnosis;
}

const ORDER: readonly Severity[] = ['critical', 'high', 'medium', 'low'];
const MAX_NAMED = 3;

/** One diagnosis of hosts that were judged one by one, for where there are too many to keep all that was seen. */
export function joined(parts: readonly HostDiagnosis[], notChecked: readonly NotChecked[]): Diagnosis {
  const all = parts.map(({ diagnosis }) => diagnosis);
  return {
    verdict: worst(all.map(({ verdict }) => verdict)),
    targets: all.flatMap(({ targets }) => targets),
    findings: all
      .flatMap(({ findings }) => findings)
      .toSorted((a, b) => ORDER.indexOf(FINDINGS[a.code].severity) - ORDER.indexOf(FINDINGS[b.code].severity)),
    checked: all.flatMap(({ checked }) => checked),
    notChecked: [...notChecked, ...joinedNotChecked(parts)],
  };
}

// What was checked at no host is said once; else the hosts are named.
function joinedNotChecked(parts: readonly HostDiagnosis[]): readonly NotChecked[] {
  const rows = parts.flatMap(({ host, diagnosis }) => diagnosis.notChecked.map((row) => ({ host, row })));
  return [...Map.groupBy(rows, ({ row }) => `${row.what}\0${row.why}`).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const hosts = [...new Set(same.map(({ host }) => host))];
    if (hosts.length === parts.length) return [first.row];
    const rest = hosts.length - MAX_NAMED;
    const named = `${hosts.slice(0, MAX_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    return [{ what: `${first.row.what}: ${named}`, why: first.row.why }];
  });
}
