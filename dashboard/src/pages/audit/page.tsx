import { AuditLog } from './log.tsx';

/** The audit log of everything that the token may see. */
export function Page() {
  return <AuditLog zone={null} />;
}
