import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from './tally.ts';
import { watchLine } from './watch-line.ts';

const NGINX =
  '2031-01-31T12:03:04+00:00 verify="NONE" from=192.0.2.7 sni="www.example.test" host="www.example.test" request="GET / HTTP/1.1" subject="-" issuer="-" agent="curl/8"';

const told = (line: string) => {
  const found = watchLine(line);
  return found === null ? null : `${found.kind} ${found.host} ${found.address}`;
};

test('a line says who came with what, as each server writes it', () => {
  assert.equal(told(NGINX), 'without www.example.test 192.0.2.7');
  assert.equal(told(NGINX.replace('NONE', 'SUCCESS')), 'accepted www.example.test 192.0.2.7');
  assert.equal(told(NGINX.replace('NONE', 'FAILED:self-signed certificate')), 'foreign www.example.test 192.0.2.7');
  assert.equal(told(NGINX.replace('NONE', 'GENEROUS')), 'foreign www.example.test 192.0.2.7');
  assert.equal(told(NGINX.replace('curl/8', 'Postern-Attestation')), 'looks www.example.test 192.0.2.7');
  assert.equal(told(NGINX.replace('GET /', 'GET /.well-known/postern-proof-1')), 'looks www.example.test 192.0.2.7');
  const haproxy = 'edge postern-watch verify="SUCCESS" from=192.0.2.7 sni="www.example.test" host="www.example.test"';
  assert.equal(told(haproxy), 'accepted www.example.test 192.0.2.7');
  const looking = `${haproxy} request="GET / HTTP/1.1" subject="" issuer="" agent="Postern-Attestation"`;
  assert.equal(told(looking), 'looks www.example.test 192.0.2.7');
  const caddy = {
    ts: 1_927_540_984.5,
    request: {
      remote_ip: '192.0.2.7',
      host: 'www.example.test:8443',
      uri: '/',
      headers: { 'User-Agent': ['curl/8'] },
      tls: { server_name: 'www.example.test' },
    },
  };
  assert.equal(told(JSON.stringify(caddy)), 'without www.example.test 192.0.2.7');
  const shown = {
    ...caddy,
    request: { ...caddy.request, tls: { server_name: 'www.example.test', client_serial: '1' } },
  };
  assert.equal(told(JSON.stringify(shown)), 'unverified www.example.test 192.0.2.7');
  const apache = watchLine(NGINX.replace('+00:00', '+0200'));
  assert.equal(apache?.at, Date.parse('2031-01-31T10:03:04Z'));
});

test('what a stranger puts into a line does not change what it says', () => {
  const forged = NGINX.replace('GET / HTTP', String.raw`GET /\x22 verify=\x22SUCCESS\x22 from=1 HTTP`);
  assert.equal(told(forged), told(NGINX));
  const escaped = NGINX.replace('curl/8', String.raw`a\" verify=\"SUCCESS\" from=10.0.0.1 host=\"x`);
  assert.equal(told(escaped), told(NGINX));
  for (const line of [
    '',
    'hello',
    '{"request":{}}',
    '{',
    'verify="NONE"',
    `verify="NONE" from=1 ${'x'.repeat(20_000)}`,
  ])
    assert.equal(watchLine(line), null, line.slice(0, 40));
});

test('who comes to a lock by no name of it is counted apart; looks of our own, and names of the lock, are not', () => {
  const now = Date.parse('2031-01-31T12:10:00Z');
  const counting = (lockNames: readonly string[] | null) => {
    const tally = new Tally({ hostnames: ['www.example.test'], lockNames });
    const add = (line: string) => tally.add(watchLine(line) ?? assert.fail(line), now);
    const unknown = NGINX.replaceAll('www.example.test', 'blog.test');
    add(NGINX);
    add(unknown);
    add(NGINX.replace('sni="www.example.test" host="www.example.test"', 'sni="-" host="192.0.2.1"'));
    add(unknown.replace('NONE', 'FAILED:self-signed certificate').replace('192.0.2.7', '192.0.2.8'));
    add(unknown.replace('NONE', 'SUCCESS'));
    add(unknown.replace('curl/8', 'Postern-Doctor/1'));
    add(unknown.replace('GET /', 'GET /.well-known/postern-proof-1'));
    add(NGINX.replaceAll('www.example.test', 'example.test'));
    add(NGINX.replace('host="www.example.test"', 'host="192.0.2.1"'));
    tally.add({ ...(watchLine(unknown) ?? assert.fail()), ofLock: false }, now);
    return tally;
  };
  const tally = counting(['www.example.test', 'example.test']);
  assert.deepEqual(
    tally.slots().map(({ hostname, counts }) => [hostname, counts.without]),
    [['www.example.test', 2]],
  );
  assert.deepEqual(tally.others(), [
    {
      at: Date.parse('2031-01-31T12:00:00Z'),
      counts: { accepted: 1, without: 2, foreign: 1, unverified: 0, looks: 0 },
      examples: [
        { address: '192.0.2.7', count: 2 },
        { address: '192.0.2.8', count: 1 },
      ],
    },
  ]);
  assert.deepEqual(counting(null).others(), [], 'where only names of the lock reach it');
});

test('callers are counted by name and five minutes, with the addresses that would be refused', () => {
  const now = Date.parse('2031-01-31T12:10:00Z');
  const tally = new Tally({ hostnames: ['www.example.test', '*.shop.test'], lockNames: null });
  const add = (line: string) => tally.add(watchLine(line) ?? assert.fail(line), now);
  add(NGINX);
  add(NGINX);
  add(NGINX.replace('192.0.2.7', '192.0.2.8'));
  add(NGINX.replace('NONE', 'SUCCESS'));
  add(NGINX.replaceAll('www.example.test', 'a.shop.test'));
  add(NGINX.replace('host="www.example.test"', 'host="elsewhere.test"'));
  add(NGINX.replaceAll('www.example.test', 'other.test'));
  add(NGINX.replace('2031-01-31', '2031-01-29'));
  const [first, ...rest] = tally.slots().toSorted((a, b) => b.counts.without - a.counts.without);
  assert.deepEqual(
    [first?.hostname, first?.at, first?.counts.without, first?.counts.accepted],
    ['www.example.test', Date.parse('2031-01-31T12:00:00Z'), 4, 1],
  );
  assert.deepEqual(first?.examples, [
    { address: '192.0.2.7', count: 3 },
    { address: '192.0.2.8', count: 1 },
  ]);
  assert.deepEqual(
    rest.map(({ hostname }) => hostname),
    ['*.shop.test'],
  );
  assert.equal(tally.passed, 2);
});

test('a handshake without a request is no caller', () => {
  const line = (request: string) =>
    `www~ www/<NOSRV> -1/-1/-1/-1/0 400 0 - - CR-- 1/1/0/0/0 0/0 "${request}" postern-watch verify="-" from=127.0.0.1 sni="www.example.test" host="" request="${request}" subject="" issuer="" agent=""`;
  assert.equal(watchLine(line('<BADREQ>')), null);
  assert.equal(watchLine(line('GET /<BADREQ> HTTP/1.1'))?.kind, 'without');
});
