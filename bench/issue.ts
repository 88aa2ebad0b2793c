/** Certificates per second on one core: `node bench/issue.ts`. */

import { hostname, instant, zoneId } from '../src/domain/ids.ts';
import { verifyPath } from '../src/pki/chain.ts';
import { createAuthority, issueLeaf, validFor } from '../src/pki/issue.ts';
import { generateKey, type KeyType } from '../src/pki/keys.ts';
import { readPem } from '../src/pki/pem.ts';
import { PROFILES } from '../src/pki/profiles.ts';
import { readCertificate } from '../src/pki/read.ts';
import { createZoneAuthority } from '../src/pki/zone-authority.ts';

const now = instant(Date.now());

function perSecond(what: string, work: () => unknown): void {
  const until = performance.now() + 1_000;
  let count = 0;
  for (; performance.now() < until; count += 1) work();
  process.stdout.write(`${what.padEnd(48)} ${Math.round(count)}/s\n`);
}

async function leafs(type: KeyType): Promise<void> {
  const validity = validFor(now, 86_400_000);
  const subject = { commonName: 'bench' };
  const root = createAuthority({ profile: PROFILES.pullRoot, subject, key: await generateKey(type), validity });
  const key = await generateKey();
  const names = [{ kind: 'uri', value: 'postern://bench.test/zone/1' } as const];
  perSecond(`leafs under ${type}, key given`, () =>
    issueLeaf(root, { profile: PROFILES.pullLeaf, subject, key, validity, names }),
  );
}

await leafs('ec:P-256');
await leafs('rsa:2048');

const zone = zoneId('0'.repeat(32));
const zoneName = hostname('bench.test');
if (zone === null || zoneName === null) throw new Error('the names above are valid');
const { root, intermediate } = await createZoneAuthority({ installation: 'bench.test', zone, zoneName, now });
const leaf = issueLeaf(intermediate, {
  profile: PROFILES.pullLeaf,
  subject: { commonName: 'leaf' },
  key: await generateKey(),
  validity: validFor(now, 86_400_000),
});
const der = readPem(leaf.certificate.pem)[0]?.der ?? Buffer.alloc(0);
perSecond('certificates read', () => readCertificate(der));
perSecond('paths leaf - intermediate - root, leaf read anew', () =>
  verifyPath(readCertificate(der), { offered: leaf.chain, anchors: [root.certificate], purpose: 'client' }, now),
);
