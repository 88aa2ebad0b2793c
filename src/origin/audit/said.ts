import type { FindingCode } from '../../doctor/diagnosis/findings.ts';
import type { Place } from '../server/place.ts';

/** What an audit says beside a verdict, before it becomes a finding. */
export interface Said {
  readonly code: FindingCode;
  readonly where: Place;
  readonly detail: string;
}
