import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostname, instant, type ZoneId, zoneId } from '../domain/ids.ts';
import { verifyPath } from './chain.ts';
import { verifyDetached, writeDetached } from './cms.ts';
import { createAuthority, issueLeaf, validFor } from './issue.ts';
import { generateKey } from './keys.ts';
import { PkiError } from './pki-error.ts';
import { PROFILES } from './profiles.ts';
import { createZoneAuthority, issueBundleSigner, issueCrossRoot, issueIdentity, zoneUri } from './zone-authority.ts';

const DAY = 86_400_000;
const NOW = instant(Math.floor(Date.now() / 1000) * 1000);
const CONTENT = Buffer.from('{"format":"postern-bundle"}');
const ZONE = zone();

function zone(): ZoneId {
  return zoneId('a'.repeat(32)) ?? assert.fail('an id');
}

function authority() {
  return createZoneAuthority({
    installation: 'edge-1.test',
    zone: ZONE,
    zoneName: hostname('mine.test') ?? assert.fail('a name'),
    now: NOW,
  });
}

test('what an upload’s issuer signed for no stated purpose vouches for no bundle', async () => {
  // A bundle holds the issuers of uploads too, and they issue to others.
  const company = createAuthority({
    profile: PROFILES.pullRoot,
    subject: { commonName: 'company' },
    key: await generateKey(),
    validity: validFor(NOW, 365 * DAY),
  });
  const anybody = issueLeaf(company, {
    profile: { ca: null, keyUsage: ['digitalSignature'], extendedKeyUsage: null },
    subject: { commonName: 'printer' },
    key: await generateKey(),
    validity: validFor(NOW, 30 * DAY),
  });
  const signed = verifyDetached(CONTENT, writeDetached(CONTENT, anybody));
  assert.ok(signed !== null);
  const anchors = [company.certificate];
  const path = verifyPath(signed.signer, { offered: signed.offered, anchors, purpose: 'document' }, NOW);
  assert.ok(path.kind === 'failed' && path.because === 'wrong_usage', path.kind);
});

test('a root that an older one vouches for in signatures is none for callers', async () => {
  const [old, coming] = [await authority(), await authority()];
  const cross = issueCrossRoot(old.root, coming.root.certificate, NOW);
  const signer = await issueBundleSigner(coming.root, { installation: 'edge-1.test', zone: ZONE, now: NOW });
  const caller = await issueIdentity(coming.intermediate, { uri: zoneUri('edge-1.test', ZONE), now: NOW });
  const anchors = [old.root.certificate];
  const document = verifyPath(signer.certificate, { offered: [cross], anchors, purpose: 'document' }, NOW);
  assert.equal(document.kind, 'verified');
  const offered = [...caller.chain, cross];
  assert.equal(verifyPath(caller.certificate, { offered, anchors, purpose: 'client' }, NOW).kind, 'failed');
});

test('bytes that are no signature are refused as such, whatever they are', async () => {
  const { root } = await authority();
  const signer = await issueBundleSigner(root, { installation: 'edge-1.test', zone: ZONE, now: NOW });
  const good = writeDetached(CONTENT, signer);
  assert.ok(verifyDetached(CONTENT, good) !== null);
  assert.equal(verifyDetached(Buffer.from('other'), good), null);
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed % below;
  };
  const seen = { refused: 0, unbelieved: 0, same: 0 };
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(good);
    for (let flips = 1 + random(3); flips > 0; flips--) bytes[random(bytes.length)] = random(256);
    const cut = round % 7 === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
    try {
      const signed = verifyDetached(CONTENT, cut);
      if (signed === null) seen.unbelieved++;
      else {
        // A byte that is not signed changed: then the path must not hold, or it is the same certificate.
        const rules = { offered: signed.offered, anchors: [root.certificate], purpose: 'document' } as const;
        const path = verifyPath(signed.signer, rules, NOW);
        if (path.kind === 'verified') assert.equal(signed.signer.spki, signer.certificate.spki);
        seen.same++;
      }
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      seen.refused++;
    }
  }
  assert.ok(seen.refused > 100 && seen.unbelieved > 100, JSON.stringify(seen));
});
