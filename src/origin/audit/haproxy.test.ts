import { before, describe, test } from 'node:test';
import { sourceOf } from '../install/memory.fixture.ts';
import { assertCase, type AuditCase, AUDITED_AT, trustedFiles } from './audited-case.fixture.ts';
import { HAPROXY_CASES } from './haproxy.fixture.ts';
import { auditHaproxy } from './haproxy.ts';

let files: ReadonlyMap<string, string>;
before(async () => {
  files = await trustedFiles();
});

function audited({ config, hosts = [], more = {} }: AuditCase) {
  const source = sourceOf(new Map([...files, ...Object.entries(more), ['/t/main.cfg', config]]));
  return auditHaproxy({ main: '/t/main.cfg', source, now: AUDITED_AT, hosts, version: null });
}

describe('HAProxy', () => {
  for (const one of HAPROXY_CASES) test(one.title, () => assertCase(audited(one), one));
});
