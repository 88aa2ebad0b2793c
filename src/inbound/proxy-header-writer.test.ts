import assert from 'node:assert/strict';
import { SocketAddress } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { proxyHeader } from './proxy-header.ts';
import { proxyHeaderV2 } from './proxy-header-writer.ts';

const PORT = fc.integer({ min: 0, max: 65_535 });
const CERTIFICATE = fc.option(
  fc.record({ verified: fc.boolean(), commonName: fc.option(fc.string({ maxLength: 64 })) }),
);

function inOneSpelling(address: string): string {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  return new SocketAddress({ address, family }).address.replace(/^::ffff:(?=\d+\.)/, '');
}

test('property: what is written is read back, whatever the addresses', () => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4().map((four) => `::ffff:${four}`),
  );
  fc.assert(
    fc.property(address, address, PORT, CERTIFICATE, (source, target, port, certificate) => {
      const bytes = proxyHeaderV2({
        source: { address: source, port },
        target: { address: target, port },
        serverName: 'www.example.test',
        tlsVersion: 'TLSv1.3',
        certificate,
      });
      const read = proxyHeader(bytes);
      assert.ok(read.kind === 'header', JSON.stringify(read));
      assert.equal(read.length, bytes.length);
      assert.equal(inOneSpelling(read.source ?? ''), inOneSpelling(source));
    }),
  );
});
