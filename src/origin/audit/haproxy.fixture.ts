import type { AuditCase } from './audited-case.fixture.ts';
import { HAPROXY_ASKING } from './haproxy-asking.fixture.ts';
import { HAPROXY_TRUST } from './haproxy-trust.fixture.ts';

/** Configurations of HAProxy, one for each fault of the catalogue that it can have, and right ones. */
export const HAPROXY_CASES: readonly AuditCase[] = [...HAPROXY_ASKING, ...HAPROXY_TRUST];
