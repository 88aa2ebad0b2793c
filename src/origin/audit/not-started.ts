import type { ConfigurationReading } from '../../doctor/configuration.ts';
import { FINDINGS } from '../../doctor/diagnosis/findings.ts';
import { type Place, placeText } from '../server/place.ts';

/** A configuration that the server refuses to load: whatever else it says, nobody gets in by it, and the edge neither. */
export function notStarted(reading: ConfigurationReading, program: string, where: Place | null): ConfigurationReading {
  const at = where === null ? '' : ` (${placeText(where)})`;
  return {
    ...reading,
    claims: reading.claims.map((claim) => ({ ...claim, verdict: 'broken' })),
    findings: reading.findings.filter(({ code }) => FINDINGS[code].severity !== 'critical'),
    notChecked: [
      ...reading.notChecked,
      { what: 'who gets in', why: `${program} does not start with this configuration${at}` },
    ],
  };
}
