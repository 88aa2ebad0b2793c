import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Forger } from '../../src/doctor/forged-key.ts';
import { knock } from '../../src/doctor/knock.ts';
import { instant } from '../../src/domain/ids.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from '../../src/pki/issue.ts';
import { generateKey, KEY_TYPES } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { reread } from '../../src/pki/read.ts';
import { writeCredential } from '../servers/locked-origin.ts';
import { needs, programPath } from '../support/availability.ts';
import { freePorts } from '../support/free-port.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { accepts } from '../support/server-process.ts';

const forger = new Forger();
const validity = validFor(instant(Date.now()), 3_600_000);

async function authority(commonName: string): Promise<Authority> {
  return createAuthority({ profile: PROFILES.pullRoot, subject: { commonName }, key: await generateKey(), validity });
}

describe('somebody else’s certificate, shown with a key that was made up', needs('openssl'), () => {
  const scratch = scratchDirectory();
  let trusted: Authority;
  let child: ChildProcess;
  let port = 0;

  before(async () => {
    trusted = await authority('Trusted');
    const server = issueLeaf(trusted, {
      profile: PROFILES.serverLeaf,
      subject: { commonName: 'server' },
      key: await generateKey(),
      validity,
    });
    writeCredential(scratch.path, 'site', { cert: server.certificate.pem, key: server.key.reveal() });
    writeFileSync(join(scratch.path, 'ca.pem'), trusted.certificate.pem);
    [port = 0] = await freePorts(1);
    const files = [
      '-cert',
      'site.pem',
      '-key',
      'site.key',
      '-CAfile',
      'ca.pem',
      '-Verify',
      '1',
      '-verify_return_error',
    ];
    child = spawn(programPath('openssl'), ['s_server', '-accept', `127.0.0.1:${port}`, '-www', ...files], {
      cwd: scratch.path,
      stdio: 'ignore',
    });
    while (!(await accepts(port))) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  after(() => {
    child.kill('SIGKILL');
    scratch[Symbol.dispose]();
  });

  async function alertFor(issuer: Authority, keyType: (typeof KEY_TYPES)[number], tlsVersion: 'TLSv1.2' | 'TLSv1.3') {
    const { certificate } = issueLeaf(issuer, {
      profile: PROFILES.pullLeaf,
      subject: { commonName: 'the edge' },
      key: await generateKey(keyType),
      validity,
    });
    const key = await forger.forgedKey(reread(certificate).der.spki);
    assert.ok(key !== null);
    const asked = { address: '127.0.0.1', port, serverName: null, host: 'x', path: '/', headers: [], timeout: 10_000 };
    const { saw } = await knock({ ...asked, tlsVersion, credential: { cert: certificate.pem, key } });
    return saw;
  }

  for (const keyType of KEY_TYPES.filter((type) => type !== 'rsa:4096')) {
    test(`${keyType}: a good chain is told from a bad one by the alert`, async () => {
      const stranger = await authority('Stranger');
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        assert.deepEqual(await alertFor(trusted, keyType, version), { kind: 'alert', number: 51 });
        assert.deepEqual(await alertFor(stranger, keyType, version), { kind: 'alert', number: 48 });
      }
    });
  }
});

test('a forged key is none: what it signs is worth nothing, and kinds that cannot be forged are left', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const forged = await forger.forgedKey(spki);
  assert.notEqual(forged, await forger.forgedKey(spki));
  assert.deepEqual(createPublicKey(forged ?? '').export({ format: 'der', type: 'spki' }), spki);
  const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });
  assert.equal(await forger.forgedKey(ed25519), null);
});
