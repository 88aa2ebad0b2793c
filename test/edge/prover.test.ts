import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { EdgeHost } from '../../src/domain/edge-zone.ts';
import { hostnamePattern } from '../../src/domain/ids.ts';
import { judge, originOf, type ProofTask } from '../../src/domain/proof.ts';
import { reachesFamily } from '../../src/pull/own-families.ts';
import type { Resolver } from '../../src/pull/resolve.ts';
import { freePorts } from '../support/free-port.ts';
import { anotherIdentity, inWords, prove, task } from './proofs.ts';
import { until } from './until.ts';
import { visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, startTestEdge } from './world.ts';

/** An edge that is asked how origins take a certificate, before it presents it to them. */

type Test = Parameters<typeof startTestEdge>[0];
type Wishes = Parameters<typeof startTestEdge>[2];

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

async function world(t: Test, wishes: Wishes = {}) {
  const zone = await makeZone('a.test');
  const foreign = await makeZone('a.test');
  const edge = await startTestEdge(t, [zone], wishes);
  const next = await anotherIdentity(zone, foreign.authority);
  edge.send(next.key);
  const pair = { from: zone.identity.certificate, to: next.identity.certificate };
  const serve = (...hosts: readonly EdgeHost[]) => edge.change(zone, zone.rules, hosts);
  return { zone, foreign, edge, next, pair, serve };
}

const pattern = (text: string) => must(hostnamePattern(text));

async function listen(t: Test, server: Server, address = '127.0.0.1'): Promise<number> {
  await once(server.listen(0, address), 'listening');
  t.after(() => server.close());
  const at = server.address();
  return at !== null && typeof at === 'object' ? at.port : 0;
}

interface Asked {
  readonly head: string;
  readonly resumed: boolean;
}

