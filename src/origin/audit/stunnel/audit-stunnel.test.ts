import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { audited, auditFiles, grave, overall } from '../audit.fixture.ts';
import { CASES, service } from './cases.fixture.ts';

let files: ReadonlyMap<string, string> = new Map();
before(async () => {
  files = await auditFiles();
});

describe('stunnel', () => {
  for (const [title, text, verdict, expected, also = []] of CASES) {
    test(title, () => {
      const reading = audited(files, { server: 'stunnel', text });
      assert.ok(reading.claims.length > 0, 'nothing is claimed');
      assert.deepEqual(
        { verdict: overall(reading), grave: grave(reading) },
        { verdict, grave: [...expected].sort() },
        JSON.stringify(reading, null, 1),
      );
      const codes = reading.findings.map(({ code }) => code);
      for (const code of also)
        assert.ok(
          codes.some((one) => one === code),
          `${code} is missing in ${codes.join(' ')}`,
        );
    });
  }

  test('reads the directories that it includes', () => {
    const more = new Map([['/etc/lab/conf.d/site.conf', service('CAfile = edge-ca.pem\n')]]);
    const reading = audited(files, { server: 'stunnel', text: 'include = /etc/lab/conf.d\n', more });
    assert.deepEqual(reading.findings.map(({ code, where }) => [code, where?.file])[0], [
      'verification_off',
      '/etc/lab/conf.d/site.conf',
    ]);
  });
});
