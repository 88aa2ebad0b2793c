import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { plainAddress } from '../pull/address-class.ts';
import { proxyHeader } from '../inbound/proxy-header.ts';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

function v1(text: string): Buffer {
  return Buffer.from(`${text}\r\n`, 'latin1');
}

function v2(versionAndCommand: number, familyAndTransport: number, block: Buffer): Buffer {
  const head = Buffer.from([versionAndCommand, familyAndTransport, block.length >> 8, block.length & 255]);
  return Buffer.concat([SIGNATURE, head, block]);
}

const INET = Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0xc0, 0, 1, 187]);
const INET6 = Buffer.from(`20010db8${'00'.repeat(11)}07${'20010db8'}${'00'.repeat(12)}c00001bb`, 'hex');
const TLV = Buffer.from([0x01, 0, 2, 0x68, 0x32]);

describe('a PROXY header names the visitor', () => {
  const rows: readonly (readonly [what: string, bytes: Buffer, source: string | null])[] = [
    ['v1, IPv4', v1('PROXY TCP4 192.0.2.7 198.51.100.1 49152 443'), '192.0.2.7'],
    ['v1, IPv6', v1('PROXY TCP6 2001:db8::7 2001:db8::1 49152 443'), '2001:db8::7'],
    ['v1, unknown', v1('PROXY UNKNOWN'), null],
    ['v1, unknown with what nobody may use', v1('PROXY UNKNOWN ffff::1 ffff::2 1 2'), null],
    ['v2, IPv4', v2(0x21, 0x11, INET), '192.0.2.7'],
    ['v2, IPv6', v2(0x21, 0x21, INET6), '2001:db8::7'],
    ['v2 with more behind the addresses', v2(0x21, 0x11, Buffer.concat([INET, TLV])), '192.0.2.7'],
    ['v2, a health check', v2(0x20, 0x00, Buffer.alloc(0)), null],
    ['v2, a health check with addresses to skip', v2(0x20, 0x11, INET), null],
    ['v2, unspecified', v2(0x21, 0x00, TLV), null],
    ['v2, from a socket file', v2(0x21, 0x31, Buffer.alloc(216)), null],
  ];
  for (const [what, bytes, source] of rows) {
    test(what, () => {
      const read = proxyHeader(Buffer.concat([bytes, Buffer.from('GET / HTTP/1.1\r\n')]));
      assert.equal(read.kind, 'header');
      if (read.kind !== 'header') return;
      assert.deepEqual([read.length, plainAddress(read.source ?? '')], [bytes.length, source ?? '']);
      for (let size = 0; size < bytes.length; size += 1) {
        assert.deepEqual(proxyHeader(bytes.subarray(0, size)), { kind: 'more' }, `${size} bytes of it`);
      }
    });
  }
});

describe('what is no PROXY header is refused', () => {
  const rows: readonly (readonly [what: string, bytes: Buffer])[] = [
    ['a request', Buffer.from('GET / HTTP/1.1\r\n')],
    ['a TLS handshake', Buffer.from('16030100', 'hex')],
    ['other capitals', v1('proxy TCP4 192.0.2.7 198.51.100.1 1 2')],
    ['two spaces', v1('PROXY TCP4  192.0.2.7 198.51.100.1 1 2')],
    ['an address of the other family', v1('PROXY TCP4 2001:db8::7 198.51.100.1 1 2')],
    ['an address with a leading zero', v1('PROXY TCP4 192.0.2.07 198.51.100.1 1 2')],
    ['an address with a zone', v1('PROXY TCP6 fe80::1%eth0 2001:db8::1 1 2')],
    ['a port too high', v1('PROXY TCP4 192.0.2.7 198.51.100.1 65536 2')],
    ['a port less', v1('PROXY TCP4 192.0.2.7 198.51.100.1 1')],
    ['something more', v1('PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3')],
    ['datagrams in text', v1('PROXY UDP4 192.0.2.7 198.51.100.1 1 2')],
    ['a line that does not end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(200)}`)],
    ['a bare line feed', Buffer.from(`PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n${' '.repeat(100)}`)],
    ['v2, a later version', v2(0x31, 0x11, INET)],
    ['v2, an unknown command', v2(0x22, 0x11, INET)],
    ['v2, an unknown family', v2(0x21, 0x41, INET)],
    ['v2, datagrams', v2(0x21, 0x12, INET)],
    ['v2, no transport', v2(0x21, 0x10, INET)],
    ['v2, too short for its addresses', v2(0x21, 0x11, INET.subarray(0, 11))],
    ['v2, too short for its addresses, IPv6', v2(0x21, 0x21, INET6.subarray(0, 35))],
    ['v2, very long', v2(0x21, 0x11, Buffer.alloc(65_535))],
  ];
  for (const [what, bytes] of rows) {
    test(what, () => assert.equal(proxyHeader(bytes).kind, 'refused'));
  }

  test('as soon as it is clear, however long it says it is', () => {
    assert.equal(proxyHeader(v2(0x21, 0x11, Buffer.alloc(65_535)).subarray(0, 16)).kind, 'refused');
    assert.equal(proxyHeader(Buffer.from('PROXX')).kind, 'refused');
  });
});

test('property: whatever comes, nothing but an address is ever taken for one, and more bytes never undo a verdict', () => {
  const begun = fc.constantFrom(SIGNATURE, Buffer.concat([SIGNATURE, Buffer.from([0x21, 0x11, 0, 12])]), v1('PROXY '));
  const bytes = fc
    .tuple(fc.oneof(begun, fc.constant(Buffer.alloc(0))), fc.uint8Array({ maxLength: 200 }))
    .map((parts) => Buffer.concat(parts));
  fc.assert(
    fc.property(bytes, fc.nat(), (whole, cut) => {
      const early = proxyHeader(whole.subarray(0, cut % (whole.length + 1)));
      const late = proxyHeader(whole);
      if (early.kind !== 'more') assert.equal(late.kind, early.kind);
      if (late.kind !== 'header') return;
      assert.ok(late.length <= whole.length);
      assert.ok(late.source === null || isIP(late.source) !== 0);
    }),
    { numRuns: 2_000 },
  );
});
