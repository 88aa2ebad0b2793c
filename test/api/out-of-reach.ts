import type { ProblemCode } from '../../src/domain/problems.ts';
import { REVOCATION_OUT_OF_REACH } from './revocation-provocations.ts';
import { ROTATION_OUT_OF_REACH } from './rotation-provocations.ts';

/** Rows that nobody outside can reach at will, and where they are tested instead. */
export const OUT_OF_REACH: Readonly<Partial<Record<ProblemCode, string>>> = {
  ...REVOCATION_OUT_OF_REACH,
  ...ROTATION_OUT_OF_REACH,
  too_slow: 'ten seconds must pass: src/control/listener/servers.test.ts',
  no_dashboard: 'it is built wherever tests run: src/control/listener/dashboard.test.ts',
  internal: 'a mistake of ours: the fuzz tests look for one that would lead here',
  unavailable: 'the disk must fail: src/control/commit.test.ts',
  backup_failed: 'the disk must fail: src/control/backup/backups.test.ts',
  certificate_changed: 'two changes must meet within one turn: src/domain/custom-certificate-changes.test.ts',
};
