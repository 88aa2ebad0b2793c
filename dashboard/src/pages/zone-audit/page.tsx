import type { ZonePageProps } from '../../page-props.ts';
import { AuditLog } from '../audit/log.tsx';

/** The audit log of one zone. */
export function Page({ zone }: ZonePageProps) {
  return <AuditLog zone={zone} />;
}
