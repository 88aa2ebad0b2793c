import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import type { SecureVersion, TLSSocket } from 'node:tls';
import { instant } from '../../src/domain/ids.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import {
  type AskingWorld,
  askingWorld,
  asks,
  fragmenting,
  keeping,
  meet,
  type Pass,
  passOf,
  request,
  visitAs,
  visitorCa,
} from './asking.ts';
import { dial, exchange, parse } from './visit.ts';
import { ask, dialHttp2 } from './visit-http2.ts';

/** Names that ask their visitors for certificates, and everybody who tries to come in without. */

const STAFF = 'staff.a.test';
const PARTNERS = 'partners.a.test';
const OPEN = 'open.a.test';
const REQUIRED = 'visitor_certificate_required';
const REFUSED = 'visitor_certificate_refused';
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const DAY = 86_400_000;

const only = (version: SecureVersion) => ({ minVersion: version, maxVersion: version });
const shows = ({ cert, key }: Pass) => ({ cert, key });

/** The values of a field that reached the origin with the latest request. */
function arrived({ origin }: AskingWorld, name: string): readonly string[] {
  const headers = origin.seen.at(-1)?.headers ?? [];
  return headers.filter((_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === name);
}

function clientCert({ leaf }: Pass): string {
  return `:${leaf.pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')}:`;
}

for (const version of VERSIONS) {
  describe(`with ${version}`, () => {
    test('who shows a certificate of the list comes in, and the origin is told which one', async (t) => {
      const world = await askingWorld(t);
      const pass = await passOf(world.staff);
      assert.equal(await visitAs(world.edge.https, STAFF, { ...shows(pass), ...only(version) }), 'admitted');
      assert.deepEqual(arrived(world, 'client-cert'), [clientCert(pass)]);
      assert.deepEqual(arrived(world, 'client-cert-chain'), []);
    });

    test('names of one edge have lists of their own: the pass for one is none for another', async (t) => {
      const { edge, staff, partners, origin } = await askingWorld(t);
      const [mine, theirs] = await Promise.all([passOf(staff), passOf(partners)]);
      const visits = async (name: string, pass: Pass) =>
        visitAs(edge.https, name, { ...shows(pass), ...only(version) });
      assert.deepEqual(
        [
          await visits(STAFF, mine),
          await visits(PARTNERS, mine),
          await visits(STAFF, theirs),
          await visits(PARTNERS, theirs),
        ],
        ['admitted', REFUSED, REFUSED, 'admitted'],
      );
      assert.equal(origin.seen.length, 2);
    });

    test('everybody else is turned away, and the log says why', async (t) => {
      const { edge, staff, origin } = await askingWorld(t);
      const month = instant(Date.now() + 30 * DAY);
      const strangers: readonly (readonly [string, Pass | null, RegExp])[] = [
        ['none', null, /^none_shown$/],
        ['self-signed', await passOf(null), /self_signed/],
        ['another CA', await passOf(await visitorCa('nobody')), /^unable_to_/],
        ['a CA of the same name', await passOf(await visitorCa('staff CA')), /^unable_to_/],
        ['ended', await passOf(staff, { lifetime: -1 }), /^cert_has_expired$/],
        ['not begun', await passOf(staff, { now: month }), /^cert_not_yet_valid$/],
        ['for servers', await passOf(staff, { profile: PROFILES.serverLeaf }), /^invalid_purpose$/],
      ];
      for (const [what, pass, because] of strangers) {
        const shown = pass === null ? {} : shows(pass);
        const expected = pass === null ? REQUIRED : REFUSED;
        assert.equal(await visitAs(edge.https, STAFF, { ...shown, ...only(version) }), expected, what);
        const entry = edge.logged.findLast(({ event }) => event === 'visitor_not_admitted');
        assert.match(String(entry?.['because']), because, what);
        assert.equal(entry?.['host'], STAFF);
        assert.equal(entry?.['certificate'], pass?.leaf.fingerprint ?? null, what);
      }
      assert.equal(origin.seen.length, 0);
    });

    test('a session from before proves nothing: not one of another name, nor one without a certificate', async (t) => {
      const world = await askingWorld(t);
      const { edge, zone, staff } = world;
      const sessionOf = async (name: string, options: Partial<Pass> = {}): Promise<Buffer | undefined> => {
        const socket = await meet(edge.https, name, { ...options, ...only(version) });
        const told = version === 'TLSv1.3' && name === OPEN ? once(socket, 'session') : null;
        await exchange(socket, request(name, 'Connection: close\r\n'));
        return told === null ? socket.getSession() : (await told)[0];
      };
      const pass = await passOf(staff);
      const sessions = [await sessionOf(OPEN), await sessionOf(STAFF), await sessionOf(STAFF, shows(pass))];
      // From when the name did not ask.
      edge.change(zone, zone.rules, [], { put: [], dropped: [asks(STAFF).hostname] });
      sessions.push(await sessionOf(STAFF));
      edge.change(zone, zone.rules, [], { put: [asks(STAFF, staff)], dropped: [] });
      for (const session of sessions) {
        assert.ok(session !== undefined);
        assert.equal(await visitAs(edge.https, STAFF, { session, ...only(version) }), REQUIRED);
      }
    });

    test('HTTP/2 is judged alike, and its session ends after a refusal', async (t) => {
      const world = await askingWorld(t);
      const pass = await passOf(world.staff);
      const session = await dialHttp2(t, world.edge.https, STAFF, { ...shows(pass), ...only(version) });
      assert.equal((await ask(session, { ':authority': STAFF })).status, 200);
      assert.deepEqual(arrived(world, 'client-cert'), [clientCert(pass)]);
      const bare = await dialHttp2(t, world.edge.https, STAFF, only(version));
      const reply = await ask(bare, { ':authority': STAFF, accept: 'application/json' });
      assert.equal(reply.status, 403);
      assert.match(reply.body, new RegExp(REQUIRED));
      if (!bare.closed) await once(bare, 'close');
    });
  });
}

test('a refusal ends the connection, so that the next try begins with a handshake', async (t) => {
  const { edge } = await askingWorld(t);
  const socket = await meet(edge.https, STAFF);
  const reply = parse(await exchange(socket, request(STAFF)));
  assert.equal(reply.status, 403);
  assert.equal(reply.headers.get('connection'), 'close');
});

test('the access log names the certificate that was shown', async (t) => {
  const { edge, staff } = await askingWorld(t, { accessLog: { policy: { kind: 'on' }, query: false } });
  const pass = await passOf(staff);
  await visitAs(edge.https, STAFF, shows(pass));
  await visitAs(edge.https, STAFF);
  const lines = edge.logged.filter(({ event }) => event === 'request');
  assert.deepEqual(
    lines.map((line) => [line['visitor_certificate'], line['cause']]),
    [
      [pass.leaf.fingerprint, null],
      [null, REQUIRED],
    ],
  );
});

test('what is refused is counted by its page', async (t) => {
  const { edge } = await askingWorld(t);
  await visitAs(edge.https, STAFF);
  await visitAs(edge.https, STAFF, shows(await passOf(null)));
  const { counters } = edge.edge.snapshot();
  const counted = Object.entries(counters).filter(([series]) => /visitor_certificate/.test(series));
  assert.deepEqual(
    counted.map(([, count]) => count),
    [1, 1],
  );
});

describe('a name that does not ask', () => {
  test('gets no certificate to see, and passes no claim of one on', async (t) => {
    const world = await askingWorld(t);
    const fields =
      'Client-Cert: :AAAA:\r\nClient_Cert: :AAAA:\r\nCLIENT-CERT-CHAIN: :AAAA:\r\nclient_cert_chain: x\r\n';
    const shown = shows(await passOf(world.staff));
    assert.equal(await visitAs(world.edge.https, OPEN, { ...shown, fields }), 'admitted');
    const names = (world.origin.seen[0]?.headers ?? []).filter((_, index) => index % 2 === 0);
    assert.deepEqual(
      names.filter((name) => /client.cert/i.test(name)),
      [],
    );
  });

  test('keeps its tickets', async (t) => {
    const { edge } = await askingWorld(t);
    const socket = await meet(edge.https, OPEN, only('TLSv1.3'));
    const told = once(socket, 'session');
    await exchange(socket, request(OPEN, 'Connection: close\r\n'));
    const again = await meet(edge.https, OPEN, { ...only('TLSv1.3'), session: (await told)[0] });
    assert.equal(again.isSessionReused(), true);
    again.destroy();
  });

  test('is no way to one that does: neither by Host nor by a stream of its session', async (t) => {
    const { edge, staff, origin } = await askingWorld(t);
    const pass = shows(await passOf(staff));
    assert.equal(await visitAs(edge.https, OPEN, { ...pass, host: STAFF }), 'misdirected');
    const session = await dialHttp2(t, edge.https, OPEN, pass);
    assert.equal((await ask(session, { ':authority': STAFF })).status, 421);
    // And the pass of one name is none for another on the same connection.
    const staffSession = await dialHttp2(t, edge.https, STAFF, pass);
    assert.equal((await ask(staffSession, { ':authority': PARTNERS })).status, 421);
    assert.equal(origin.seen.length, 0);
  });
});

describe('what the origin is told', () => {
  test('is what was verified, whatever the visitor claims in any spelling', async (t) => {
    const world = await askingWorld(t);
    const pass = await passOf(world.staff);
    const claims = [
      'Client-Cert',
      'client-cert',
      'Client_Cert',
      'Client-Cert-Chain',
      'X-Client-Cert',
      'X-SSL-Client-Verify',
    ];
    const fields = claims.map((name) => `${name}: :AAAA:\r\n`).join('');
    // Naming the field in Connection would take the true one away at a proxy that sets first and strips later.
    const options = { ...shows(pass), fields: `${fields}Connection: client-cert\r\n` };
    assert.equal(await visitAs(world.edge.https, STAFF, options), 'admitted');
    const headers = world.origin.seen[0]?.headers ?? [];
    assert.deepEqual(
      headers.filter((text) => /AAAA/.test(text)),
      [],
    );
    assert.deepEqual(arrived(world, 'client-cert'), [clientCert(pass)]);
  });

  test('comes again with each request of a connection, and with each stream of a session', async (t) => {
    const world = await askingWorld(t);
    const pass = await passOf(world.staff);
    const again = keeping(await meet(world.edge.https, STAFF, shows(pass)), STAFF);
    for (let count = 0; count < 3; count++) assert.equal(await again(), 'admitted');
    const session = await dialHttp2(t, world.edge.https, STAFF, shows(pass));
    await Promise.all([1, 2, 3].map(() => ask(session, { ':authority': STAFF })));
    assert.equal(world.origin.seen.length, 6);
    for (const { headers } of world.origin.seen) assert.ok(headers.includes(clientCert(pass)));
  });

  test('fits into a head: a certificate too large for that is refused', async (t) => {
    const { edge, staff } = await askingWorld(t);
    const names = Array.from({ length: 400 }, (_, count) => `n${count}.visitors.example.test`);
    const large = await passOf(staff, { names });
    assert.ok(large.leaf.pem.length > 8_192);
    assert.equal(await visitAs(edge.https, STAFF, shows(large)), REFUSED);
    assert.equal(edge.logged.at(-1)?.['because'], 'too_large');
  });
});

describe('the handshake', () => {
  test('happens once for each connection: TLS 1.2 may not begin another on it', async (t) => {
    const { edge, staff } = await askingWorld(t);
    const socket = await meet(edge.https, STAFF, { ...shows(await passOf(staff)), ...only('TLSv1.2') });
    const came = new Promise((resolve) => {
      socket.on('error', resolve);
      socket.renegotiate({}, (error) => resolve(error ?? 'another handshake'));
    });
    assert.match(String(await came), /no renegotiation/);
  });

  test('asks whatever the case of the name and however many records the ClientHello comes in', async (t) => {
    const { edge, staff } = await askingWorld(t);
    const pass = shows(await passOf(staff));
    assert.equal(await visitAs(edge.https, 'STAFF.A.Test', { ...pass, host: STAFF }), 'admitted');
    assert.equal(await visitAs(edge.https, 'STAFF.A.Test', { host: STAFF }), REQUIRED);
    assert.equal(await visitAs(edge.https, STAFF, { ...pass, host: 'Staff.A.TEST.' }), 'admitted');
    assert.equal(await visitAs(edge.https, STAFF, { host: 'Staff.A.TEST.' }), REQUIRED);
    const pieces = await fragmenting(t, edge.https, 200);
    assert.equal(await visitAs(pieces, STAFF, pass), 'admitted');
    assert.equal(await visitAs(pieces, STAFF), REQUIRED);
  });

  test('that nobody can read before TLS does lets nobody in, with a pass or without', async (t) => {
    const { edge, staff, origin } = await askingWorld(t);
    const pass = shows(await passOf(staff));
    const crumbs = await fragmenting(t, edge.https, 20);
    assert.equal(await visitAs(crumbs, STAFF, pass), REQUIRED);
    assert.equal(await visitAs(crumbs, STAFF), REQUIRED);
    assert.equal(await visitAs(crumbs, OPEN), 'admitted');
    assert.equal(origin.seen.length, 1);
  });

  test('takes the first certificate for the visitor: a true one behind it counts for nothing', async (t) => {
    const { edge, staff, origin } = await askingWorld(t);
    const [mine, theirs] = await Promise.all([passOf(null), passOf(staff)]);
    const stuffed = { cert: mine.cert + theirs.cert, key: mine.key };
    assert.equal(await visitAs(edge.https, STAFF, stuffed), REFUSED);
    assert.equal(origin.seen.length, 0);
  });

  test('lets nobody in where a CA of the list cannot be read, and harms no other name', async (t) => {
    const { edge, zone, staff, origin } = await askingWorld(t);
    const { fingerprint } = (await visitorCa('garbled')).certificate;
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const garbled = asks(STAFF, staff, { certificate: { fingerprint, pem } });
    edge.change(zone, zone.rules, [], { put: [garbled], dropped: [] });
    assert.equal(await visitAs(edge.https, STAFF, shows(await passOf(staff))), REFUSED);
    assert.equal(edge.logged.at(-1)?.['because'], 'unparsable');
    assert.equal(await visitAs(edge.https, OPEN), 'admitted');
    assert.equal(origin.seen.length, 1);
  });

  test('of a name whose list is empty believes nobody, least of all the public CAs', async (t) => {
    const { edge, zone, staff } = await askingWorld(t);
    edge.change(zone, zone.rules, [], { put: [asks(STAFF)], dropped: [] });
    assert.equal(await visitAs(edge.https, STAFF, shows(await passOf(staff))), REFUSED);
    assert.equal(await visitAs(edge.https, STAFF), REQUIRED);
  });
});

describe('plain HTTP', () => {
  const plainly = async (port: number): Promise<readonly [number, string | undefined]> => {
    const socket = await dial(port, null);
    const reply = parse(await exchange(socket, request(STAFF, 'Connection: close\r\n')));
    return [reply.status, reply.headers.get('location')];
  };

  test('is sent to https where the zone says so, and refused else', async (t) => {
    const { edge, zone, plain } = await askingWorld(t);
    assert.deepEqual(await plainly(edge.http), [301, `https://${STAFF}:${edge.https}/`]);
    for (const ssl of ['full', 'flexible', 'origin_pull'] as const) {
      edge.change(zone, { ...zone.rules, alwaysUseHttps: false, ssl }, []);
      assert.equal((await plainly(edge.http))[0], 403, ssl);
    }
    assert.deepEqual(plain.seen, []);
  });

  test('is no way in either where SSL is off, and https then is none', async (t) => {
    const { edge, zone, staff, plain } = await askingWorld(t);
    edge.change(zone, { ...zone.rules, ssl: 'off' }, []);
    assert.equal((await plainly(edge.http))[0], 403);
    assert.equal(await visitAs(edge.https, STAFF), REQUIRED);
    const socket: TLSSocket = await meet(edge.https, STAFF, shows(await passOf(staff)));
    assert.equal(parse(await exchange(socket, request(STAFF, 'Connection: close\r\n'))).status, 301);
    assert.deepEqual(plain.seen, []);
  });
});

test('a WebSocket is refused like any other request', async (t) => {
  const { edge, origin } = await askingWorld(t);
  const fields =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n';
  const socket = await meet(edge.https, STAFF);
  assert.equal(parse(await exchange(socket, request(STAFF, fields))).status, 403);
  assert.equal(origin.seen.length, 0);
});
