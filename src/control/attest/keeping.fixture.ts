/** Zones with a real web server behind them, whose locks can be looked at. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attestation } from '../../domain/attestation.ts';
import { type Instant, instant, type ZoneId } from '../../domain/ids.ts';
import { createAuthority, issueLeaf, validFor } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { addressPolicy } from '../../pull/address-policy.ts';
import { ACTOR, name, newZone, record, recordIdOf, sure } from '../control-plane.fixture.ts';
import type { ControlPlane } from '../plane.ts';

/** The hostname of `lockedZone`. */
export const HOST = name('www.example.test');
export const CLOCK = (): Instant => instant(Date.now());
export const GROUND = { addresses: addressPolicy([]) };
export const OFTEN = { quick: 50, full: 400 };
export const SELDOM = { quick: 3_600_000, full: 3_600_000 };

type Mode = 'locked' | 'open' | 'closed';

/** A web server that can be told to refuse strangers, everybody or nobody. `asked` are the paths that it was asked for. */
async function webServer(t: TestContext, bundle: () => string) {
  const request = { validity: validFor(CLOCK(), 400 * 86_400_000), names: [{ kind: 'dns', value: HOST } as const] };
  const root = createAuthority({
    profile: PROFILES.serverRoot,
    subject: { commonName: 'root' },
    key: await generateKey(),
    validity: request.validity,
  });
  const leaf = issueLeaf(root, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: HOST },
    key: await generateKey(),
    ...request,
  });
  let mode: Mode = 'locked';
  const own = { cert: leaf.certificate.pem, key: leaf.key.reveal() };
  const asking = () => ({
    ...own,
    requestCert: true,
    rejectUnauthorized: mode !== 'open',
    ca: mode === 'closed' ? [root.certificate.pem] : [bundle()],
  });
  const asked = new Set<string>();
  const server = createServer(asking(), ({ url }, response) => {
    asked.add(url ?? '');
    response.end('the application');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const turn = (to: Mode) => {
    mode = to;
    server.setSecureContext({ ...own, ca: to === 'closed' ? [root.certificate.pem] : [bundle()] });
    Object.assign(server, { rejectUnauthorized: to !== 'open' });
  };
  return { port: (server.address() as AddressInfo).port, turn, asked, root: root.certificate };
}

/** A zone whose one origin is locked and believed, until its server is told otherwise. */
export async function lockedZone(t: TestContext, plane: ControlPlane, text = 'example.test') {
  const { id } = await newZone(plane, text);
  const zone = () => sure(plane.zones.get(id));
  const server = await webServer(t, () => plane.bundle(zone()));
  const draft = record(`www.${text}`, '127.0.0.1');
  const origin = { ...draft.origin, httpsPort: server.port };
  const put = async (count: number, more: object = {}) =>
    plane.commit({
      zone: id,
      command: {
        kind: 'create_record',
        id: recordIdOf(count),
        draft: { ...draft, origin, ...more },
        privateOrigins: true,
      },
      actor: ACTOR,
    });
  assert.equal((await put(1)).kind, 'committed');
  const ca = { id: plane.newCertificateId(), certificate: server.root, sent: server.root.pem, uploadedAt: CLOCK() };
  const trust = () => plane.commit({ zone: id, command: { kind: 'trust_ca', ca }, actor: ACTOR });
  const distrust = () => plane.commit({ zone: id, command: { kind: 'distrust_ca', id: ca.id }, actor: ACTOR });
  assert.equal((await trust()).kind, 'committed');
  await plane.commit({ zone: id, command: { kind: 'set', settings: { zonePull: true } }, actor: ACTOR });
  return { id, server, put, trust, distrust };
}

/** What is known of a lock, once it fits. */
export async function until(
  plane: ControlPlane,
  zone: ZoneId,
  fits: (one: Attestation) => boolean,
): Promise<Attestation> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = plane.attestations(zone).attestations.find(fits);
    if (found !== undefined) return found;
    assert.ok(Date.now() < deadline, JSON.stringify(plane.attestations(zone)));
    await sleep(5);
  }
}
