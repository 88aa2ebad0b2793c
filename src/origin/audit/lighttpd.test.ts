import { before, describe, test } from 'node:test';
import { sourceOf } from '../install/memory.fixture.ts';
import { assertCase, type AuditCase, AUDITED_AT, trustedFiles } from './audited-case.fixture.ts';
import { LIGHTTPD_CASES } from './lighttpd.fixture.ts';
import { auditLighttpd } from './lighttpd.ts';

let files: ReadonlyMap<string, string>;
before(async () => {
  files = await trustedFiles();
});

function audited({ config, hosts = [], more = {} }: AuditCase) {
  const source = sourceOf(new Map([...files, ...Object.entries(more), ['/t/main.conf', config]]));
  return auditLighttpd({ main: '/t/main.conf', source, now: AUDITED_AT, hosts, version: null });
}

describe('lighttpd', () => {
  for (const one of LIGHTTPD_CASES) test(one.title, () => assertCase(audited(one), one));
});
