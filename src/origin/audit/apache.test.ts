import { before, describe, test } from 'node:test';
import { sourceOf } from '../install/memory.fixture.ts';
import { serverVersion } from '../server-version.ts';
import { APACHE_CASES } from './apache.fixture.ts';
import { auditApache } from './apache.ts';
import { assertCase, type AuditCase, AUDITED_AT, trustedFiles } from './audited-case.fixture.ts';

let files: ReadonlyMap<string, string>;
before(async () => {
  files = await trustedFiles();
});

function audited({ config, hosts = [], version, more = {} }: AuditCase) {
  const all = new Map([...files, ...Object.entries(more), ['/t/main.conf', config]]);
  return auditApache({
    main: '/t/main.conf',
    source: sourceOf(all),
    now: AUDITED_AT,
    hosts,
    version: version === undefined ? null : serverVersion(version),
  });
}

describe('Apache', () => {
  for (const one of APACHE_CASES) test(one.title, () => assertCase(audited(one), one));
});
