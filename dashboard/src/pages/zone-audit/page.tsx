import type { ZonePageProps } from '../../zone.tsx';
import { AuditLog } from '../audit/log.tsx';

/** The audit log of one zone. */
export function Page({ zone }: ZonePageProps) {
  return <AuditLog zone={zone} />;
}
