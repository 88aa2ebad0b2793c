import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import { createAuthority, validFor } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { commonNameOf } from './common-name.ts';

test('the common name is that of the certificate, whatever stands in other parts of its subject', async () => {
  const key = await generateKey();
  const validity = validFor(instant(Date.now()), 60_000);
  for (const organization of ['x, CN=admin', 'x\\, CN=admin', 'x\\', 'x + CN=admin', 'CN=admin']) {
    for (const commonName of ['pull', 'pull, CN=other', 'a\\b', 'müller', ' edge ']) {
      const { certificate } = createAuthority({
        profile: PROFILES.pullRoot,
        subject: { organization, commonName },
        validity,
        key,
      });
      assert.equal(commonNameOf(certificate.subject), commonName, certificate.subject);
    }
  }
  assert.equal(commonNameOf('O=Example'), null);
  assert.equal(commonNameOf(''), null);
});
