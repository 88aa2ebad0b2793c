import assert from 'node:assert/strict';
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { distinguishedName } from '../../pki/name.ts';
import { MAX_FLIGHT, readFlight } from './asking.ts';

const NAME = distinguishedName({ commonName: 'The CA' });

function vector(octets: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(octets);
  head.writeUIntBE(body.length, 0, octets);
  return Buffer.concat([head, body]);
}

function message(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(type), vector(3, ...parts)]);
}

function record(type: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(type, 3, 3), vector(2, content)]);
}

function serverHello(suite: number, version: 0x0303 | 0x0304, random = randomBytes(32)): Buffer {
  const versions = Buffer.concat([Buffer.of(0, 43), vector(2, Buffer.of(version >> 8, version & 0xff))]);
  const fixed = [Buffer.of(3, 3), random, Buffer.of(0), Buffer.of(suite >> 8, suite & 0xff), Buffer.of(0)];
  return message(2, ...fixed, ...(version === 0x0304 ? [vector(2, versions)] : []));
}

const SCHEMES = Buffer.of(4, 3, 8, 4, 0xfe, 0xed);
const REQUEST_12 = message(
  13,
  vector(1, Buffer.of(1, 64)),
  vector(2, SCHEMES),
  vector(2, vector(2, NAME), vector(2, NAME)),
);
const REQUEST_13 = message(
  13,
  vector(1),
  vector(
    2,
    Buffer.concat([Buffer.of(0, 13), vector(2, vector(2, SCHEMES))]),
    Buffer.concat([Buffer.of(0, 47), vector(2, vector(2, vector(2, NAME), vector(2, NAME)))]),
  ),
);
const ASKED = {
  kind: 'certificate',
  authorities: ['CN=The CA', 'CN=The CA'],
  count: 2,
  schemes: ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256', '0xfeed'],
};

/** RFC 8446 §5.2 and §7.3 from the other side, with AES-128. */
class Sealer {
  readonly secret = randomBytes(32);
  #sequence = 0;

  seal(type: number, content: Uint8Array, padding = 0): Buffer {
    const nonce = this.#derived('iv', 12);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.#sequence) >>> 0, 8);
    this.#sequence += 1;
    const inner = Buffer.concat([content, Buffer.of(type), Buffer.alloc(padding)]);
    const head = Buffer.from([23, 3, 3, (inner.length + 16) >> 8, (inner.length + 16) & 0xff]);
    const cipher = createCipheriv('aes-128-gcm', this.#derived('key', 16), nonce).setAAD(head);
    return Buffer.concat([head, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
  }

  #derived(label: string, length: number): Buffer {
    const info = Buffer.concat([Buffer.of(0, length), vector(1, Buffer.from(`tls13 ${label}`)), Buffer.of(0, 1)]);
    return createHmac('sha256', this.secret).update(info).digest().subarray(0, length);
  }
}

function cut(bytes: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_none, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

describe('the first flight of a server', () => {
  test('of TLS 1.2 says in the clear what it asks for, in one record or in many', () => {
    const flight = Buffer.concat([serverHello(0xc02b, 0x0303), message(11, vector(3)), REQUEST_12, message(14)]);
    for (const size of [flight.length, 7, 100]) {
      const heard = Buffer.concat(cut(flight, size).map((piece) => record(22, piece)));
      assert.deepEqual(readFlight(heard, null)?.asks, ASKED);
      assert.equal(readFlight(heard, null)?.version, 'TLSv1.2');
    }
  });

  test('of TLS 1.3 is opened with its secret, padded or cut as it likes', () => {
    for (const size of [10_000, 9, 50]) {
      const sealer = new Sealer();
      const inner = Buffer.concat([message(8, vector(2)), REQUEST_13, message(11, vector(1), vector(3))]);
      const sealed = cut(inner, size).map((piece, index) => sealer.seal(22, piece, index % 3));
      const heard = Buffer.concat([record(22, serverHello(0x1301, 0x0304)), record(20, Buffer.of(1)), ...sealed]);
      assert.deepEqual(readFlight(heard, sealer.secret)?.asks, ASKED);
      assert.deepEqual(readFlight(heard, null), { version: 'TLSv1.3', asks: null, names: [] });
      assert.equal(readFlight(heard, randomBytes(32))?.asks, null);
    }
  });

  test('that goes on without asking asks for nothing, and one that resumes says nothing of it', () => {
    const flight12 = Buffer.concat([serverHello(0xc02b, 0x0303), message(11, vector(3)), message(14)]);
    assert.deepEqual(readFlight(record(22, flight12), null)?.asks, { kind: 'nothing' });
    const flights13 = [message(11, vector(1), vector(3)), message(20)].map((last) => {
      const sealer = new Sealer();
      const heard = [
        record(22, serverHello(0x1301, 0x0304)),
        sealer.seal(22, Buffer.concat([message(8, vector(2)), last])),
      ];
      return readFlight(Buffer.concat(heard), sealer.secret)?.asks;
    });
    assert.deepEqual(flights13, [{ kind: 'nothing' }, null]);
    const resumed12 = Buffer.concat([
      record(22, serverHello(0xc02b, 0x0303)),
      record(20, Buffer.of(1)),
      randomBytes(40),
    ]);
    assert.deepEqual(readFlight(resumed12, null), { version: 'TLSv1.2', asks: null, names: [] });
  });

  test('that breaks off before it could ask leaves that open', () => {
    const flight = Buffer.concat([serverHello(0xc02b, 0x0303), message(11, vector(3)), REQUEST_12]);
    assert.equal(readFlight(record(22, flight.subarray(0, -1)), null)?.asks, null);
    assert.equal(readFlight(record(22, flight).subarray(0, -1), null), null);
  });

  test('with names that are none tells their bytes', () => {
    const request = message(13, vector(1), vector(2), vector(2, vector(2, Buffer.of(0xde, 0xad))));
    const { asks } = readFlight(record(22, Buffer.concat([serverHello(0xc02b, 0x0303), request])), null) ?? {};
    assert.deepEqual(asks, { kind: 'certificate', authorities: ['#dead'], count: 1, schemes: [] });
  });

  test('is never more than a part of the truth when bytes of it are wrong: no mistake throws', () => {
    const sealer = new Sealer();
    const seeds = [
      record(22, Buffer.concat([serverHello(0xc02b, 0x0303), REQUEST_12, message(14)])),
      Buffer.concat([record(22, serverHello(0x1301, 0x0304)), sealer.seal(22, REQUEST_13)]),
    ];
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(change, { maxLength: 6 }), fc.nat(), (seed, changes, end) => {
        const bytes = Buffer.from(seed);
        for (const { at, to } of changes) bytes[at % bytes.length] = to;
        const flight = readFlight(bytes.subarray(0, bytes.length - (end % 40)), sealer.secret);
        assert.ok(flight === null || flight.names.length <= 1_000);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        readFlight(Buffer.from(bytes), sealer.secret);
      }),
    );
  });

  test('cut into ever so many records is not read to the end', () => {
    const names = vector(2, ...Array.from({ length: 1_200 }, () => vector(2, NAME)));
    const flight = Buffer.concat([serverHello(0xc02b, 0x0303), message(13, vector(1), vector(2), names), message(14)]);
    const heard = Buffer.concat(cut(flight, 1).map((piece) => record(22, piece))).subarray(0, MAX_FLIGHT);
    assert.deepEqual(readFlight(heard, null), { version: 'TLSv1.2', asks: null, names: [] });
  });
});
