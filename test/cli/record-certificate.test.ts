import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CertificateLook } from '../../src/wire/origin-certificate-looks.ts';
import { originAuthority, showingOf, showingOrigin } from '../support/showing-origins.ts';
import { type CommandLine, startCommandLine } from './command-line.ts';

let line: CommandLine;

before(async () => {
  line = await startCommandLine();
});
after(() => line[Symbol.asyncDispose]());

test('which certificate the origin of a hostname shows is told, and by the exit code whether the edge believes it', async () => {
  const acme = await originAuthority('Acme internal CA');
  await using origin = await showingOrigin(await showingOf(acme, ['www.shown.test'], { sendsRoot: true }));
  const zone = await line.json<{ readonly id: string }>('zones', 'create', 'shown.test');
  const add = ['records', 'add', 'www', 'A', '127.0.0.1', '--zone', 'shown.test', '--proxied'];
  await line.good(...add, '--origin-https-port', String(origin.port));
  const ask = ['records', 'certificate', 'www.shown.test', '--zone', 'shown.test'];
  const before = await line.run(...ask);
  assert.equal(before.code, 1, before.stderr);
  assert.match(before.stdout, /not believed \(526\)/);
  assert.match(before.stdout, /signed by +CN=Acme internal CA/);
  assert.match(before.stdout, new RegExp(`sent its CA along: .*${acme.certificate.fingerprint}`));
  const path = `/zones/${zone.id}/acm/custom_trust_store`;
  await line.postern.call('POST', path, { certificate: acme.certificate.pem });
  const then = await line.json<CertificateLook>(...ask);
  assert.deepEqual(
    then.origins.map(({ believed }) => believed),
    [true],
  );
  await origin[Symbol.asyncDispose]();
  const gone = await line.run(...ask);
  assert.equal(gone.code, 3, gone.stderr);
  assert.match(gone.stdout, /not seen\. The origin refused the connection/);
});
