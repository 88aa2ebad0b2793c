import { randomUUID } from 'node:crypto';
import { certificateId, hostnamePattern } from '../../src/domain/ids.ts';
import type { OriginSights, ProofTask, Sight } from '../../src/domain/proof.ts';
import { issueIdentity, zoneUri } from '../../src/pki/zone-authority.ts';
import type { FeedMessage } from '../../src/wire/feed.ts';
import { until } from './until.ts';
import { must, type RunningEdge, type TestZone } from './world.ts';

/** Another identity for a zone, by this authority, as the feed tells it. */
export async function anotherIdentity(zone: TestZone, authority = zone.authority) {
  const now = zone.issued.certificate.notBefore;
  const issued = await issueIdentity(authority.intermediate, { uri: zoneUri('test.postern.internal', zone.id), now });
  const certificate = must(certificateId(randomUUID()));
  const chain = [issued.certificate, ...issued.chain].map(({ pem }) => pem).join('');
  const key: FeedMessage = { kind: 'key', certificate, chain, key: issued.key.reveal() };
  const { fingerprint, notAfter } = issued.certificate;
  return { identity: { certificate, fingerprint, notAfter }, key };
}

/** What an edge is asked about the origin of a hostname. */
export function task(
  hostname: string,
  port: number,
  { from, to }: Pick<ProofTask, 'from' | 'to'>,
  address = '127.0.0.1',
): ProofTask {
  const called = { serverName: null, hostHeader: null };
  return { hostname: must(hostnamePattern(hostname)), address, port, ...called, from, to };
}

/** Asks an edge, and waits for its answer. */
export async function prove(
  edge: Pick<RunningEdge, 'send' | 'replies'>,
  zone: Pick<TestZone, 'id'>,
  ...tasks: readonly ProofTask[]
): Promise<readonly OriginSights[]> {
  const id = randomUUID();
  edge.send({ kind: 'prove', id, zone: zone.id, tasks });
  const answer = () => edge.replies.find((reply) => reply.kind === 'proof' && reply.id === id);
  await until(() => answer() !== undefined);
  const reply = answer();
  return reply?.kind === 'proof' ? reply.seen : [];
}

/** What was seen, in words: for each address without a certificate, with the old one, with the new one; or the fault. */
export function inWords({ sights, fault }: OriginSights): readonly string[] {
  if (fault !== null) return [fault];
  return sights.flatMap(({ none, from, to }) => [none, from, to].map(words));
}

function words(sight: Sight): string {
  if (sight.kind === 'failed') return sight.because;
  if (sight.kind === 'answered') return String(sight.status);
  // With TLS 1.3 an alert may be lost: what was sent before it arrived makes the server's system reset the connection.
  return sight.how === 'page' ? 'page' : 'refused';
}
