import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { hostname, instant } from '../../src/domain/ids.ts';
import { type Authority, createAuthority, issueLeaf, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { WWW } from './raw-origin.ts';
import { visit } from './visit.ts';
import { host, makeZone, must, startTestEdge } from './world.ts';

/** Which certificates of origins a strict pull believes, and which of them one that only encrypts. */

type Test = Parameters<typeof startTestEdge>[0];
type Leaf = Partial<Parameters<typeof issueLeaf>[1]>;

const now = instant(Date.now());
const DAY = 86_400_000;
const DNS = (value: string) => ({ kind: 'dns', value }) as const;

async function authority(): Promise<Authority> {
  return createAuthority({
    profile: { ...PROFILES.serverRoot, ca: { pathLength: 1 } },
    subject: { commonName: 'owner root' },
    key: await generateKey(),
    validity: validFor(now, 30 * DAY),
  });
}

async function leafRequest(over: Leaf) {
  const usual = { profile: PROFILES.serverLeaf, subject: { commonName: 'origin' }, names: [DNS('www.a.test')] };
  return { ...usual, validity: validFor(now, DAY), key: await generateKey(), ...over };
}

/** An origin that ends each connection with its answer. */
async function startOrigin(t: Test, { key, certificate, chain }: Authority, resumed: boolean[]) {
  const cert = [certificate, ...chain].map(({ pem }) => pem).join('');
  const server = createServer({ key: key.reveal(), cert }, (request, response) => {
    resumed.push((request.socket as TLSSocket).isSessionReused());
    response.setHeader('connection', 'close');
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What a visitor gets, and what the log says, from an origin with this certificate. */
async function world(t: Test, ca: Authority) {
  const zone = await makeZone('a.test');
  let ahead = 0;
  const resumed: boolean[] = [];
  const start = (shown: Authority) => startOrigin(t, shown, resumed);
  const edge = await startTestEdge(t, [zone], { now: () => Date.now() + ahead });
  const judged = async (shown: Authority, mode: 'strict' | 'full', name = WWW) => {
    const https = await start(shown);
    const rules = { ...zone.rules, ssl: mode, originCas: mode === 'strict' ? [ca.certificate] : [] } as const;
    edge.change(zone, rules, [host(name, { https })]);
    const { status } = await visit(edge.https, name);
    return status === 200 ? 200 : `${status} ${String(edge.logged.at(-1)?.['code'])}`;
  };
  const turn = (milliseconds: number) => {
    ahead += milliseconds;
  };
  return { judged, edge, turn, zone, resumed, start };
}

const REFUSED = '526 origin_not_verified';

test('a certificate counts for the names it lists, not for an address or a common name', async (t) => {
  const ca = await authority();
  const { judged } = await world(t, ca);
  const cases: readonly (readonly [Leaf, string, unknown])[] = [
    [{ names: [DNS('www.a.test')] }, 'www.a.test', 200],
    [{ names: [DNS('x.test'), DNS('www.a.test')] }, 'www.a.test', 200],
    [{ names: [DNS('*.a.test')] }, 'www.a.test', 200],
    [{ names: [DNS('*.a.test')] }, 'a.test', REFUSED],
    [{ names: [DNS('*.test')] }, 'www.a.test', REFUSED],
    [{ names: [DNS('a.test')] }, 'www.a.test', REFUSED],
    [{ names: [DNS('www.a.test.x.test')] }, 'www.a.test', REFUSED],
    [{ names: [{ kind: 'ip', value: '127.0.0.1' }] }, 'www.a.test', REFUSED],
    [{ names: [{ kind: 'uri', value: 'https://www.a.test' }] }, 'www.a.test', REFUSED],
    [{ names: [], subject: { commonName: 'www.a.test' } }, 'www.a.test', REFUSED],
    [{ names: [{ kind: 'ip', value: '127.0.0.1' }], subject: { commonName: 'www.a.test' } }, 'www.a.test', REFUSED],
  ];
  for (const [over, name, expected] of cases) {
    const leaf = issueLeaf(ca, await leafRequest(over));
    assert.equal(await judged(leaf, 'strict', must(hostname(name))), expected, JSON.stringify(over));
    assert.equal(await judged(leaf, 'full', must(hostname(name))), 200, 'full encrypts to whoever answers');
  }
});

test('the name that is verified is the record’s server name where it has one', async (t) => {
  const ca = await authority();
  const { edge, zone, start } = await world(t, ca);
  const https = await start(issueLeaf(ca, await leafRequest({ names: [DNS('origin.example.test')] })));
  const status = async (serverName: string | null) => {
    const named = host(WWW, { https });
    const name = serverName === null ? null : must(hostname(serverName));
    const targets = named.targets.map((target) => ({ ...target, serverName: name }));
    edge.change(zone, { ...zone.rules, ssl: 'strict', originCas: [ca.certificate] }, [{ ...named, targets }]);
    return (await visit(edge.https, 'www.a.test')).status;
  };
  assert.equal(await status('origin.example.test'), 200);
  assert.equal(await status('other.example.test'), 526);
  assert.equal(await status(null), 526);
});

test('expired, not yet valid, made for clients, or signed by nobody known: refused by strict alone', async (t) => {
  const ca = await authority();
  const stranger = await authority();
  const { judged } = await world(t, ca);
  const leafs = {
    expired: issueLeaf(ca, await leafRequest({ validity: validFor(instant(now - 9 * DAY), DAY) })),
    early: issueLeaf(ca, await leafRequest({ validity: validFor(instant(now + 2 * DAY), DAY) })),
    client: issueLeaf(ca, await leafRequest({ profile: PROFILES.pullLeaf })),
    strange: issueLeaf(stranger, await leafRequest({})),
    selfSigned: createAuthority(await leafRequest({})),
  };
  for (const [name, leaf] of Object.entries(leafs)) {
    assert.equal(await judged(leaf, 'strict'), REFUSED, name);
    assert.equal(await judged(leaf, 'full'), 200, name);
  }
});

test('an intermediate must come with the certificate', async (t) => {
  const ca = await authority();
  const { judged } = await world(t, ca);
  const intermediate = createAuthority({
    profile: PROFILES.serverRoot,
    subject: { commonName: 'owner intermediate' },
    key: await generateKey(),
    validity: validFor(now, DAY),
    issuer: ca,
  });
  const leaf = issueLeaf(intermediate, await leafRequest({}));
  assert.equal(await judged(leaf, 'strict'), 200);
  assert.equal(await judged({ ...leaf, chain: [] }, 'strict'), REFUSED);
});

test('a session is not resumed past the end of the certificate that it was made with', async (t) => {
  const ca = await authority();
  const { judged, edge, turn, resumed } = await world(t, ca);
  const leaf = issueLeaf(ca, await leafRequest({ validity: validFor(now, DAY / 24) }));
  assert.equal(await judged(leaf, 'strict'), 200);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  turn(DAY / 12);
  assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  assert.deepEqual(resumed, [false, true, false], 'verified anew, by the clock of the system');
});

test('a resumed session passes where certificates of other origins are revoked', async (t) => {
  const ca = await authority();
  const { edge, zone, resumed, start } = await world(t, ca);
  const https = await start(issueLeaf(ca, await leafRequest({})));
  const revokedOrigins = [ca.certificate.fingerprint];
  edge.change(zone, { ...zone.rules, ssl: 'strict', originCas: [ca.certificate], revokedOrigins }, [
    host(WWW, { https }),
  ]);
  for (let n = 0; n < 2; n++) assert.equal((await visit(edge.https, 'www.a.test')).status, 200);
  assert.deepEqual(resumed, [false, true]);
});