/** An https origin; keeps what it was asked. */
async function startOrigin(t: Test, options: ServerOptions, status: (fingerprint: string) => number = () => 200) {
  const { leaf } = await serverCertificate(['*.a.test']);
  const asked: Asked[] = [];
  const server = createServer(
    { cert: leaf.certificate.pem, key: leaf.key.reveal(), ...options },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      const fields = request.rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\n`));
      asked.push({ head: `${request.method} ${request.url}\n${fields.join('')}`, resumed: socket.isSessionReused() });
      const shown = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
      response.writeHead(status(shown.replaceAll(':', '').toLowerCase())).end('some application');
    },
  );
  return { port: await listen(t, server), asked };
}

interface Trusted {
  readonly authority: { readonly root: { readonly certificate: { readonly pem: string } } };
}

const locked = (...authorities: readonly Trusted[]) => ({
  ca: authorities.map(({ authority }) => authority.root.certificate.pem),
  requestCert: true,
  rejectUnauthorized: true,
});

for (const version of VERSIONS) {
  test(`what an origin lets in is seen as it is, over ${version}`, async (t) => {
    const { zone, foreign, edge, pair, serve } = await world(t);
    const tls = { maxVersion: version, minVersion: version };
    const origins = {
      both: await startOrigin(t, { ...tls, ...locked(zone, foreign) }),
      old: await startOrigin(t, { ...tls, ...locked(zone) }),
      new: await startOrigin(t, { ...tls, ...locked(foreign) }),
      open: await startOrigin(t, tls),
      pinned: await startOrigin(t, { ...tls, ...locked(zone, foreign) }, (shown) =>
        shown === zone.identity.fingerprint ? 200 : 403,
      ),
      error: await startOrigin(t, { ...tls, ...locked(zone, foreign) }, () => 400),
    };
    const names = Object.entries(origins);
    serve(...names.map(([name, { port }]) => host(pattern(`${name}.a.test`), { https: port })));
    const tasks = names.map(([name, { port }]) => task(`${name}.a.test`, port, pair));
    const seen = await prove(edge, zone, ...tasks);
    assert.deepEqual(
      seen.map(({ origin }) => origin),
      tasks.map(originOf),
    );
    assert.deepEqual(Object.fromEntries(names.map(([name], at) => [name, seen.slice(at, at + 1).flatMap(inWords)])), {
      both: ['refused', '200', '200'],
      old: ['refused', '200', 'refused'],
      new: ['refused', 'refused', '200'],
      open: ['200', '200', '200'],
      pinned: ['refused', '200', '403'],
      // The application's own, not nginx's page.
      error: ['refused', '400', '400'],
    });
  });
}

test('how a refusal looked is kept, also where the handshake breaks off without naming certificates', async (t) => {
  const { zone, foreign, edge, pair, serve } = await world(t);
  const old = await startOrigin(t, { maxVersion: 'TLSv1.2', ...locked(zone) });
  const both = await startOrigin(t, { maxVersion: 'TLSv1.2', ...locked(zone, foreign) });
  serve(host(pattern('old.a.test'), { https: old.port }), host(pattern('both.a.test'), { https: both.port }));
  const tasks = [task('old.a.test', old.port, pair), task('both.a.test', both.port, pair)];
  const seen = (await prove(edge, zone, ...tasks)).flatMap(({ sights }) => sights);
  // RFC 5246 §7.4.6: alert 40 is what TLS 1.2 has for a missing certificate, and for much else.
  const none = { kind: 'refused', how: 'alert', alert: 40 };
  const answered = { kind: 'answered', status: 200 };
  const closed = { kind: 'refused', how: 'closed', alert: null };
  assert.deepEqual(seen, [
    { ip: '127.0.0.1', none, from: answered, to: closed },
    { ip: '127.0.0.1', none, from: answered, to: answered },
  ]);
});

test('a look asks as a pull would, shakes hands anew each time, and leaves nothing behind', async (t) => {
  const { zone, foreign, edge, pair } = await world(t, { loopName: 'postern-test' });
  const origin = await startOrigin(t, locked(zone, foreign));
  const [target] = host(pattern('www.a.test'), { https: origin.port }).targets;
  assert.ok(target);
  const www: EdgeHost = {
    hostname: pattern('www.a.test'),
    targets: [{ ...target, hostHeader: 'inner.test', http2: true }],
    pull: { kind: 'inherit' },
  };
  edge.change(zone, zone.rules, [www]);
  await prove(edge, zone, { ...task('www.a.test', origin.port, pair), hostHeader: 'inner.test' });
  assert.equal(origin.asked.length, 2);
  for (const { head, resumed } of origin.asked) {
    assert.match(head, /^GET \/\nHost: inner\.test\nUser-Agent: Postern-Proof\nAccept: \*\/\*\n/);
    assert.match(head, /\nCDN-Loop: postern-test\n/);
    assert.match(head, /\nConnection: close\n/);
    assert.equal(resumed, false);
  }
  const { gauges, counters } = edge.edge.snapshot();
  assert.equal(gauges['pools'], 0);
  assert.deepEqual(
    Object.keys(counters).filter((name) => name.startsWith('origin_connects_total')),
    [],
  );
  // The first pull finds no session of a look: it has a handshake of its own.
  await visit(edge.https, 'www.a.test');
  assert.equal(origin.asked.at(-1)?.resumed, false);
});

test('every address of a name is looked at, and each is known by itself', async (t) => {
  const { zone, foreign, edge, pair, serve } = await world(t, { resolver: resolverTo('127.0.0.1', '127.0.0.2') });
  const { leaf } = await serverCertificate(['*.a.test']);
  const origin = (...trusted: readonly Trusted[]) =>
    createServer(
      { cert: leaf.certificate.pem, key: leaf.key.reveal(), ...locked(...trusted) },
      (_request, response) => void response.end(),
    );
  const port = await listen(t, origin(zone, foreign));
  const second = origin(zone);
  await once(second.listen(port, '127.0.0.2'), 'listening');
  t.after(() => second.close());
  const [target] = host(pattern('www.a.test'), { https: port }).targets;
  assert.ok(target);
  serve({
    hostname: pattern('www.a.test'),
    targets: [{ ...target, address: 'origin.test' }],
    pull: { kind: 'inherit' },
  });
  const [seen] = await prove(edge, zone, task('www.a.test', port, pair, 'origin.test'));
  assert.ok(seen);
  assert.deepEqual(
    seen.sights.map(({ ip }) => ip),
    ['127.0.0.1', '127.0.0.2'],
  );
  assert.deepEqual(inWords(seen), ['refused', '200', '200', 'refused', '200', 'refused']);
});

test('an address that has no route is named for what it is: lost alone, or with its whole family', async (t) => {
  // Of the block for documentation (RFC 3849): nobody answers there, whatever routes there are.
  const nowhere = '2001:db8::1';
  const resolver = resolverTo('127.0.0.1', nowhere);
  const { zone, foreign, edge, pair, serve } = await world(t, { resolver, knockTimeout: 2_000 });
  const origin = await startOrigin(t, locked(zone, foreign));
  const [target] = host(pattern('www.a.test'), { https: origin.port }).targets;
  assert.ok(target);
  const targets = [{ ...target, address: 'origin.test' }];
  serve({ hostname: pattern('www.a.test'), targets, pull: { kind: 'inherit' } });
  const [seen] = await prove(edge, zone, task('www.a.test', origin.port, pair, 'origin.test'));
  assert.ok(seen);
  const [, lost] = seen.sights;
  assert.equal(lost?.ip, nowhere);
  const hasFamily = reachesFamily(nowhere, networkInterfaces());
  const because = lost.none.kind === 'failed' ? lost.none.because : '';
  // Where something on the way swallows what is sent, nobody says that there is no way.
  const isSwallowed = because === 'connect_timeout';
  assert.equal(because, isSwallowed ? because : hasFamily ? 'unreachable' : 'no_route');
  const finding = judge({ at: zone.issued.certificate.notBefore, edges: [{ edge: 'test', seen }] }, ['test']);
  assert.equal(finding, hasFamily || isSwallowed ? 'unreachable' : 'proved');
});

function resolverTo(...addresses: readonly string[]): Resolver {
  return { resolve: (_name, done) => done({ kind: 'found', addresses }) };
}

test('a wildcard is looked at by a name below it', async (t) => {
  const { zone, foreign, edge, pair, serve } = await world(t);
  const origin = await startOrigin(t, locked(zone, foreign));
  serve(host(pattern('*.a.test'), { https: origin.port }));
  const [seen] = await prove(edge, zone, task('*.a.test', origin.port, pair));
  assert.ok(seen);
  assert.deepEqual(inWords(seen), ['refused', '200', '200']);
  assert.equal(seen.origin.hostname, '*.a.test');
  assert.match(origin.asked[0]?.head ?? '', /\nHost: postern-proof\.a\.test\n/);
});

test('what is in the way of a look is said, and nobody knocks', async (t) => {
  const { zone, edge, pair, serve } = await world(t, {
    resolver: { resolve: (_name, done) => done({ kind: 'failed', error: new Error('no such name') }) },
  });
  const other = await makeZone('b.test');
  const origin = await startOrigin(t, {});
  const at = (name: string, pull: EdgeHost['pull'] = { kind: 'inherit' }) =>
    host(pattern(name), { https: origin.port }, pull);
  const [named] = at('named.a.test').targets;
  assert.ok(named);
  edge.change(other, other.rules, [at('www.b.test')]);
  serve(
    at('www.a.test'),
    at('veto.a.test', { kind: 'veto' }),
    at('none.a.test', { kind: 'present', identity: null }),
    at('*.wild.a.test'),
    { hostname: pattern('dns.a.test'), targets: [], pull: { kind: 'inherit' } },
    { hostname: pattern('named.a.test'), targets: [{ ...named, address: 'nowhere.test' }], pull: { kind: 'inherit' } },
  );
  edge.send(other.key);
  const asked = (name: string, address?: string) => task(name, origin.port, pair, address);
  const words = async (...tasks: readonly ProofTask[]) => (await prove(edge, zone, ...tasks)).flatMap(inWords);
  assert.deepEqual(
    await words(
      asked('veto.a.test'),
      asked('none.a.test'),
      asked('unknown.a.test'),
      asked('dns.a.test'),
      asked('www.b.test'),
      asked('www.a.test', '127.0.0.9'),
      task('www.a.test', 1, pair),
      asked('deep.wild.a.test'),
      asked('named.a.test', 'nowhere.test'),
    ),
    [
      'no certificate is presented here: without, hostname_veto',
      'no certificate is presented here: refuse, no_identity',
      'the hostname is not served: unknown_hostname',
      'the hostname is not served: dns_only',
      'the hostname belongs to another zone',
      'the hostname has no such origin any more',
      'the hostname has no such origin any more',
      'the hostname has no entry of its own any more',
      'the name of the origin does not resolve',
    ],
  );
  edge.change(zone, { ...zone.rules, ssl: 'flexible' }, []);
  assert.deepEqual(await words(asked('www.a.test')), ['no certificate is presented here: plaintext, flexible']);
  edge.change(zone, { ...zone.rules, paused: true }, []);
  assert.deepEqual(await words(asked('www.a.test')), ['the hostname is not served: paused']);
  assert.deepEqual(origin.asked, []);
});

test('what keeps a look from an answer is no refusal', async (t) => {
  const { zone, edge, pair, serve } = await world(t, { knockTimeout: 700 });
  const silent = createTcpServer((socket) => void socket.on('error', () => socket.destroy()).resume());
  const plain = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
  });
  const { leaf } = await serverCertificate(['*.a.test']);
  const tls = { cert: leaf.certificate.pem, key: leaf.key.reveal() };
  const hanging = createServer(tls, () => undefined);
  const garbled = createServer(tls).on('secureConnection', (socket: Socket) => void socket.end('no HTTP\r\n\r\n'));
  const cut = createServer(tls).on('secureConnection', (socket: Socket) => void socket.end('HTTP/1.1 200'));
  const [nobody = 0] = await freePorts(1);
  const ports = {
    nobody,
    silent: await listen(t, silent),
    plain: await listen(t, plain),
    hanging: await listen(t, hanging),
    garbled: await listen(t, garbled),
    cut: await listen(t, cut),
  };
  t.after(() => hanging.closeAllConnections());
  const names = Object.entries(ports);
  serve(...names.map(([name, port]) => host(pattern(`${name}.a.test`), { https: port })));
  const seen = await prove(edge, zone, ...names.map(([name, port]) => task(`${name}.a.test`, port, pair)));
  const thrice = (code: string) => [code, code, code];
  assert.deepEqual(Object.fromEntries(names.map(([name], at) => [name, seen.slice(at, at + 1).flatMap(inWords)])), {
    nobody: thrice('connection_refused'),
    silent: thrice('handshake_timeout'),
    plain: thrice('handshake_failed'),
    hanging: thrice('answer_timeout'),
    garbled: thrice('bad_answer'),
    cut: thrice('closed_early'),
  });
});

test('an address that pulls may not go to, and an origin that is not verified, are looked at no further', async (t) => {
  const { zone, foreign, edge, pair } = await world(t);
  const origin = await startOrigin(t, locked(zone, foreign));
  const [target] = host(pattern('www.a.test'), { https: origin.port }).targets;
  assert.ok(target);
  const www = (mayBePrivate: boolean): EdgeHost => ({
    hostname: pattern('www.a.test'),
    targets: [{ ...target, mayBePrivate }],
    pull: { kind: 'inherit' },
  });
  const asked = task('www.a.test', origin.port, pair);
  edge.change(zone, zone.rules, [www(false)]);
  const forbidden = 'address_forbidden';
  assert.deepEqual((await prove(edge, zone, asked)).flatMap(inWords), [forbidden, forbidden, forbidden]);
  edge.change(zone, { ...zone.rules, ssl: 'strict' }, [www(true)]);
  const unverified = 'origin_not_verified';
  assert.deepEqual((await prove(edge, zone, asked)).flatMap(inWords), [unverified, unverified, unverified]);
  assert.deepEqual(origin.asked, []);
});

test('without the key of a certificate the rest is still seen', async (t) => {
  const { zone, foreign, edge, next, pair, serve } = await world(t);
  const origin = await startOrigin(t, locked(zone, foreign));
  serve(host(pattern('www.a.test'), { https: origin.port }));
  edge.send({ kind: 'key_dropped', certificate: next.identity.certificate });
  const seen = await prove(edge, zone, task('www.a.test', origin.port, pair));
  assert.deepEqual(seen.flatMap(inWords), ['refused', '200', 'key_unusable']);
});

test('of a list that is too long the rest is answered too, and an empty one is answered with nothing', async (t) => {
  const { zone, edge, pair } = await world(t);
  const tasks = Array.from({ length: 4_098 }, () => task('unknown.a.test', 443, pair));
  const faults = (await prove(edge, zone, ...tasks)).map(({ fault }) => fault);
  assert.equal(faults.length, 4_098);
  assert.deepEqual(new Set(faults.slice(0, 4_096)), new Set(['the hostname is not served: unknown_hostname']));
  assert.deepEqual(faults.slice(4_096), ['more than 4096 at once', 'more than 4096 at once']);
  assert.deepEqual(await prove(edge, zone), []);
});

test('looks that are under way end with the edge, and with the feed that asked for them', async (t) => {
  const { zone, edge, pair, serve } = await world(t, { knockTimeout: 600_000 });
  const sockets: Socket[] = [];
  const port = await listen(
    t,
    createTcpServer((socket) => {
      sockets.push(socket.on('error', () => socket.destroy()).resume());
    }),
  );
  serve(host(pattern('www.a.test'), { https: port }));
  const asked = (send: typeof edge.send, id: string) =>
    send({ kind: 'prove', id, zone: zone.id, tasks: [task('www.a.test', port, pair)] });
  asked(edge.send, 'first');
  await until(() => sockets.length === 1);
  const again = edge.edge.subscribe((message) => edge.replies.push(message));
  await until(() => sockets[0]?.destroyed === true);
  asked(again, 'second');
  await until(() => sockets.length === 2);
  await edge.edge.close(0);
  await until(() => sockets[1]?.destroyed === true);
  assert.deepEqual(
    edge.replies.filter(({ kind }) => kind === 'proof'),
    [],
  );
});

test('what takes too long is given up, for nobody waits for the answer and others wait for their turn', async (t) => {
  const addresses = Array.from({ length: 16 }, (_, at) => `127.0.1.${at + 1}`);
  const { zone, edge, pair, serve } = await world(t, { knockTimeout: 50, resolver: resolverTo(...addresses) });
  const silent = createTcpServer((socket) => void socket.on('error', () => socket.destroy()).resume());
  const port = await listen(t, silent, '0.0.0.0');
  const names = Array.from({ length: 200 }, (_, at) => `n${at}.a.test`);
  const hosts = names.map((name) => {
    const one = host(pattern(name), { https: port });
    return { ...one, targets: one.targets.map((target) => ({ ...target, address: 'many.test' })) };
  });
  serve(...hosts);
  const seen = await prove(edge, zone, ...names.map((name) => task(name, port, pair, 'many.test')));
  assert.equal(seen.length, 200);
  assert.equal(seen.at(-1)?.fault, 'there was no time left for it');
});
