import type { AuditCase } from './audited-case.fixture.ts';
import { APACHE_ASKING } from './apache-asking.fixture.ts';
import { APACHE_MODULES } from './apache-modules.fixture.ts';
import { APACHE_TRUST } from './apache-trust.fixture.ts';

/** Configurations of Apache, one for each fault of the catalogue that it can have, and right ones. */
export const APACHE_CASES: readonly AuditCase[] = [...APACHE_ASKING, ...APACHE_TRUST, ...APACHE_MODULES];
